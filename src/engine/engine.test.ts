import { afterEach, describe, expect, it } from 'vitest';
import { type Capture, startCapture } from '../../test/testkit/capture.ts';
import {
  assertBalanced,
  configOf,
  createTestBackend,
  DELIVERED,
  exporterType,
  namesOf,
  requestOf,
  startTestEngine,
  testDeps,
  UNAVAILABLE,
} from '../../test/testkit/engine.ts';
import { waitFor } from '../../test/testkit/wait-for.ts';
import { CodedError, systemClock } from '../lib/index.ts';
import { createOtlpGrpcClient } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import { createEngine } from './engine.ts';
import { defaultQueue } from './settings/queue.ts';

const running: Capture[] = [];
afterEach(async () => {
  for (const capture of running.splice(0)) await capture.stop();
});

async function backend(): Promise<Capture> {
  const capture = await startCapture();
  running.push(capture);
  return capture;
}

function arrivedAt(capture: Capture, signal: Signal = 'traces'): string[] {
  return capture.accepted().flatMap(({ body }) => namesOf({ signal, bytes: body }));
}

const fastRetry = { initial_interval: '10ms', max_interval: '20ms', max_elapsed_time: 0 };
const plain = { compression: 'none', tls: { insecure: true }, retry_on_failure: fastRetry };

describe('a configuration from receiver to backend', () => {
  for (const protocol of ['grpc', 'http'] as const) {
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      it(`takes ${signal} over HTTP and delivers them over ${protocol}`, async () => {
        const capture = await backend();
        const exporters =
          protocol === 'grpc'
            ? { otlp_grpc: { endpoint: `127.0.0.1:${capture.grpcPort}`, ...plain } }
            : { otlp_http: { endpoint: `http://127.0.0.1:${capture.httpPort}`, ...plain, compression: 'gzip' } };
        const test = await startTestEngine(
          configOf({
            processors: { batch: { timeout: '10ms' } },
            exporters,
            pipelines: { [signal]: { processors: ['batch'], exporters: Object.keys(exporters) } },
          }),
        );
        expect(await test.send(['a', 'b'], signal)).toEqual(DELIVERED);
        await waitFor('two items delivered', () => test.engine.snapshot().pipelines[0]!.ledger.delivered === 2);
        expect(arrivedAt(capture, signal)).toEqual(['a', 'b']);
        expect(capture.requests[0]!.compression).toBe(protocol === 'grpc' ? 'identity' : 'gzip');
        expect(test.engine.snapshot().offered[signal]).toBe(2);
        await test.stop();
      });
    }
  }

  it('takes both protocols on either port', async () => {
    const memory = createTestBackend();
    const test = await startTestEngine(
      configOf({ exporters: { memory: {} }, pipelines: { traces: { exporters: ['memory'] } } }),
      {
        exporters: { memory: exporterType(memory) },
      },
    );
    for (const protocol of ['grpc', 'http']) {
      const client = createOtlpGrpcClient({
        endpoint: test.url(protocol),
        headers: {},
        compression: 'none',
        clock: systemClock,
      });
      expect(await client.export('traces', requestOf([protocol]), { signal: AbortSignal.timeout(5000) })).toEqual(
        DELIVERED,
      );
      await client.close();
    }
    expect(memory.taken).toEqual(['grpc', 'http']);
    await test.stop();
  });

  it('sends headers, and to the endpoints of single signals', async () => {
    const capture = await backend();
    const url = `http://127.0.0.1:${capture.httpPort}`;
    const otlp_http = { traces_endpoint: `${url}/custom/traces`, headers: { 'x-tenant': 'shop' }, ...plain };
    const test = await startTestEngine(
      configOf({ exporters: { otlp_http }, pipelines: { traces: { exporters: ['otlp_http'] } } }),
    );
    await test.send(['a']);
    await waitFor('a request arrived', () => capture.requests.length === 1);
    expect(capture.requests[0]).toMatchObject({ path: '/custom/traces', headers: { 'x-tenant': 'shop' } });
    await test.stop();
  });

  it('tells a sender of a signal without pipeline what is missing', async () => {
    const attempts: unknown[] = [];
    const test = await startTestEngine(
      configOf({ exporters: { debug: {} }, pipelines: { traces: { exporters: ['debug'] } } }),
      {
        onAttempt: (attempt) => attempts.push(attempt),
      },
    );
    expect(await test.send(['a'], 'logs')).toMatchObject({
      status: 'permanent',
      failure: { message: expect.stringContaining('no LogPipeline is running') },
    });
    expect(attempts).toMatchObject([{ signal: 'logs', outcome: 'rejected' }]);
    await test.stop();
  });
});

