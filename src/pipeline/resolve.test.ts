// biome-ignore-all lint/suspicious/noTemplateCurlyInString: user text that looks like a reference
import { describe, expect, it } from 'vitest';
import { readResources } from '../apis/index.ts';
import { qualifiedName } from './graph.ts';
import { resolve } from './resolve.ts';
import { viewerGraph } from './viewer-graph.ts';

function load(kind: string, spec: object) {
  const manifest = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name: 'p' }, spec };
  const { resources, issues } = readResources([{ file: 'a.yaml', text: JSON.stringify(manifest, null, 2) }]);
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return resources[0]!;
}

function otlp(output: object) {
  const { graph } = resolve(load('TracePipeline', { output: { otlp: output } }));
  if (graph?.exporter.type !== 'otlp') throw new Error('no OTLP exporter');
  return graph.exporter;
}

describe('resolve', () => {
  it('gives a pipeline its defaults: gRPC, gzip, encrypted, 16 MiB of queue', () => {
    const { graph, issues } = resolve(
      load('TracePipeline', { output: { otlp: { endpoint: { value: 'backend:4317' } } } }),
    );
    expect(issues).toEqual([]);
    expect(graph).toMatchObject({
      kind: 'TracePipeline',
      signal: 'traces',
      receivers: [{ type: 'otlp' }],
      queue: { sizeBytes: 16 * 2 ** 20, onFull: 'DropNewest' },
      exporter: {
        type: 'otlp',
        protocol: 'grpc',
        endpoint: 'backend:4317',
        exactUrl: false,
        tls: { insecure: false, insecureSkipVerify: false },
        compression: 'gzip',
        headers: [],
        source: { field: 'spec.output.otlp', span: { line: 9 } },
      },
    });
  });

  it('is frozen all the way down', () => {
    const { graph } = resolve(load('LogPipeline', { output: { stdout: {} } }));
    expect(() => ((graph as { exporter: { type: string } }).exporter.type = 'otlp')).toThrow(TypeError);
  });

  it.each([
    ['backend:4317', undefined, false],
    ['backend:4317', true, true],
    ['http://backend:4317', undefined, true],
    ['http://backend:4317', false, true],
    ['https://backend:4317', undefined, false],
    ['HTTP://backend:4317', undefined, true],
  ])('sends %s with tls.insecure %s in plain text: %s', (value, insecure, expected) => {
    const tls = insecure === undefined ? {} : { tls: { insecure } };
    expect(otlp({ endpoint: { value }, ...tls }).tls.insecure).toBe(expected);
  });

  it.each([
    ['http://h:1', '/v1/spans', 'http://h:1/v1/spans'],
    ['http://h:1/', 'v1/spans', 'http://h:1/v1/spans'],
    ['http://h:1/base/', '/v1', 'http://h:1/base/v1'],
    ['http://h', '/$$1/${env:X}', 'http://h/$1/${env:X}'],
  ])('adds to %s the path %s', (value, path, expected) => {
    expect(otlp({ protocol: 'http', endpoint: { value }, path })).toMatchObject({ endpoint: expected, exactUrl: true });
  });

  it('writes endpoints as the Collector takes them', () => {
    expect(otlp({ endpoint: { value: 'HTTPS://Backend:4317/' } }).endpoint).toBe('https://Backend:4317');
    expect(otlp({ protocol: 'http', endpoint: { value: 'HTTP://h/base/' } }).endpoint).toBe('http://h/base/');
  });

  it.each(['http://h/100%', 'http://h/%zz', 'http://[fe80::1%25]:4318'])(
    'refuses %s, which the Collector cannot parse',
    (value) => {
      const resolved = resolve(load('TracePipeline', { output: { otlp: { protocol: 'http', endpoint: { value } } } }));
      expect(resolved).toMatchObject({ issues: [{ code: 'SL0110', severity: 'error' }] });
      expect(resolved.graph).toBeUndefined();
    },
  );

  it('puts a prefix in front of a header value, and takes $$ as $ and all else as it is written', () => {
    const headers = [
      { name: 'Authorization', prefix: ' Bearer ', value: 'a$$b' },
      { name: 'x', value: '${env:HOME} $1' },
    ];
    expect(otlp({ endpoint: { value: 'h:1' }, headers }).headers).toEqual([
      { name: 'Authorization', value: { text: 'Bearer a$b', from: [] } },
      { name: 'x', value: { text: '${env:HOME} $1', from: [] } },
    ]);
  });

  it('rotates a file only when asked to', () => {
    const file = (spec: object) =>
      resolve(load('LogPipeline', { output: { file: { path: 'x', ...spec } } })).graph?.exporter;
    expect(file({})).not.toHaveProperty('rotation');
    expect(file({ rotation: {} })).toMatchObject({ rotation: { maxSizeBytes: 100 * 2 ** 20, maxBackups: 100 } });
    expect(file({ rotation: { maxSize: '2Mi' } })).toMatchObject({
      rotation: { maxSizeBytes: 2 * 2 ** 20, maxBackups: 100 },
    });
  });

  it.each([
    ['http://h:1/v1/traces', undefined, ['SL0308']],
    ['http://h:1/v1/traces/', 'v1/traces', ['SL0308']],
    ['http://h:1/v1', undefined, []],
    ['http://h:1', '/v1/traces', []],
    ['http://h:1/v1/traces', '/custom', []],
  ])('warns of a path that is added to one: %s with path %s', (value, path, codes) => {
    const output = { otlp: { protocol: 'http', endpoint: { value }, ...(path === undefined ? {} : { path }) } };
    const { graph, issues } = resolve(load('TracePipeline', { output }));
    expect(graph).toBeDefined();
    expect(issues.map((issue) => issue.code)).toEqual(codes);
  });

  it('warns of a pipeline that nothing sends to', () => {
    const { graph, issues } = resolve(
      load('MetricPipeline', { input: { otlp: { enabled: false } }, output: { stdout: {} } }),
    );
    expect(graph?.receivers).toEqual([]);
    expect(issues).toMatchObject([{ code: 'SL0307', severity: 'warning', span: { line: 10 } }]);
  });

  it('warns of a buffer that nothing fills', () => {
    const { issues } = resolve(
      load('LogPipeline', { output: { stdout: {} }, delivery: { buffer: { maxSize: '2Mi' } } }),
    );
    expect(issues).toMatchObject([{ code: 'SL0306', severity: 'warning' }]);
  });

  it('turns what it did not expect into an issue of this one resource', () => {
    const loaded = load('TracePipeline', { output: { stdout: {} } });
    const spec = { ...loaded.resource.spec, output: {} };
    const resolved = resolve({ ...loaded, resource: { ...loaded.resource, spec } as never });
    expect(resolved).toMatchObject({ issues: [{ code: 'SL0000', severity: 'error', span: { file: 'a.yaml' } }] });
    expect(resolved.graph).toBeUndefined();
  });
});

describe('viewerGraph', () => {
  it('shows a signal in the viewer, under a name that no resource can have', () => {
    const graph = viewerGraph('metrics');
    expect(graph).toMatchObject({ kind: 'MetricPipeline', signal: 'metrics', exporter: { type: 'viewer' } });
    expect(graph.name).not.toMatch(/^[a-z0-9]/);
    expect(qualifiedName(graph)).toBe('metricpipeline-_viewer');
  });
});
