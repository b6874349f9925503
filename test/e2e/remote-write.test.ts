import { afterEach, describe, expect, it } from 'vitest';
import type { OtelcolConfig } from '../../src/otelcol/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import {
  asDouble,
  asInt,
  attribute,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  sum,
  summary,
} from '../differential/remote-write-inputs.ts';
import { configOf, startTestEngine, type TestEngine } from '../testkit/engine.ts';
import { freePort } from '../testkit/free-port.ts';
import { type PrometheusServer, startPrometheus } from '../testkit/prometheus-server.ts';
import { startWriteReceiver } from '../testkit/remote-write-receiver.ts';
import { sendHttp } from '../testkit/senders.ts';
import { becomesTrue } from '../testkit/wait-for.ts';

const peer = requirePeer('prometheus');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const V2 = { protobuf_message: 'io.prometheus.write.v2.Request' };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function prometheus(port?: number): Promise<PrometheusServer> {
  const server = await startPrometheus(port === undefined ? {} : { port });
  stops.push(() => server.stop());
  return server;
}

function configFor(endpoint: string, settings: object = {}): OtelcolConfig {
  return configOf({
    exporters: {
      prometheusremotewrite: {
        endpoint,
        tls: { insecure: true },
        retry_on_failure: { initial_interval: '100ms' },
        ...settings,
      },
    },
    pipelines: { metrics: { exporters: ['prometheusremotewrite'] } },
  });
}

async function engineTo(endpoint: string, settings: object = {}): Promise<TestEngine> {
  const engine = await startTestEngine(configFor(endpoint, settings));
  stops.push(() => engine.stop());
  return engine;
}

async function push(engine: TestEngine, body: Uint8Array): Promise<void> {
  const port = Number(new URL(engine.url('http')).port);
  const headers = { 'content-type': 'application/x-protobuf' };
  expect((await sendHttp(port, { path: '/v1/metrics', body, headers })).status).toBe(200);
}

const ledgerOf = ({ engine }: TestEngine) => engine.snapshot().pipelines[0]!.ledger;
const nowSeconds = () => Math.floor(Date.now() / 1000);
const times = (seconds: number) => ({
  startTimeUnixNano: BigInt(seconds - 60) * 1_000_000_000n,
  timeUnixNano: BigInt(seconds) * 1_000_000_000n,
});
const SHOP = [attribute('service.name', 'shop'), attribute('service.instance.id', 'a'), attribute('host.name', 'h1')];

describe.skipIf(peer.status === 'missing')(`remote write to a real Prometheus${skipNote}`, () => {
  it.each([
    ['1.0', { send_metadata: true }],
    ['2.0', V2],
  ])('version %s: values, histograms and target_info can be queried', async (_, settings) => {
    const server = await prometheus();
    const engine = await engineTo(server.writeUrl, settings);
    const now = nowSeconds();
    const at = times(now);
    const body = metricsRequest(
      [
        gauge({ name: 'room.temp', unit: 'Cel', description: 'How warm.' }, asDouble(21.5, at)),
        sum({ name: 'orders', description: 'Orders.' }, asInt(7n, at)),
        histogram(
          { name: 'wait', unit: 's' },
          { ...at, count: 3n, sum: 4.5, explicitBounds: [1], bucketCounts: [1n, 2n] },
        ),
        exponential(
          { name: 'size', unit: 'By' },
          { ...at, count: 3n, sum: 6, scale: 0, positive: { offset: 0, bucketCounts: [1n, 2n] } },
        ),
        summary(
          { name: 'gc', unit: 's' },
          { ...at, count: 2n, sum: 1, quantileValues: [{ quantile: 0.5, value: 0.25 }] },
        ),
        sum({ name: 'lost', delta: true }, asInt(1n, at)),
      ],
      SHOP,
    );
    await push(engine, body);
    const value = async (expression: string) => (await server.query(expression, now))[0]?.value?.[1];
    expect(await becomesTrue(async () => (await value('orders_total')) === '7', { timeoutMs: 5000 })).toBe(true);
    expect(await value('room_temp_celsius{job="shop",instance="a"}')).toBe('21.5');
    expect(await value('wait_seconds_bucket{le="1"}')).toBe('1');
    expect(await value('wait_seconds_bucket{le="+Inf"}')).toBe('3');
    expect(await value('histogram_count(size_bytes)')).toBe('3');
    expect(await value('histogram_sum(size_bytes)')).toBe('6');
    expect(await value('gc_seconds{quantile="0.5"}')).toBe('0.25');
    expect(await value('target_info{host_name="h1"}')).toBe('1');
    expect(ledgerOf(engine)).toMatchObject({ received: 6, delivered: 5, dropped: { unsupported: 1 }, unaccounted: 0 });
  });

  it('a series that ends is gone at once', async () => {
    const server = await prometheus();
    const engine = await engineTo(server.writeUrl);
    const now = nowSeconds();
    await push(engine, metricsRequest([gauge({ name: 'up_for_now' }, asInt(1n, times(now - 20)))], SHOP));
    await push(engine, metricsRequest([gauge({ name: 'up_for_now' }, { ...times(now - 10), flags: 1 })], SHOP));
    expect(await becomesTrue(() => ledgerOf(engine).delivered === 2, { timeoutMs: 5000 })).toBe(true);
    expect((await server.query('up_for_now', now - 15)).length).toBe(1);
    expect((await server.query('up_for_now', now)).length).toBe(0);
  });

  it('what is sent while Prometheus is down arrives when it is up, in its order', async () => {
    const port = await freePort();
    const engine = await engineTo(`http://127.0.0.1:${port}/api/v1/write`);
    const now = nowSeconds();
    for (let i = 1; i <= 5; i++)
      await push(engine, metricsRequest([sum({ name: 'n' }, asInt(BigInt(i), times(now - 50 + i * 5)))], SHOP));
    const server = await prometheus(port);
    expect(await becomesTrue(() => ledgerOf(engine).delivered === 5, { timeoutMs: 20_000 })).toBe(true);
    expect((await server.query('count_over_time(n_total[5m])', now))[0]?.value?.[1]).toBe('5');
    expect(ledgerOf(engine)).toMatchObject({ received: 5, delivered: 5, dropped: {}, unaccounted: 0 });
  });

  it('a sample that Prometheus refuses is lost alone, and counted', async () => {
    const server = await prometheus();
    const engine = await engineTo(server.writeUrl);
    const now = nowSeconds();
    await push(engine, metricsRequest([gauge({ name: 'g' }, asInt(1n, times(now)))], SHOP));
    const tooOld = asInt(2n, times(now - 7200));
    await push(
      engine,
      metricsRequest([gauge({ name: 'g' }, tooOld), gauge({ name: 'h' }, asInt(3n, times(now)))], SHOP),
    );
    expect(await becomesTrue(() => ledgerOf(engine).queued === 0, { timeoutMs: 5000 })).toBe(true);
    expect(ledgerOf(engine)).toMatchObject({
      received: 3,
      delivered: 2,
      dropped: { rejected_by_backend: 1 },
      unaccounted: 0,
    });
    expect((await server.query('h', now))[0]?.value?.[1]).toBe('3');
  });
});

