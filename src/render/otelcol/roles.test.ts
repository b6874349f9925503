import { describe, expect, it } from 'vitest';
import { type PipelineGraph, type QueueSetting, viewerGraph } from '../../pipeline/index.ts';
import { planTopology, type TopologyType, type Workload } from '../../topology/index.ts';
import { renderOtelcol } from './render-otelcol.ts';
import type { RenderOptions } from './rendered-config.ts';
import { renderedYaml } from './rendered-yaml.ts';

const span = { file: 'a.yaml', line: 7, column: 1, endLine: 7, endColumn: 2 };
const queue: QueueSetting = { sizeBytes: 2 ** 24, onFull: 'DropNewest' };
const graph: PipelineGraph = {
  kind: 'TracePipeline',
  name: 'jaeger',
  signal: 'traces',
  receivers: [{ kind: 'receiver', type: 'otlp' }],
  processors: [],
  exporter: {
    kind: 'exporter',
    type: 'otlp',
    protocol: 'grpc',
    endpoint: { from: [{ namespace: 'obs', name: 'jaeger', key: 'endpoint' }] },
    exactUrl: false,
    tls: { insecure: false, insecureSkipVerify: false },
    compression: 'gzip',
    headers: [{ name: 'x', value: { text: 's3cret', from: [] } }],
    oauth2: {
      tokenUrl: 'https://login',
      clientId: { text: 'id', from: [] },
      clientSecret: { text: 'secret', from: [] },
      scopes: [],
      params: [],
      source: { span: { ...span, line: 9 }, field: 'spec.output.otlp.authentication.oauth2' },
    },
    source: { span, field: 'spec.output.otlp' },
  },
  queue,
};

function render(topology: TopologyType, role: Workload['role'], options: Partial<RenderOptions> = {}) {
  const graphs = [graph, viewerGraph('logs', { endpoint: 'http://127.0.0.1:9' })];
  const plan = planTopology(graphs, { topology, distribution: 'otelcol', capBytes: 2 ** 31 });
  const workload = plan.topology.workloads.find((one) => one.role === role)!;
  return renderOtelcol(workload, { otlpGrpc: '127.0.0.1:1', otlpHttp: '127.0.0.1:2', ...options });
}

function receiverOf(...args: Parameters<typeof render>) {
  const { receivers } = render(...args).config;
  return Object.values(receivers)[0]!['protocols'] as { readonly grpc: object; readonly http?: object };
}

describe('the receiver', () => {
  it.each([
    ['Shared', 'gateway', 16],
    ['PerSignal', 'router', 16],
    ['PerSignal', 'gateway', 64],
    ['PerPipeline', 'entry', 16],
    ['PerPipeline', 'dispatcher', 64],
  ] as const)('in %s of the %s takes requests of %d MiB', (topology, role, limit) => {
    const inner = { keepalive: { server_parameters: { max_connection_age: '60s', max_connection_age_grace: '15s' } } };
    expect(receiverOf(topology, role).grpc).toEqual({
      endpoint: '127.0.0.1:1',
      max_recv_msg_size_mib: limit,
      ...(limit === 64 ? inner : {}),
    });
  });

  it('of a dispatcher takes gRPC alone, as its entry sends nothing else', () => {
    expect(receiverOf('PerPipeline', 'dispatcher')).not.toHaveProperty('http');
  });

  it('lets in pages of the origins given, and without any none', () => {
    const origins = ['http://localhost:*', 'https://shop.example.com'];
    expect(receiverOf('Shared', 'gateway', { corsOrigins: origins }).http).toMatchObject({
      cors: { allowed_origins: origins, allowed_headers: ['*'] },
    });
    expect(receiverOf('Shared', 'gateway').http).not.toHaveProperty('cors');
  });
});

describe('a hop', () => {
  it('goes to the address given, balanced where that is a name of several', () => {
    const exporterWith = (peers: Readonly<Record<string, string>>) =>
      Object.values(render('PerSignal', 'router', { peers }).config.exporters)[0];
    expect(exporterWith({ 'trace-gateway': '127.0.0.1:3' })).toMatchObject({ endpoint: '127.0.0.1:3' });
    expect(exporterWith({ 'trace-gateway': '127.0.0.1:3' })).not.toHaveProperty('balancer_name');
    expect(exporterWith({ 'trace-gateway': 'dns:///trace-gateway-headless:4317' })).toMatchObject({
      endpoint: 'dns:///trace-gateway-headless:4317',
      balancer_name: 'round_robin',
    });
    expect(exporterWith({})).toMatchObject({ endpoint: 'trace-gateway:4317' });
  });

  it('of the router waits for the answer, and has no batch that would answer in its place', () => {
    const { config, pipelines } = render('PerSignal', 'router');
    expect(Object.keys(config.processors)).toEqual(['memory_limiter']);
    expect(Object.values(config.exporters)[0]).toMatchObject({
      timeout: '3s',
      sending_queue: { wait_for_result: true, sizer: 'bytes', queue_size: 64 * 2 ** 20, num_consumers: 100 },
    });
    expect(pipelines).toEqual([]);
  });

  it('of the entry knows no secret of the pipeline, and names its line', () => {
    const rendered = render('PerPipeline', 'entry', { peers: { 'trace-dispatcher-jaeger': '127.0.0.1:3' } });
    expect(rendered).toMatchObject({ secrets: {}, missingSecrets: {}, config: { extensions: {} } });
    expect(renderedYaml(rendered)).toContain('  otlp_grpc/tracepipeline-jaeger:\n    # a.yaml:7  spec.output.otlp');
  });
});

describe('a pipeline with credentials', () => {
  const rendered = render('Shared', 'gateway');
  const yaml = renderedYaml(rendered);

  it('has an extension of its own, which names its line', () => {
    expect(yaml).toContain(
      '  oauth2client/tracepipeline-jaeger:\n    # a.yaml:9  spec.output.otlp.authentication.oauth2\n',
    );
    expect(rendered.config.service.extensions).toEqual(['oauth2client/tracepipeline-jaeger']);
    expect(rendered.config.exporters).toMatchObject({
      'otlp_grpc/tracepipeline-jaeger': { auth: { authenticator: 'oauth2client/tracepipeline-jaeger' } },
    });
  });

  it('says which variables it needs, where they come from, and no value', () => {
    expect(yaml.split('\n\n')[0]).toBe(
      [
        '# needs these environment variables:',
        '#   SLUICE_TRACEPIPELINE_JAEGER_client_id',
        '#   SLUICE_TRACEPIPELINE_JAEGER_client_secret',
        '#   SLUICE_TRACEPIPELINE_JAEGER_endpoint: key endpoint of Secret obs/jaeger',
        '#   SLUICE_TRACEPIPELINE_JAEGER_header_X',
      ].join('\n'),
    );
    expect(yaml).not.toContain('s3cret');
  });
});

it('a viewer in another process is reached over HTTP through a small queue', () => {
  expect(render('Shared', 'gateway').config.exporters).toMatchObject({
    'otlp_http/logpipeline-_viewer': {
      endpoint: 'http://127.0.0.1:9',
      compression: 'none',
      sending_queue: { queue_size: 4 * 2 ** 20 },
    },
  });
});
