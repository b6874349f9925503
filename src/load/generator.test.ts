import { afterEach, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../lib/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { createGenerator, type GeneratorOptions, type SettledRequest } from './generator.ts';
import type { GeneratorReport } from './generator-report.ts';
import { runOfSeed } from './identity.ts';
import { createSink, parseSinkMode, type Sink, totalStats } from './sink/index.ts';

const QUICK_BACKOFF = { initialIntervalMs: 5, maxIntervalMs: 20, multiplier: 2, randomizationFactor: 0 };

const opened: Sink[] = [];
afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.close();
});

async function openSink(mode = 'accept', options: { store?: number } = {}): Promise<Sink> {
  const sink = await createSink(
    { host: '127.0.0.1', port: 0, mode: parseSinkMode(mode)!, ...options },
    { clock: systemClock },
  );
  opened.push(sink);
  return sink;
}

function send(sink: Sink, options: Partial<GeneratorOptions> = {}): Promise<GeneratorReport> {
  const defaults = { signal: 'traces', shape: 't10', seed: 1, protocol: 'grpc', requestRate: 0 } as const;
  const generator = createGenerator(
    { ...defaults, endpoint: sink.address, requestCount: 50, timeoutMs: 2000, retryBackoff: QUICK_BACKOFF, ...options },
    { clock: systemClock },
  );
  return generator.run();
}

/** Every item is accounted for in exactly one way. */
function expectBalanced(report: GeneratorReport): void {
  expect(report.accepted + report.rejected + report.refused + report.failed).toBe(report.sent);
}

