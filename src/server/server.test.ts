import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeRequest } from '../../test/testkit/otlp-proto.ts';
import { Account, type EngineSnapshot, type FlowGraph } from '../flow/index.ts';
import { CodedError, systemClock } from '../lib/index.ts';
import type { ConfigurationDocument, GraphDocument, GraphFigures, OverviewDocument, PipelineDocument } from './api.ts';
import { createAttemptLog } from './attempt-log.ts';
import { createServer, type Server } from './server.ts';
import type { ServerOptions } from './server-options.ts';
import { createViewer } from './viewer/viewer.ts';

const TOKEN = 'a-token-of-some-length';
const account = new Account();
const viewer = createViewer({ clock: systemClock });
viewer.add(
  'traces',
  encodeRequest('traces', {
    resourceSpans: [
      { scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 0xab), spanId: Buffer.alloc(8, 1), name: 'GET /' }] }] },
    ],
  }),
  1,
);

function snapshot(): EngineSnapshot {
  return {
    takenAtMs: Date.now(),
    offered: { traces: account.received, metrics: 0, logs: 0 },
    pipelines: [
      { id: 'traces/tracepipeline-demo', signal: 'traces', ledger: account.row(), exporters: [] },
      { id: 'traces/internal', signal: 'traces', ledger: account.row(), exporters: [] },
    ],
  };
}

let uiDir: string;
let server: Server | undefined;
let port = 0;

beforeEach(() => {
  uiDir = mkdtempSync(join(tmpdir(), 'sluice-ui-'));
  mkdirSync(join(uiDir, 'assets'));
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>sluice</title>');
  writeFileSync(join(uiDir, 'assets', 'index-D4f9aB2c.js'), 'export {};');
  writeFileSync(join(uiDir, 'favicon.svg'), '<svg/>');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(uiDir, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}, host = '127.0.0.1'): Promise<void> {
  server = createServer({
    snapshot,
    pipelines: [{ kind: 'TracePipeline', name: 'demo', pipelineId: 'traces/tracepipeline-demo', signal: 'traces' }],
    viewer,
    metrics: () => 'otelcol_process_uptime_seconds_total 1\n',
    attempts: createAttemptLog(),
    clock: systemClock,
    version: '0.1.0',
    source: 'built-in pipelines',
    startedAt: new Date().toISOString(),
    endpoints: { grpc: 'localhost:4317', http: 'http://localhost:4318', ui: 'http://localhost:4390' },
    memoryLimitBytes: 512 * 1024 * 1024,
    token: TOKEN,
    uiDir,
    ...options,
  });
  ({ port } = await server.listen({ host, port: 0 }));
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many documents
  readonly json: any;
}

/** Sends exactly these headers; `fetch` would not let a test choose Host. */
function call(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body: sentBody } = options;
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') && body !== '';
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          json: isJson ? JSON.parse(body) : undefined,
        });
      });
    });
    sent.on('error', reject);
    sent.end(sentBody);
  });
}

