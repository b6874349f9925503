import { afterEach, describe, expect, it } from 'vitest';
import { API_TOKEN, type ApiServer, startApiServer } from '../../test/testkit/api-server.ts';
import type { FlowGraph } from '../flow/index.ts';
import { CodedError } from '../lib/index.ts';
import type { ConfigurationDocument, GraphDocument, GraphFigures, OverviewDocument, PipelineDocument } from './api.ts';
import type { ServerOptions } from './server-options.ts';

let api: ApiServer | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  api = await startApiServer(options);
}

const call: ApiServer['call'] = (path, options) => api!.call(path, options);

const GRAPH: FlowGraph = {
  topology: 'Shared',
  nodes: [
    { id: 'input/otlp-gateway', stage: 'input', label: 'OTLP', workload: 'otlp-gateway' },
    {
      id: 'backend/tracepipeline-demo',
      stage: 'backend',
      label: 'localhost:14317 (gRPC)',
      pipeline: { kind: 'TracePipeline', name: 'demo' },
      source: { file: 'telemetry.yaml', line: 9, field: 'spec.output.otlp' },
    },
  ],
  edges: [{ from: 'input/otlp-gateway', to: 'backend/tracepipeline-demo', signal: 'traces' }],
};

const CONFIGURATION: ConfigurationDocument = {
  generation: 3,
  loadedAt: '2026-11-21T10:00:00.000Z',
  activatedMs: 12,
  state: 'partly',
  topology: 'Shared',
  files: [{ file: 'telemetry.yaml', text: 'kind: TracePipeline\n' }],
  issues: [
    {
      code: 'SL0101',
      severity: 'error',
      message: 'unknown field `spec.outptu`',
      span: { file: 'telemetry.yaml', line: 5, column: 3, endLine: 5, endColumn: 9 },
    },
    {
      code: 'SL0104',
      severity: 'error',
      message: 'of another',
      span: { file: 'telemetry.yaml', line: 25, column: 3, endLine: 25, endColumn: 9 },
    },
  ],
  pipelines: [
    {
      kind: 'TracePipeline',
      name: 'demo',
      source: { file: 'telemetry.yaml', line: 1, endLine: 10 },
      runs: 'previous',
      origin: 'file',
      blocks: [
        {
          workload: 'otlp-gateway',
          block: 'exporters/otlp_grpc/tracepipeline-demo',
          line: 9,
          field: 'spec.output.otlp',
        },
      ],
    },
    {
      kind: 'LogPipeline',
      name: 'never',
      source: { file: 'telemetry.yaml', line: 20, endLine: 30 },
      runs: 'nothing',
      origin: 'file',
      blocks: [],
    },
  ],
  rendered: [
    { workload: 'otlp-gateway', yaml: 'exporters: {}\n' },
    { workload: 'another', yaml: 'exporters: {}\n' },
  ],
};

describe('picture and configuration', () => {
  it('serves the picture with its figures, and everything about one pipeline', async () => {
    await start({ graph: () => GRAPH, configuration: () => CONFIGURATION });
    const graph: GraphDocument = (await call('/api/v1/graph')).json;
    expect(graph).toMatchObject({ topology: 'Shared', edges: [{ perSecond: 0 }] });
    expect((await call('/api/v1/configuration')).json.generation).toBe(3);
    const demo: PipelineDocument = (await call('/api/v1/pipelines/tracepipeline/demo')).json;
    expect(demo).toMatchObject({
      status: { name: 'demo' },
      source: { runs: 'previous' },
      file: CONFIGURATION.files[0],
    });
    expect(demo.issues.map(({ code }) => code)).toEqual(['SL0101']);
    expect(demo.rendered.map(({ workload }) => workload)).toEqual(['otlp-gateway']);
  });

  it('knows pipelines that have never been valid, and calls what runs an older version a warning', async () => {
    await start({ configuration: () => CONFIGURATION });
    const { pipelines, problems }: OverviewDocument = (await call('/api/v1/overview')).json;
    expect(pipelines.map(({ name, reason }) => [name, reason])).toContainEqual(['never', 'ConfigurationInvalid']);
    expect(problems.map(({ severity, code, source }) => [severity, code, source?.line])).toEqual([
      ['error', 'SL0104', 25],
      ['warning', 'SL0101', 5],
    ]);
  });

  it('answers 404 with a code for what it does not have', async () => {
    await start();
    for (const path of ['/api/v1/graph', '/api/v1/configuration', '/api/v1/pipelines/TracePipeline/none']) {
      expect(await call(path)).toMatchObject({ status: 404, json: { error: { code: 'SL0914' } } });
    }
    expect((await call('/api/v1/pipelines/TracePipeline/%zz')).status).toBe(404);
  });

  it('streams only the topics that were asked for: the picture whole at first, then its figures', async () => {
    let graph = GRAPH;
    await start({ graph: () => graph, configuration: () => CONFIGURATION });
    const stream = await api!.openStream('graph,configuration');
    await expect.poll(() => stream.named('figures').length, { timeout: 5000 }).toBeGreaterThanOrEqual(1);
    expect(stream.named('graph')).toHaveLength(1);
    expect((stream.named('figures')[0] as GraphFigures).edges).toHaveLength(1);
    graph = { ...GRAPH, topology: 'PerSignal' };
    api?.server.configurationChanged();
    await expect.poll(() => stream.named('graph').length).toBe(2);
    expect(stream.named('configuration')).toHaveLength(2);
    expect(stream.named('stats')).toEqual([]);
    stream.end();
  });
});