describe('generator and sink', () => {
  it.each([
    { protocol: 'grpc', compression: 'none' },
    { protocol: 'grpc', compression: 'gzip' },
    { protocol: 'http/protobuf', compression: 'none' },
    { protocol: 'http/protobuf', compression: 'gzip' },
    { protocol: 'http/json', compression: 'none' },
  ] as const)('deliver every item once over $protocol with compression $compression', async (transport) => {
    const sink = await openSink();
    for (const signal of SIGNALS) {
      const report = await send(sink, { signal, shape: 'shop', requestCount: 30, ...transport });
      expect(report.accepted).toBe(report.sent);
      expect(sink.stats().signals[signal]).toMatchObject({
        requests: 30,
        accepted: 30,
        items: report.sent,
        unique: report.sent,
        duplicates: 0,
      });
    }
    expect(sink.stats().uniqueIsExact).toBe(true);
  });

  it('send requests larger than HTTP/2 windows whole', async () => {
    const sink = await openSink();
    const report = await send(sink, { shape: 't40-100', requestCount: 40, connections: 2 });
    expect(report.accepted).toBe(4000);
    expect(sink.stats().signals.traces).toMatchObject({ unique: 4000, bytes: report.bytes });
  });

  it('count a seed sent twice as duplicates, and seeds of different runs as different items', async () => {
    const sink = await openSink();
    await send(sink, { seed: 7 });
    await send(sink, { seed: 7 });
    await send(sink, { seed: 8 });
    expect(sink.stats().signals.traces).toMatchObject({ items: 1500, unique: 1000, duplicates: 500 });
  });

  it('deliver everything through a backend that refuses most requests, when retrying', async () => {
    const sink = await openSink('503:0.5');
    const report = await send(sink, { requestCount: 20, retry: true });
    expect(report).toMatchObject({ sent: 200, accepted: 200, refused: 0 });
    expect(report.retries).toBe(report.answers['UNAVAILABLE']);
    expect(report.retries).toBeGreaterThan(0);
    expect(sink.stats().signals.traces).toMatchObject({ unique: 200, duplicates: 0 });
  });

  it.each([
    ['503', 'UNAVAILABLE', '503'],
    ['401', 'UNAUTHENTICATED', '401'],
    ['400', 'INVALID_ARGUMENT', '400'],
    ['403', 'PERMISSION_DENIED', '403'],
    ['404', 'UNIMPLEMENTED', '404'],
    ['429', 'RESOURCE_EXHAUSTED', '429'],
    ['500', 'INTERNAL', '500'],
  ])('refuse with %s: gRPC sees %s, HTTP sees %s', async (mode, grpcStatus, httpStatus) => {
    const sink = await openSink(mode);
    const overGrpc = await send(sink, { requestCount: 3 });
    const overHttp = await send(sink, { requestCount: 3, protocol: 'http/protobuf' });
    const overJson = await send(sink, { requestCount: 3, protocol: 'http/json' });
    expect(overGrpc.answers).toEqual({ [grpcStatus]: 3 });
    expect(overHttp.answers).toEqual({ [httpStatus]: 3 });
    expect(overJson.answers).toEqual({ [httpStatus]: 3 });
    for (const report of [overGrpc, overHttp, overJson]) {
      expectBalanced(report);
      expect(report.refused).toBe(30);
      expect(report.firstMessage).toContain(`test backend answers ${mode}`);
    }
    expect(totalStats(sink.stats())).toMatchObject({ requests: 9, refused: 9, items: 0, unique: 0 });
  });

  it('report partial success as rejected items', async () => {
    const sink = await openSink('partial:10%');
    for (const protocol of ['grpc', 'http/protobuf', 'http/json'] as const) {
      const report = await send(sink, { requestCount: 5, protocol, seed: 100 });
      expect(report).toMatchObject({ sent: 50, accepted: 45, rejected: 5 });
      expectBalanced(report);
    }
    expect(sink.stats().signals.traces).toMatchObject({ rejected: 15, items: 135 });
  });

  it('fail requests that get no answer in time', async () => {
    const sink = await openSink('hang');
    for (const protocol of ['grpc', 'http/protobuf'] as const) {
      const report = await send(sink, { requestCount: 4, protocol, timeoutMs: 150 });
      expect(report).toMatchObject({ failed: 40, accepted: 0, answers: { TIMEOUT: 4 } });
    }
    expect(sink.stats().signals.traces).toMatchObject({ requests: 8, items: 0 });
  });

  it('answer late when slow', async () => {
    const sink = await openSink('slow:120ms');
    const report = await send(sink, { requestCount: 4, inFlight: 4 });
    expect(report.accepted).toBe(40);
    expect(report.latencyMs!.p50).toBeGreaterThan(100);
  });

  it('lose the connection when dropped, and recover when the sink comes back on the same port', async () => {
    const sink = await openSink();
    const { port } = sink.address;
    const running = send(sink, { requestCount: 40, requestRate: 100, retry: true });
    await sleep(systemClock, 100);
    await sink.setMode({ kind: 'drop', forMs: 150 });
    expect(sink.stats()).toMatchObject({ mode: 'drop:150ms', connections: 0 });
    const report = await running;
    expect(sink.address.port).toBe(port);
    expect(sink.mode).toEqual({ kind: 'accept' });
    expect(report).toMatchObject({ sent: 400, accepted: 400 });
    expect(report.retries).toBeGreaterThan(0);
    expect(sink.stats().signals.traces.unique).toBe(400);
  });

  it('fail with the reason when nothing listens', async () => {
    const sink = await openSink('drop');
    for (const protocol of ['grpc', 'http/protobuf'] as const) {
      const report = await send(sink, { requestCount: 2, protocol });
      expect(report.answers).toEqual({ ECONNREFUSED: 2 });
      expectBalanced(report);
    }
  });

  it('keep the last requests of the sink', async () => {
    const sink = await openSink('accept', { store: 3 });
    await send(sink, { requestCount: 5 });
    expect(sink.stored()).toHaveLength(3);
    sink.clear();
    expect(sink.stored()).toHaveLength(0);
    expect(totalStats(sink.stats())).toMatchObject({ requests: 0, items: 0, unique: 0 });
  });
});