describe('isolation', () => {
  it('one backend hanging, one refusing, one healthy: the healthy gets everything and no sender is refused', async () => {
    const capture = await backend();
    const hanging = createTestBackend({ queue: { ...defaultQueue, sizer: 'items', capacity: 100 } });
    hanging.answer = () => new Promise(() => {});
    const sending_queue = { sizer: 'items', queue_size: 100 };
    const exporters = {
      hanging: {},
      'otlp_grpc/refusing': { endpoint: '127.0.0.1:1', ...plain, sending_queue },
      'otlp_grpc/healthy': {
        endpoint: `127.0.0.1:${capture.grpcPort}`,
        ...plain,
        sending_queue: { sizer: 'bytes', queue_size: 10_000_000 },
      },
    };
    const processors = { batch: { send_batch_size: 10, timeout: '10ms' } };
    const behind = (exporter: string) => ({ receivers: ['forward'], processors: ['batch'], exporters: [exporter] });
    const test = await startTestEngine(
      configOf({
        processors,
        connectors: { forward: {} },
        exporters,
        pipelines: {
          'traces/in': { exporters: ['forward'] },
          'traces/hanging': behind('hanging'),
          'traces/refusing': behind('otlp_grpc/refusing'),
          'traces/healthy': behind('otlp_grpc/healthy'),
        },
      }),
      { exporters: { hanging: exporterType(hanging) } },
    );
    const names: string[] = [];
    for (let i = 0; i < 100; i++) {
      const request = Array.from({ length: 10 }, (_, j) => `${i}-${j}`);
      names.push(...request);
      expect(await test.send(request)).toEqual(DELIVERED);
      assertBalanced(test.engine);
    }
    await waitFor('the healthy backend has everything', () => arrivedAt(capture).length === names.length);
    expect(arrivedAt(capture).sort()).toEqual(names.sort());
    const healthy = () => test.engine.snapshot().pipelines.find(({ id }) => id === 'traces/healthy')!.ledger;
    await waitFor('its answers are in', () => healthy().queued === 0);
    const rows = Object.fromEntries(test.engine.snapshot().pipelines.map(({ id, ledger }) => [id, ledger]));
    expect(Object.keys(rows)).toEqual(['traces/hanging', 'traces/healthy', 'traces/refusing']);
    expect(rows['traces/hanging']).toMatchObject({ received: 1000, queued: 100, dropped: { queue_full: 900 } });
    expect(rows['traces/healthy']).toMatchObject({ received: 1000, delivered: 1000, dropped: {} });
    expect(rows['traces/refusing']).toMatchObject({ received: 1000, refused: 0, delivered: 0 });
    await test.stop({ graceMs: 300 });
  });

  it('without a batch processor a full queue refuses the sender, and the others still get the request', async () => {
    const full = createTestBackend({ queue: { ...defaultQueue, sizer: 'items', capacity: 1 } });
    full.answer = () => new Promise(() => {});
    const healthy = createTestBackend();
    const test = await startTestEngine(
      configOf({
        exporters: { full: {}, healthy: {} },
        pipelines: { 'traces/a': { exporters: ['full'] }, 'traces/b': { exporters: ['healthy'] } },
      }),
      { exporters: { full: exporterType(full), healthy: exporterType(healthy) } },
    );
    await test.send(['a']);
    expect(await test.send(['b'])).toMatchObject({ status: 'throttled', afterMs: 1000 });
    expect(healthy.taken).toEqual(['a', 'b']);
    expect(test.engine.snapshot().pipelines.find((pipeline) => pipeline.id === 'traces/a')!.ledger).toMatchObject({
      refused: 1,
      queued: 1,
    });
    await test.stop({ graceMs: 100 });
  });

  it('books what a shared input stage refuses in every pipeline behind it', async () => {
    const memory = createTestBackend();
    const test = await startTestEngine(
      configOf({
        processors: { memory_limiter: { check_interval: '10ms', limit_mib: 1 } },
        connectors: { forward: {} },
        exporters: { memory: {}, 'memory/2': {} },
        pipelines: {
          'traces/in': { processors: ['memory_limiter'], exporters: ['forward'] },
          'traces/1': { receivers: ['forward'], exporters: ['memory'] },
          'traces/2': { receivers: ['forward'], exporters: ['memory/2'] },
        },
      }),
      { exporters: { memory: exporterType(memory) } },
    );
    await waitFor('the limiter refuses', async () => (await test.send(['a'])).status === 'throttled');
    const rows = test.engine.snapshot().pipelines.map(({ ledger }) => ledger);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.refused).toBe(1);
    await test.stop();
  });
});

