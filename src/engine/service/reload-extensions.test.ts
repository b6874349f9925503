import { createServer, get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { configOf, createTestBackend, exporterType, requestOf, startTestEngine } from '../../../test/testkit/engine.ts';
import { freePort, listen } from '../../../test/testkit/free-port.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import { createOtlpHttpClient } from '../../otlp/index.ts';
import { checkEngineConfig } from '../engine.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An OTLP/HTTP backend that notes who sends, and answers with a status. */
async function startBackend() {
  const seen: (string | undefined)[] = [];
  const backend = { seen, status: 200, url: '' };
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      seen.push(request.headers.authorization);
      response.writeHead(backend.status, { 'content-type': 'application/x-protobuf' });
      response.end();
    });
  });
  backend.url = `http://127.0.0.1:${await listen(server)}`;
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return backend;
}

const exporter = (endpoint: string) => ({
  endpoint,
  compression: 'none',
  auth: { authenticator: 'bearertokenauth/out' },
  retry_on_failure: { initial_interval: '10ms', max_interval: '20ms', max_elapsed_time: 0 },
});

/** On a connection of its own. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}

it('opens the metrics endpoint and a health check with other settings on the same port', async () => {
  const ports = { metrics: await freePort(), health: await freePort() };
  const config = (host: string, path: string) =>
    configOf({
      exporters: { debug: {} },
      extensions: { health_check: { endpoint: `127.0.0.1:${ports.health}`, path } },
      telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host, port: ports.metrics } } } }] } },
      pipelines: { traces: { exporters: ['debug'] } },
    });
  const test = await startTestEngine(config('127.0.0.1', '/a'));
  const statuses = async () => [
    await statusOf(ports.metrics, '/metrics'),
    await statusOf(ports.health, '/a'),
    await statusOf(ports.health, '/b'),
  ];
  expect(await statuses()).toEqual([200, 200, 404]);
  const report = await test.engine.reload(config('0.0.0.0', '/b'));
  expect(report).toMatchObject({ started: ['service', 'health_check'], stopped: ['service', 'health_check'], kept: 2 });
  expect(await statuses()).toEqual([200, 404, 200]);
  await test.stop();
});

describe('authenticators', () => {
  it('that change keep the exporters and receivers that name them, and their connections', async () => {
    const backend = await startBackend();
    const config = (out: string, users: string) =>
      ({
        ...configOf({
          exporters: { otlp_http: exporter(backend.url) },
          extensions: { 'bearertokenauth/out': { token: out }, 'bearertokenauth/in': { token: users } },
          pipelines: { traces: { exporters: ['otlp_http'] } },
        }),
        receivers: {
          otlp: { protocols: { http: { endpoint: '127.0.0.1:0', auth: { authenticator: 'bearertokenauth/in' } } } },
        },
      }) as unknown as OtelcolConfig;
    const test = await startTestEngine(config('first', 'alice'));
    const send = async (token: string) => {
      const client = createOtlpHttpClient({
        endpoint: test.url('http'),
        headers: { authorization: `Bearer ${token}` },
        compression: 'none',
        encoding: 'proto',
        clock: systemClock,
      });
      const { status } = await client.export('traces', requestOf(['a']), { signal: AbortSignal.timeout(5000) });
      await client.close();
      return status;
    };
    expect([await send('alice'), await send('bob')]).toEqual(['delivered', 'permanent']);
    const report = await test.engine.reload(config('second', 'bob'));
    const both = ['bearertokenauth/out', 'bearertokenauth/in'];
    expect(report).toEqual({ listeners: test.listeners, started: both, stopped: both, kept: 2 });
    expect([await send('alice'), await send('bob')]).toEqual(['permanent', 'delivered']);
    await waitFor('two requests', () => backend.seen.length === 2);
    expect(backend.seen).toEqual(['Bearer first', 'Bearer second']);
    await test.stop();
  });

  it('that are gone serve an exporter that is gone until it is empty', async () => {
    const backend = await startBackend();
    backend.status = 503;
    const memory = createTestBackend();
    const options = { exporters: { memory: exporterType(memory) } };
    const test = await startTestEngine(
      configOf({
        exporters: { otlp_http: exporter(backend.url) },
        extensions: { 'bearertokenauth/out': { token: 'mine' } },
        pipelines: { 'traces/a': { exporters: ['otlp_http'] } },
      }),
      options,
    );
    await test.send(['a']);
    await waitFor('a try', () => backend.seen.length > 0);
    await test.engine.reload(
      configOf({ exporters: { memory: {} }, pipelines: { 'traces/b': { exporters: ['memory'] } } }),
    );
    backend.status = 200;
    await waitFor('delivery', () => test.engine.snapshot().pipelines[0]!.ledger.delivered === 1);
    expect(new Set(backend.seen)).toEqual(new Set(['Bearer mine']));
    await test.stop();
  });

  it('must be extensions of the service, of the side that names them', () => {
    const config = {
      ...configOf({
        exporters: {
          'otlp_http/1': { endpoint: 'http://a:1', auth: { authenticator: 'basicauth/none' } },
          'otlp_http/2': { endpoint: 'http://a:1', auth: { authenticator: 'basicauth/server' } },
          'otlp_http/unused': { endpoint: 'http://a:1', auth: { authenticator: 'basicauth/none' } },
        },
        extensions: { 'basicauth/server': { htpasswd: { inline: 'a:b' } }, health_check: {} },
        pipelines: { traces: { exporters: ['otlp_http/1', 'otlp_http/2'] } },
      }),
      receivers: {
        otlp: {
          protocols: {
            grpc: { auth: { authenticator: 'health_check' } },
            http: { auth: { authenticator: 'basicauth/server' } },
          },
        },
      },
    } as unknown as OtelcolConfig;
    const lines = checkEngineConfig(config).map(({ code, path, message }) => `${code} ${path?.join('.')}: ${message}`);
    expect(lines).toEqual([
      'SL0406 receivers.otlp.protocols.grpc.auth.authenticator: extension `health_check` does not authenticate receivers',
      'SL0406 exporters.otlp_http/1.auth.authenticator: authenticator `basicauth/none` is not an extension of the service',
      'SL0406 exporters.otlp_http/2.auth.authenticator: extension `basicauth/server` does not authenticate exporters',
    ]);
  });
});
