import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_TOKEN, type ApiServer, startApiServer } from '../../test/testkit/api-server.ts';
import { CodedError } from '../lib/index.ts';
import type { OverviewDocument } from './api.ts';
import type { ServerOptions } from './server-options.ts';

let uiDir: string;
let api: ApiServer | undefined;

beforeEach(() => {
  uiDir = mkdtempSync(join(tmpdir(), 'sluice-ui-'));
  mkdirSync(join(uiDir, 'assets'));
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>sluice</title>');
  writeFileSync(join(uiDir, 'assets', 'index-D4f9aB2c.js'), 'export {};');
  writeFileSync(join(uiDir, 'favicon.svg'), '<svg/>');
});

afterEach(async () => {
  await api?.close();
  api = undefined;
  rmSync(uiDir, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}, host = '127.0.0.1'): Promise<void> {
  api = await startApiServer({ uiDir, ...options }, host);
}

const call: ApiServer['call'] = (path, options) => api!.call(path, options);

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

  it('serves the rules of one pipeline', async () => {
    const statement = {
      processor: 'filter/x',
      signal: 'traces',
      part: 'condition',
      index: 0,
      text: 'a',
      asked: 4,
      matched: 3,
      failed: 0,
    } as const;
    const rules = { processors: ['filter/x'], placeOf: () => undefined };
    const pipelines = [
      { kind: 'TracePipeline', name: 'demo', pipelineId: 'traces/x', signal: 'traces', rules },
    ] as const;
    const offered = { traces: 0, metrics: 0, logs: 0 };
    await start({ pipelines, snapshot: () => ({ takenAtMs: 0, offered, pipelines: [], statements: [statement] }) });
    const rule = { field: 'filter/x', part: 'condition', text: 'a', asked: 4, matched: 3, failed: 0 };
    expect((await call('/api/v1/pipelines/tracepipeline/demo/rules')).json).toEqual({
      count: 1,
      failing: 0,
      items: [rule],
      dropsMost: rule,
    });
    expect((await call('/api/v1/pipelines/tracepipeline/other/rules')).status).toBe(404);
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
    const answer = await call(path, { method, headers: { authorization: `Bearer ${API_TOKEN}` } });
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
    const shown = ['graph', 'configuration', 'pipelines', 'pipelines/TracePipeline/a', 'stream?topics=configuration'];
    for (const path of shown) expect((await call(`/api/v1/${path}`, { headers: { host } })).status).toBe(421);
  });

  it('asks for the token on an address that others reach, but not for probes and metrics', async () => {
    await start({}, '0.0.0.0');
    const host = 'laptop.example:4390';
    const own = ['graph', 'configuration', 'pipelines', 'pipelines/TracePipeline/a', 'stream?topics=configuration'];
    const paths = ['/', '/api/v1/overview', '/assets/index-D4f9aB2c.js', ...own.map((path) => `/api/v1/${path}`)];
    for (const path of paths) {
      expect((await call(path, { headers: { host } })).status).toBe(401);
    }
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await call(path, { headers: { host } })).status).toBe(200);
    }
    const authorization = `Bearer ${API_TOKEN}`;
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
    expect(await write({ authorization: `Bearer ${API_TOKEN}` })).toMatchObject({ status: 200, json: sample });

    const exchange = await call(`/explore/logs?q=a%26b&t=${API_TOKEN}`);
    expect(exchange).toMatchObject({ status: 303, headers: { location: '/explore/logs?q=a%26b' } });
    const [cookie] = exchange.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect((await write({ cookie: `other=1; ${cookie.split(';')[0]}` })).status).toBe(200);
  });

  it('names the right ports to a sender that takes it for a receiver of OTLP', async () => {
    await start();
    for (const signal of ['traces', 'metrics', 'logs']) {
      const answer = await call(`/v1/${signal}`, { method: 'POST' });
      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({ error: { message: expect.stringContaining('OTLP') } });
    }
  });

  it('gives no cookie for a wrong token', async () => {
    await start();
    const answer = await call('/?t=wrong');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.status).toBe(200);
  });

  it('takes nothing from a page of another origin, even with the token', async () => {
    await start({ generateSample: async () => sample });
    const authorization = `Bearer ${API_TOKEN}`;
    for (const origin of ['http://evil.example', `http://localhost:${api!.port + 1}`, 'null']) {
      const headers = { authorization, origin, host: `localhost:${api!.port}` };
      expect(await write(headers)).toMatchObject({ status: 403, json: { error: { code: 'SL0913' } } });
    }
    const own = { authorization, origin: `http://localhost:${api!.port}`, host: `localhost:${api!.port}` };
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
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    const both = [write(headers), write(headers)];
    await expect.poll(() => runs).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    finish();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(runs).toBe(1);
  });

  it('passes on why the generator failed, and says when there is none', async () => {
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    await start({ generateSample: () => Promise.reject(new CodedError('SL0601', 'no room')) });
    expect(await write(headers)).toMatchObject({
      status: 500,
      json: { error: { code: 'SL0601', message: 'no room' } },
    });
    await api?.close();
    await start();
    expect((await write(headers)).status).toBe(404);
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

describe('event stream', () => {
  it('sends the overview at once and then every second, until the server closes', async () => {
    await start();
    const response = await fetch(`http://127.0.0.1:${api!.port}/api/v1/stream?topics=stats`);
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
    api!.account.received += 100;
    api!.account.delivered += 100;
    await expect.poll(() => events.length, { timeout: 5000 }).toBeGreaterThanOrEqual(3);
    expect(events[0].pipelines[0].ledger.received).toBe(0);
    expect(events.at(-1)?.pipelines[0].ledger.received).toBe(100);
    expect(events.at(-1)?.health.state).not.toBe('waiting');
    await api?.close();
    api = undefined;
    await reading;
  });

  it('refuses more streams than it has room for', async () => {
    await start();
    const abort = new AbortController();
    const url = `http://127.0.0.1:${api!.port}/api/v1/stream`;
    const open = await Promise.all(Array.from({ length: 64 }, () => fetch(url, { signal: abort.signal })));
    expect(open.every(({ status }) => status === 200)).toBe(true);
    expect((await fetch(url)).status).toBe(503);
    abort.abort();
    await expect.poll(async () => (await fetch(url, { signal: AbortSignal.timeout(500) })).status).toBe(200);
  });
});