describe('stopping', () => {
  it('delivers what batchers and queues hold', async () => {
    const capture = await backend();
    const test = await startTestEngine(
      configOf({
        processors: { batch: { timeout: '1h' } },
        exporters: { otlp_grpc: { endpoint: `127.0.0.1:${capture.grpcPort}`, ...plain } },
        pipelines: { traces: { processors: ['batch'], exporters: ['otlp_grpc'] } },
      }),
    );
    for (let i = 0; i < 20; i++) await test.send([`s${i}`]);
    expect(arrivedAt(capture)).toEqual([]);
    await test.stop();
    expect(arrivedAt(capture)).toHaveLength(20);
    expect(test.engine.snapshot().pipelines[0]!.ledger).toMatchObject({ received: 20, delivered: 20, queued: 0 });
  });

  it('counts as dropped what a backend that hangs does not take in time', async () => {
    const hanging = createTestBackend({ queue: defaultQueue });
    hanging.answer = () => new Promise(() => {});
    const test = await startTestEngine(
      configOf({ exporters: { hanging: {} }, pipelines: { traces: { exporters: ['hanging'] } } }),
      {
        exporters: { hanging: exporterType(hanging) },
      },
    );
    await test.send(['a']);
    const begun = performance.now();
    await test.stop({ graceMs: 200 });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(test.engine.snapshot().pipelines[0]!.ledger.dropped).toEqual({ shutdown: 1 });
  });

  it('answers the senders that wait at a batch processor behind a full queue', async () => {
    const hanging = createTestBackend({ queue: { ...defaultQueue, capacity: 1, blockOnOverflow: true } });
    hanging.answer = () => new Promise(() => {});
    const test = await startTestEngine(
      configOf({
        processors: { batch: { send_batch_size: 1 } },
        exporters: { hanging: {} },
        pipelines: { traces: { processors: ['batch'], exporters: ['hanging'] } },
      }),
      { exporters: { hanging: exporterType(hanging) } },
    );
    await test.send(['under way']);
    await test.send(['waits for room']);
    const waiting = test.send(['waits at the batch processor']);
    await waitFor('three items', () => test.engine.snapshot().pipelines[0]!.ledger.received === 3);
    const stopped = test.engine.shutdown({ graceMs: 1000 });
    expect(await waiting).toMatchObject({
      status: 'throttled',
      failure: { message: expect.stringContaining('the gateway is stopping') },
    });
    await stopped;
    await test.stop();
    expect(test.engine.snapshot().pipelines[0]!.ledger).toMatchObject({ refused: 1, dropped: { shutdown: 2 } });
  });

  it('a backend that fails now and then loses nothing', async () => {
    const flaky = createTestBackend({
      queue: defaultQueue,
      retry: { initialIntervalMs: 5000, randomizationFactor: 0, multiplier: 1, maxIntervalMs: 5000, maxElapsedMs: 0 },
    });
    let tries = 0;
    flaky.answer = () => (tries++ % 3 === 0 ? UNAVAILABLE : DELIVERED);
    const test = await startTestEngine(
      configOf({ exporters: { flaky: {} }, pipelines: { traces: { exporters: ['flaky'] } } }),
      {
        exporters: { flaky: exporterType(flaky) },
      },
    );
    for (let i = 0; i < 30; i++) await test.send([`s${i}`]);
    await test.stop();
    expect(new Set(flaky.taken).size).toBe(30);
    expect(test.engine.snapshot().pipelines[0]!.ledger.delivered).toBe(30);
  });

  it('can be asked for twice', async () => {
    const test = await startTestEngine(
      configOf({ exporters: { debug: {} }, pipelines: { traces: { exporters: ['debug'] } } }),
    );
    await Promise.all([test.stop(), test.engine.shutdown({ graceMs: 0 })]);
  });
});