describe('changing what runs', () => {
  const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' };
  const post = (path: string, body: unknown, extra: Record<string, string> = {}) =>
    call(path, { method: 'POST', headers: { ...headers, ...extra }, body: JSON.stringify(body) });
  const applied = { changes: [], issues: [], generation: 4 };

  it('passes validate, apply and delete on to those who do them', async () => {
    const calls: unknown[] = [];
    const record = async (request: unknown) => {
      calls.push(request);
      return applied;
    };
    await start({ apply: record, delete: record, validate: (text) => ({ issues: [], resourceCount: text.length }) });
    expect(await post('/api/v1/validate', { text: 'abc' })).toMatchObject({ status: 200, json: { resourceCount: 3 } });
    const files = [{ file: 'a.yaml', text: 'kind: TracePipeline' }];
    expect((await post('/api/v1/local/apply', { files, dryRun: true })).json).toEqual(applied);
    expect((await post('/api/v1/local/delete', { kind: 'TracePipeline', name: 'demo' })).json).toEqual(applied);
    expect(calls).toEqual([
      { files, dryRun: true },
      { kind: 'TracePipeline', name: 'demo' },
    ]);
  });

  it.each([
    ['/api/v1/validate', {}],
    ['/api/v1/validate', { text: 5 }],
    ['/api/v1/validate', []],
    ['/api/v1/local/apply', {}],
    ['/api/v1/local/apply', { files: [] }],
    ['/api/v1/local/apply', { files: ['a'] }],
    ['/api/v1/local/apply', { files: [{ file: 'a' }] }],
    ['/api/v1/local/apply', { files: [{ file: 'a', text: 'value: ‹hidden›' }] }],
    ['/api/v1/local/apply', { files: ['b', 'c'].map((text) => ({ file: 'a', text })) }],
    ['/api/v1/local/apply', { files: [{ file: 'a', text: 'b' }], dryRun: 'yes' }],
    ['/api/v1/local/delete', { kind: 'TracePipeline' }],
  ])('refuses a body it cannot use: %s %j', async (path, body) => {
    const never = () => Promise.reject(new Error('must not be called'));
    await start({ apply: never, delete: never, validate: never });
    expect(await post(path, body)).toMatchObject({ status: 400, json: { error: { code: 'SL0911' } } });
  });

  it('takes JSON of a bounded size alone, with the token, from its own pages', async () => {
    await start({ apply: async () => applied, validate: () => ({ issues: [], resourceCount: 0 }) });
    const path = '/api/v1/validate';
    expect((await post(path, { text: '' }, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(path, { text: 'x'.repeat(3 * 1024 * 1024) })).status).toBe(413);
    expect((await post(path, { text: '' }, { authorization: '' })).status).toBe(401);
    expect((await post('/api/v1/local/apply', {}, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await call(path, { method: 'POST', headers, body: '{' })).status).toBe(400);
    expect((await post('/api/v1/local/delete', { kind: 'a', name: 'b' })).status).toBe(404);
  });

  it('says why a change was refused in the words of who refused it, and never what was sent', async () => {
    const errors: unknown[] = [];
    const canary = 'canary-6f1c';
    await start({
      apply: () => Promise.reject(new CodedError('SL0405', 'nothing was applied')),
      delete: () => Promise.reject(new Error(`lost ${canary}`)),
      onError: (error) => errors.push(error),
    });
    const refused = await post('/api/v1/local/apply', { files: [{ file: 'a', text: canary }] });
    expect(refused).toMatchObject({ status: 422, json: { error: { code: 'SL0405', message: 'nothing was applied' } } });
    const broken = await post('/api/v1/local/delete', { kind: canary, name: canary });
    expect(broken).toMatchObject({ status: 500, json: { error: { code: 'SL0000' } } });
    for (const body of [{ files: [{ file: canary, text: 5 }] }, { files: canary }, { files: [], dryRun: canary }]) {
      expect((await post('/api/v1/local/apply', body)).body).not.toContain(canary);
    }
    expect(refused.body + broken.body).not.toContain(canary);
    expect(errors).toHaveLength(1);
  });
});