describe('generator', () => {
  it('keeps to its rate', async () => {
    const sink = await openSink();
    const report = await send(sink, { requestCount: undefined, durationMs: 500, requestRate: 200 } as never);
    expect(report.requests).toBeGreaterThan(80);
    expect(report.requests).toBeLessThanOrEqual(102);
  });

  it('never has more requests without an answer than it may', async () => {
    const sink = await openSink('hang');
    const generator = createGenerator(
      {
        signal: 'logs',
        shape: 'simple',
        seed: 1,
        endpoint: sink.address,
        protocol: 'grpc',
        requestRate: 0,
        inFlight: 7,
      },
      { clock: systemClock },
    );
    const stop = new AbortController();
    const running = generator.run({ signal: stop.signal });
    await sleep(systemClock, 150);
    expect(generator.progress().requests).toBe(7);
    stop.abort();
    await sink.close();
    const report = await running;
    expectBalanced(report);
    expect(report.requests).toBe(7);
  });

  it('refuses a shape without the signal', () => {
    const options = { signal: 'logs', shape: 't10', seed: 1, protocol: 'grpc', requestRate: 0 } as const;
    const endpoint = { host: '127.0.0.1', port: 1 };
    expect(() => createGenerator({ ...options, endpoint }, { clock: systemClock })).toThrow('shape `t10` has no logs');
  });

  it('refuses requests with a poisonous item, always the same ones', async () => {
    const sink = await openSink('poison:1%');
    const first = await send(sink, { requestCount: 200 });
    const again = await send(sink, { requestCount: 200 });
    expect(first.refused).toBeGreaterThan(0);
    expect(first.accepted).toBeGreaterThan(0);
    expect(again.refused).toBe(first.refused);
    expect(first.answers).toHaveProperty('INVALID_ARGUMENT');
    expectBalanced(first);
    const single = await send(sink, { shape: 't1', requestCount: 1000, seed: 1 });
    // One item in a hundred, with room for chance.
    expect(single.refused).toBeGreaterThan(1);
    expect(single.refused).toBeLessThan(40);
  });

  it('tell when each request was started, settled and arrived', async () => {
    const sink = await createSink(
      { host: '127.0.0.1', port: 0, arrivalsOf: { itemsPerRequest: 10 } },
      { clock: systemClock },
    );
    opened.push(sink);
    const settled: SettledRequest[] = [];
    const generator = createGenerator(
      {
        signal: 'traces',
        shape: 't10',
        seed: 7,
        protocol: 'grpc',
        requestRate: 0,
        endpoint: sink.address,
        requestCount: 30,
      },
      { clock: systemClock, onSettled: (request) => settled.push(request) },
    );
    await generator.run();
    const arrived = sink.arrivals().get(runOfSeed(7))!;
    expect(arrived).toHaveLength(30);
    expect(settled.map(({ request }) => request).sort((a, b) => a - b)).toEqual([...Array(30).keys()]);
    for (const { request, startedAtMs, settledAtMs, status } of settled) {
      expect(status).toBe('ok');
      expect(arrived[request]).toBeGreaterThanOrEqual(startedAtMs);
      expect(arrived[request]).toBeLessThanOrEqual(settledAtMs);
    }
    sink.clear();
    expect(sink.arrivals().size).toBe(0);
  });

  it('spread connections over replicas, and go on with those that are left when one ends', async () => {
    const [kept, ending] = [await openSink(), await openSink()];
    const run = send(kept, {
      replicas: [ending.address],
      connections: 4,
      requestRate: 200,
      requestCount: 200,
      retry: true,
    });
    await sleep(systemClock, 300);
    expect(totalStats(ending.stats()).accepted).toBeGreaterThan(0);
    await ending.setMode({ kind: 'drop' });
    const report = await run;
    expect(report.accepted).toBe(report.sent);
    expect(totalStats(kept.stats()).unique + totalStats(ending.stats()).unique).toBeGreaterThanOrEqual(report.sent);
  });
});