describe('starting', () => {
  it('names a port that is taken and leaves nothing running', async () => {
    const first = await startTestEngine(
      configOf({ exporters: { debug: {} }, pipelines: { traces: { exporters: ['debug'] } } }),
    );
    const taken = first.listeners.find((listener) => listener.protocol === 'http')!.port;
    const config = configOf({
      exporters: { debug: {} },
      pipelines: { traces: { exporters: ['debug'] } },
      extensions: { health_check: { endpoint: '127.0.0.1:0' } },
    });
    const receivers = {
      otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: `127.0.0.1:${taken}` } } },
    };
    const second = createEngine({ ...config, receivers } as never, testDeps());
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
    await first.stop();
  });

  it('refuses a configuration it cannot execute, with a code', () => {
    const config = configOf({
      exporters: { debug: { verbose: true } },
      pipelines: { traces: { exporters: ['debug'] } },
    });
    expect(() => createEngine(config, testDeps())).toThrow(CodedError);
    expect(() => createEngine(config, testDeps())).toThrow(
      /SL0107: the engine has no setting `exporters.debug.verbose`/,
    );
  });
});

describe('watching', () => {
  it('serves its metrics under the names of the Collector, and its health', async () => {
    const memory = createTestBackend();
    const test = await startTestEngine(
      configOf({
        processors: { batch: { timeout: '1ms' } },
        exporters: { memory: {} },
        extensions: { health_check: { endpoint: '127.0.0.1:0', path: '/healthz' } },
        telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }] } },
        pipelines: { traces: { processors: ['batch'], exporters: ['memory'] } },
      }),
      { exporters: { memory: exporterType(memory) } },
    );
    await test.send(['a', 'b']);
    await waitFor('two items delivered', () => memory.taken.length === 2);
    const text = await (await fetch(`${test.url('metrics')}/metrics`)).text();
    for (const line of [
      'otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 2',
      'otelcol_exporter_sent_spans{exporter="memory"} 2',
      'otelcol_processor_batch_batch_send_size_sum{processor="batch"} 2',
      'sluice_pipeline_items_out{outcome="delivered",pipeline="traces"} 2',
      'sluice_pipeline_items_unaccounted{pipeline="traces"} 0',
    ]) {
      expect(text).toContain(line);
    }
    expect((await fetch(`${test.url('health')}/healthz`)).status).toBe(200);
    expect((await fetch(`${test.url('health')}/other`)).status).toBe(404);
    await test.stop();
    await expect(fetch(`${test.url('health')}/healthz`)).rejects.toThrow();
  });
});
