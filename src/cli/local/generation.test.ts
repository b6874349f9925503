import { describe, expect, it } from 'vitest';
import { type Generation, type GenerationOptions, type Inputs, readGeneration } from './generation.ts';

const CAP = 512 * 2 ** 20;

function pipeline(name: string, change: { readonly port?: number; readonly queue?: string } = {}): string {
  const { port = 4317, queue = '16Mi' } = change;
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: ${name} }
spec:
  output: { otlp: { endpoint: { value: "http://127.0.0.1:${port}" } } }
  delivery: { buffer: { maxSize: ${queue} } }
`;
}

function read(text: string, before?: Generation, options: Partial<GenerationOptions & Inputs> = {}): Generation {
  const { secretFiles = [], overlays = [], unreadable, ...rest } = options;
  const inputs = { files: [{ file: 'a.yaml', text }], secretFiles, overlays, ...(unreadable && { unreadable }) };
  return readGeneration(inputs, { capBytes: CAP, ...(before && { before: before.pipelines }), ...rest });
}

const runs = ({ pipelines }: Generation) =>
  pipelines.map(({ name, runs: which, version }) => {
    const { exporter, queue } = version.graph;
    return `${name} ${which} ${exporter.type === 'otlp' ? JSON.stringify(exporter.endpoint) : ''} ${(queue?.sizeBytes ?? 0) / 2 ** 20}`;
  });
const codes = ({ issues }: Generation) => issues.map(({ code }) => code);

describe('what runs', () => {
  it('is the last version that every stage accepted', () => {
    const first = read(pipeline('a', { port: 1 }));
    const unresolvable = pipeline('a').replace('otlp: {', 'otlp: { protocol: http, path: "/%zz",');
    for (const text of [pipeline('a').replace('maxSize', 'maxSzie'), unresolvable]) {
      const next = read(text, first);
      expect(runs(next)).toEqual(['a previous "http://127.0.0.1:1" 16']);
      expect(next.issues[0]!.notes).toContain('the engine keeps running with the previous version of tracepipeline/a');
    }
  });

  it('keeps a pipeline whose new queue finds no room, and those beside it', () => {
    const first = read(`${pipeline('a')}---\n${pipeline('b')}`);
    const next = read(`${pipeline('a', { queue: '2Gi' })}---\n${pipeline('b', { port: 9 })}`, first);
    expect(runs(next)).toEqual(['a previous "http://127.0.0.1:4317" 16', 'b current "http://127.0.0.1:9" 16']);
    expect(codes(next)).toEqual(['SL0405']);
    expect(next.leftOut).toEqual([]);
  });

  it('weighs signals as the Telemetry resource of the files says', () => {
    const telemetry = `apiVersion: operator.kyma-project.io/v1beta1