describe('answers of a receiver', () => {
  const one = (n: number) => metricsRequest([gauge({ name: 'g' }, asInt(BigInt(n), times(1_700_000_000 + n)))], SHOP);

  it('429 with Retry-After and 500 are tried again, and nothing overtakes what waits', async () => {
    const receiver = await startWriteReceiver();
    stops.push(() => receiver.stop());
    receiver.script([{ status: 429, headers: { 'Retry-After': '1' } }, { status: 500 }]);
    const engine = await engineTo(receiver.url);
    for (let n = 1; n <= 4; n++) await push(engine, one(n));
    expect(await becomesTrue(() => ledgerOf(engine).delivered === 4, { timeoutMs: 10_000 })).toBe(true);
    const values = receiver.requests.map(({ status, lines }) => [
      status,
      lines.find((line) => line.includes('"g"'))?.match(/ (\d+) @/)?.[1],
    ]);
    expect(values).toEqual([
      [429, '1'],
      [500, '1'],
      [204, '1'],
      [204, '2'],
      [204, '3'],
      [204, '4'],
    ]);
  });

  it('400 is final', async () => {
    const receiver = await startWriteReceiver();
    stops.push(() => receiver.stop());
    receiver.script([{ status: 400, text: 'out of order' }]);
    const engine = await engineTo(receiver.url);
    await push(engine, one(1));
    await push(engine, one(2));
    expect(
      await becomesTrue(() => ledgerOf(engine).queued === 0 && receiver.requests.length === 2, { timeoutMs: 5000 }),
    ).toBe(true);
    expect(ledgerOf(engine)).toMatchObject({ received: 2, delivered: 1, dropped: { rejected_by_backend: 1 } });
  });

  it('of version 2.0, an answer that does not say what was written means a receiver of version 1.0', async () => {
    const receiver = await startWriteReceiver();
    stops.push(() => receiver.stop());
    receiver.script([{ status: 204 }]);
    const engine = await engineTo(receiver.url, V2);
    await push(engine, one(1));
    expect(await becomesTrue(() => ledgerOf(engine).dropped.rejected_by_backend === 1, { timeoutMs: 5000 })).toBe(true);
    const { failure, rejection } = engine.engine.snapshot().pipelines[0]!.exporters[0]!;
    expect((rejection ?? failure)?.message).toContain('use version 1.0');
  });

  it('headers and credentials of an extension go with every request, and none is told', async () => {
    const receiver = await startWriteReceiver();
    stops.push(() => receiver.stop());
    const config = configOf({
      extensions: { bearertokenauth: { token: 'CANARY-1' } },
      exporters: {
        prometheusremotewrite: {
          endpoint: receiver.url,
          auth: { authenticator: 'bearertokenauth' },
          headers: { 'X-Scope-OrgID': 'CANARY-2' },
        },
      },
      pipelines: { metrics: { exporters: ['prometheusremotewrite'] } },
    });
    const engine = await startTestEngine(config);
    stops.push(() => engine.stop());
    receiver.script([{ status: 400, text: 'no CANARY-1 of CANARY-2' }]);
    await push(engine, one(1));
    expect(
      await becomesTrue(() => receiver.requests.length === 1 && ledgerOf(engine).queued === 0, { timeoutMs: 5000 }),
    ).toBe(true);
    const [{ headers }] = receiver.requests as [(typeof receiver.requests)[number]];
    expect([headers['authorization'], headers['x-scope-orgid']]).toEqual(['Bearer CANARY-1', 'CANARY-2']);
    expect(JSON.stringify([engine.deps.lines, engine.engine.snapshot()])).not.toContain('CANARY');
  });
});