describe('documents', () => {
  it('serves overview, pipelines, ledger and attempts of the pipelines people know', async () => {
    await start();
    const overview: OverviewDocument = (await call('/api/v1/overview')).json;
    expect(overview).toMatchObject({ version: '0.1.0', source: 'built-in pipelines', health: { state: 'waiting' } });
    expect(overview.pipelines.map(({ name }) => name)).toEqual(['demo']);
    expect((await call('/api/v1/pipelines')).json.items).toHaveLength(1);
    const { json: ledger } = await call('/api/v1/ledger');
    expect(ledger.pipelines).toEqual([
      expect.objectContaining({ kind: 'TracePipeline', name: 'demo', unaccounted: 0 }),
    ]);
    expect((await call('/api/v1/ingest/attempts')).json).toEqual({ items: [] });
  });

  it('serves what the viewer keeps', async () => {
    await start();
    expect((await call('/api/v1/explore/traces')).json.items).toMatchObject([
      { traceId: 'ab'.repeat(16), name: 'GET /' },
    ]);
    expect((await call(`/api/v1/explore/traces/${'AB'.repeat(16)}`)).json.spans).toHaveLength(1);
    expect((await call('/api/v1/explore/metrics?points=5')).json.items).toEqual([]);
    expect((await call('/api/v1/explore/logs?limit=5')).json.items).toEqual([]);
  });

  it('serves probes and metrics', async () => {
    await start();
    expect(await call('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await call('/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
    const metrics = await call('/metrics');
    expect(metrics.body).toContain('otelcol_process_uptime_seconds_total 1');
    expect(metrics.headers['content-type']).toContain('version=0.0.4');
  });

  it('never lets a document be cached', async () => {
    await start();
    expect((await call('/api/v1/overview')).headers['cache-control']).toBe('no-store');
  });
});

describe('errors', () => {
  it.each([
    ['/api/v1/nothing', 'GET', 404, 'SL0910'],
    ['/api/v1/overview', 'POST', 405, 'SL0910'],
    ['/page', 'POST', 405, 'SL0910'],
    ['/api/v1/explore/traces?limit=0', 'GET', 400, 'SL0911'],
    ['/api/v1/explore/traces?limit=1e9', 'GET', 400, 'SL0911'],
    ['/api/v1/explore/traces?limit=-5', 'GET', 400, 'SL0911'],
    [`/api/v1/explore/logs?q=${'x'.repeat(201)}`, 'GET', 400, 'SL0911'],
    ['/api/v1/explore/logs?traceId=zz', 'GET', 400, 'SL0911'],
    ['/api/v1/explore/traces/1234', 'GET', 400, 'SL0911'],
    [`/api/v1/explore/traces/${'00'.repeat(16)}`, 'GET', 404, 'SL0914'],
    ['/api/v1/stream?topics=everything', 'GET', 400, 'SL0911'],
  ])('answers %s (%s) with %i and a code', async (path, method, status, code) => {
    await start();
    const answer = await call(path, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    expect(answer.status).toBe(status);
    expect(answer.json.error.code).toBe(code);
    expect(answer.json.error.message).not.toBe('');
  });

  it('hides what a bug said, reports it, and lives on', async () => {
    const errors: unknown[] = [];
    const metrics = () => {
      throw new Error('secret detail');
    };
    await start({ metrics, onError: (error) => errors.push(error) });
    const answer = await call('/metrics');
    expect(answer).toMatchObject({ status: 500, json: { error: { code: 'SL0000' } } });
    expect(answer.body).not.toContain('secret detail');
    expect(errors).toHaveLength(1);
    expect((await call('/healthz')).status).toBe(200);
  });
});

describe('who may read', () => {
  it.each(['localhost', 'LOCALHOST:9999', '127.0.0.1', '[::1]:1234'])('answers under the name %s', async (host) => {
    await start();
    expect((await call('/api/v1/overview', { headers: { host } })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '10.0.0.1'])('does not answer under the name %j', async (host) => {
    await start();
    for (const path of ['/api/v1/overview', '/', '/metrics']) {
      expect((await call(path, { headers: { host } })).status).toBe(421);
    }
  });

  it('asks for the token on an address that others reach, but not for probes and metrics', async () => {
    await start({}, '0.0.0.0');
    const host = 'laptop.example:4390';
    for (const path of ['/', '/api/v1/overview', '/assets/index-D4f9aB2c.js', '/api/v1/stream']) {
      expect((await call(path, { headers: { host } })).status).toBe(401);
    }
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await call(path, { headers: { host } })).status).toBe(200);
    }
    const authorization = `Bearer ${TOKEN}`;
    expect((await call('/api/v1/overview', { headers: { host, authorization } })).status).toBe(200);
    expect((await call('/', { headers: { host, authorization: 'Bearer wrong' } })).status).toBe(401);
  });
});

describe('who may write', () => {
  const sample = { sent: { traces: 3, metrics: 4, logs: 2 }, traceId: 'ab'.repeat(16) };
  const write = (headers: Record<string, string>) => call('/api/v1/local/sample', { method: 'POST', headers });

  it('needs the token, in a header or in the cookie that the printed address sets', async () => {
    await start({ generateSample: async () => sample });
    expect(await write({})).toMatchObject({ status: 401, json: { error: { code: 'SL0912' } } });
    expect((await write({ authorization: 'Bearer wrong' })).status).toBe(401);
    expect(await write({ authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 200, json: sample });

    const exchange = await call(`/explore/logs?q=a%26b&t=${TOKEN}`);
    expect(exchange).toMatchObject({ status: 303, headers: { location: '/explore/logs?q=a%26b' } });
    const [cookie] = exchange.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect((await write({ cookie: `other=1; ${cookie.split(';')[0]}` })).status).toBe(200);
  });

  it('gives no cookie for a wrong token', async () => {
    await start();
    const answer = await call('/?t=wrong');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.status).toBe(200);
  });

  it('takes nothing from a page of another origin, even with the token', async () => {
    await start({ generateSample: async () => sample });
    const authorization = `Bearer ${TOKEN}`;
    for (const origin of ['http://evil.example', `http://localhost:${port + 1}`, 'null']) {
      const headers = { authorization, origin, host: `localhost:${port}` };
      expect(await write(headers)).toMatchObject({ status: 403, json: { error: { code: 'SL0913' } } });
    }
    const own = { authorization, origin: `http://localhost:${port}`, host: `localhost:${port}` };
    expect((await write(own)).status).toBe(200);
  });

  it('runs one generator at a time', async () => {
    let runs = 0;
    let finish = () => {};
    const generateSample = () => {
      runs++;
      return new Promise<typeof sample>((resolve) => {
        finish = () => resolve(sample);
      });
    };
    await start({ generateSample });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const both = [write(headers), write(headers)];
    await expect.poll(() => runs).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    finish();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(runs).toBe(1);
  });

  it('passes on why the generator failed, and says when there is none', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    await start({ generateSample: () => Promise.reject(new CodedError('SL0601', 'no room')) });
    expect(await write(headers)).toMatchObject({
      status: 500,
      json: { error: { code: 'SL0601', message: 'no room' } },
    });
    await server?.close();
    await start();
    expect((await write(headers)).status).toBe(404);
  });
});

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
    const stream = await openStream('graph,configuration');
    await expect.poll(() => stream.named('figures').length, { timeout: 5000 }).toBeGreaterThanOrEqual(1);
    expect(stream.named('graph')).toHaveLength(1);
    expect((stream.named('figures')[0] as GraphFigures).edges).toHaveLength(1);
    graph = { ...GRAPH, topology: 'PerSignal' };
    server?.configurationChanged();
    await expect.poll(() => stream.named('graph').length).toBe(2);
    expect(stream.named('configuration')).toHaveLength(2);
    expect(stream.named('stats')).toEqual([]);
    stream.end();
  });
});