kind: Telemetry
metadata: { name: default, namespace: kyma-system }
spec: { trace: { gateway: { priority: 7, memory: 64Mi } } }
`;
    const { topology, issues } = read(`${telemetry}---\n${pipeline('a')}`);
    expect(issues).toEqual([]);
    expect(topology.workloads).toMatchObject([{ priority: { traces: 7 }, memory: { capBytes: CAP } }]);
  });

  it('tells once what is wrong with a file of Secrets', () => {
    const text = 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { k: "?" }\n';
    const secretFiles = [{ file: 's.yaml', text }];
    expect(codes(read(pipeline('a'), undefined, { secretFiles }))).toEqual(['SL0105']);
  });

  it('takes an applied Secret before one of the same name in a file, and none is a second definition', () => {
    const secret = (value: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { k: "http://${value}:4317" }\n`;
    const ref = '{ valueFrom: { secretKeyRef: { name: s, namespace: default, key: k } } }';
    const text = pipeline('a').replace('{ value: "http://127.0.0.1:4317" }', ref);
    const inputs = {
      files: [{ file: 'a.yaml', text: `${text}---\n${secret('in-file')}` }],
      secretFiles: [{ file: 's.yaml', text: secret('secret-file') }],
    };
    const endpointOf = (appliedSecrets: Inputs['secretFiles'], overlays: Inputs['overlays']) => {
      const { issues, pipelines } = readGeneration({ ...inputs, appliedSecrets, overlays }, { capBytes: CAP });
      expect(issues).toEqual([]);
      return JSON.stringify(pipelines[0]!.version.graph.exporter);
    };
    expect(endpointOf([], [])).toContain('http://secret-file:4317');
    const applied = [{ file: 'applied default/s', text: secret('applied') }];
    expect(endpointOf(applied, [])).toContain('http://applied:4317');
    expect(endpointOf(applied, [{ file: 'posted', text: secret('posted') }])).toContain('http://posted:4317');
  });

  it('says of a pipeline that Fluent Bit runs in a cluster that it is not for here, and not that it is invalid', () => {
    const fluentBit = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: LogPipeline
metadata: { name: fb }
spec:
  filters: [{ custom: "Name parser\\nKey_Name log\\nParser own" }]
  output: { http: { host: { value: logs.example.com } } }
---
apiVersion: telemetry.kyma-project.io/v1alpha1
kind: LogParser
metadata: { name: own }
spec: { parser: "Format json" }
`;
    const next = read(`${pipeline('a')}---\n${fluentBit}`);
    expect(codes(next)).toEqual(['SL0614']);
    expect(next.leftOut).toEqual([]);
  });

  it('leaves out what never had room, and says of whom', () => {
    const next = read(`${pipeline('a')}---\n${pipeline('big', { queue: '2Gi' })}`);
    expect(runs(next)).toEqual(['a current "http://127.0.0.1:4317" 16']);
    expect(next.leftOut.map(({ name }) => name)).toEqual(['big']);
  });

  it('takes an overlay instead of the file, without a word of a duplicate', () => {
    const overlays = [{ file: 'applied.yaml', text: `${pipeline('a', { port: 2 })}---\n${pipeline('new')}` }];
    const next = read(`${pipeline('a', { port: 1 })}---\n${pipeline('b')}`, undefined, { overlays });
    expect(next.issues).toEqual([]);
    expect(next.pipelines.map(({ name, file }) => `${name} ${file}`)).toEqual([
      'b a.yaml',
      'a applied.yaml',
      'new applied.yaml',
    ]);
  });

  it('keeps what came from a file that cannot be read, or whose document does not say what it is', () => {
    const first = read(`${pipeline('a')}---\n${pipeline('b')}`);
    const nameless = `${pipeline('a')}---\n${pipeline('b').replace('name: b', 'labels: {}')}`;
    const misspelt = `${pipeline('a')}---\n${pipeline('b').replace('TracePipeline', 'TracePipelien')}`;
    for (const text of ['a: [', `${pipeline('a')}---\n}`, nameless, misspelt]) {
      expect(
        runs(read(text, first))
          .map((line) => line.split(' ')[0])
          .sort(),
        text,
      ).toEqual(['a', 'b']);
    }
    expect(runs(read('kind: Deployment\napiVersion: apps/v1\n', first))).toEqual([]);
  });

  it('keeps a pipeline whose Secret has gone, with the value it had', () => {
    const withSecret = pipeline('a').replace(
      'otlp: {',
      'otlp: { headers: [{ name: x, valueFrom: { secretKeyRef: { namespace: default, name: s, key: k } } }],',
    );
    const secret = {
      file: 's.yaml',
      text: 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { k: v }\n',
    };
    const first = read(withSecret, undefined, { secretFiles: [secret] });
    expect(first.issues).toEqual([]);
    const next = read(withSecret, first);
    expect(codes(next)).toEqual(['SL0401']);
    expect(next.pipelines[0]).toMatchObject({ runs: 'previous' });
    expect(JSON.stringify(next.pipelines[0]!.version.graph)).toContain('"v"');
    expect(JSON.stringify(next.issues)).not.toContain('"v"');
  });

  it('is the built-in pipelines where there is no resource at all', () => {
    expect(read('').builtIn).toBe(true);
    expect(read('').topology.workloads[0]).toMatchObject({ role: 'gateway' });
    expect(read(pipeline('a').replace('output', 'x')).builtIn).toBe(false);
  });

  it('takes the topology that the files ask for, unless it was given one', () => {
    const telemetry = `apiVersion: operator.kyma-project.io/v1beta1
kind: Telemetry
metadata: { name: default }
spec: { topology: { type: PerPipeline } }
`;
    expect(read(`${telemetry}---\n${pipeline('a')}`).topology.type).toBe('PerPipeline');
    const given = read(`${telemetry}---\n${pipeline('a')}`, undefined, { topology: 'Shared' });
    expect(given).toMatchObject({ topology: { type: 'Shared' }, askedTopology: 'PerPipeline' });
  });
});