describe('changing what runs', () => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
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

describe('user interface', () => {
  it('serves files with their type, and hashed ones for ever', async () => {
    await start();
    const script = await call('/assets/index-D4f9aB2c.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect((await call('/favicon.svg')).headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'no-cache',
    });
  });

  it('serves the index page for every screen, and allows only its own scripts and styles', async () => {
    await start();
    for (const path of ['/', '/explore/traces', `/traces/${'ab'.repeat(16)}`]) {
      const page = await call(path);
      expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
      const policy = page.headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
    }
  });

  it('answers 304 to who has the file already', async () => {
    await start();
    const { headers } = await call('/favicon.svg');
    const again = await call('/favicon.svg', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it.each([
    '/../package.json',
    '/%2e%2e/%2e%2e/etc/hosts.txt',
    '/assets/..%2f..%2f..%2fetc%2fhosts.txt',
    '/a%00.js',
    '/%zz.js',
    '/assets.js/x.js',
    '//evil.example/x.js',
  ])('serves nothing outside of its folder: %s', async (path) => {
    await start();
    expect((await call(path)).status).toBe(404);
  });

  it('answers HEAD without a body', async () => {
    await start();
    expect(await call('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('says how to build it when it is not there', async () => {
    await start({ uiDir: join(uiDir, 'missing') });
    expect(await call('/')).toMatchObject({ status: 503, json: { error: { help: 'run: npm run build:ui' } } });
  });
});

interface OpenStream {
  /** Documents of the events of this name so far. */
  named(event: string): readonly unknown[];
  end(): void;
}

async function openStream(topics: string): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/stream?topics=${topics}`, { signal: abort.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events: { readonly event: string; readonly document: unknown }[] = [];
  void (async () => {
    let text = '';
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1] ?? '';
        events.push({ event, document: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null') });
      }
    }
  })().catch(() => {});
  return {
    named: (name) => events.filter(({ event }) => event === name).map(({ document }) => document),
    end: () => abort.abort(),
  };
}

describe('event stream', () => {
  it('sends the overview at once and then every second, until the server closes', async () => {
    await start();
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/stream?topics=stats`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events: OverviewDocument[] = [];
    const reading = (async () => {
      let text = '';
      for await (const chunk of response.body as ReadableStream<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) events.push(JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null'));
      }
    })();
    account.received += 100;
    account.delivered += 100;
    await expect.poll(() => events.length, { timeout: 5000 }).toBeGreaterThanOrEqual(3);
    expect(events[0].pipelines[0].ledger.received).toBe(0);
    expect(events.at(-1)?.pipelines[0].ledger.received).toBe(100);
    expect(events.at(-1)?.health.state).not.toBe('waiting');
    await server?.close();
    server = undefined;
    await reading;
  });

  it('refuses more streams than it has room for', async () => {
    await start();
    const abort = new AbortController();
    const url = `http://127.0.0.1:${port}/api/v1/stream`;
    const open = await Promise.all(Array.from({ length: 64 }, () => fetch(url, { signal: abort.signal })));
    expect(open.every(({ status }) => status === 200)).toBe(true);
    expect((await fetch(url)).status).toBe(503);
    abort.abort();
    await expect.poll(async () => (await fetch(url, { signal: AbortSignal.timeout(500) })).status).toBe(200);
  });
});
