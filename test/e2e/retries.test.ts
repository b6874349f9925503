/**
 * One pipeline has a queue on disk and answers when its data is there; the queue of its sibling is full and refuses the senders,
 * which try again until both have taken what they send.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink, totalStats } from '../../src/load/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const REQUESTS = 200;

describe('senders that try again what one of two pipelines refused', () => {
  let home: Home;
  let kept: Sink;
  let full: Sink;
  let engine: RunningProcess;

  beforeEach(async () => {
    home = createHome();
    kept = await createSink({ host: '127.0.0.1', port: 0, mode: { kind: 'accept' } }, { clock: systemClock });
    full = await createSink(
      { host: '127.0.0.1', port: 0, mode: { kind: 'status', status: 503, share: 1 } },
      { clock: systemClock },
    );
  });
  afterEach(async () => {
    await engine?.stop();
    await Promise.all([kept.close(), full.close()]);
    home.remove();
  });

  const metric = async (port: number, series: string) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length));
  };

  it('bring the other one no duplicate', { timeout: 90_000 }, async () => {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const config = home.write(
      'engine.yaml',
      configOf({
        port,
        metricsPort,
        kept: kept.address.port,
        full: full.address.port,
        directory: `${home.path}/queue`,
      }),
    );
    engine = await startProcess(SLUICE, ['engine', '--config', config], {
      cwd: home.path,
      env: home.env,
      ready: { ports: [port] },
    });
    const sending = [1, 2].map((seed) =>
      createGenerator(
        {
          signal: 'logs',
          shape: 'logs-100',
          seed,
          endpoint: { host: '127.0.0.1', port, localAddress: `127.0.0.${20 + seed}` },
          protocol: 'grpc',
          requestRate: 100,
          requestCount: REQUESTS,
          connections: 2,
          inFlight: REQUESTS,
          retry: true,
        },
        { clock: systemClock },
      ).run(),
    );
    await waitFor('retries', async () => (await metric(metricsPort, 'sluice_retry_skipped_items_total')) > 20_000);
    full.setMode({ kind: 'accept' });
    const reports = await Promise.all(sending);
    const items = 2 * REQUESTS * 100;
    for (const report of reports) {
      expect(report).toMatchObject({ sent: items / 2, accepted: items / 2, failed: 0 });
      expect(report.retries).toBeGreaterThan(REQUESTS / 2);
    }
    for (const sink of [kept, full]) {
      await waitFor('all items', () => totalStats(sink.stats()).unique === items, { timeoutMs: 30_000 });
      expect(totalStats(sink.stats()).items).toBe(items);
    }
    for (const pipeline of ['logs/kept', 'logs/full']) {
      expect(await metric(metricsPort, `sluice_pipeline_items_unaccounted{pipeline="${pipeline}"}`)).toBe(0);
    }
    expect(await metric(metricsPort, 'sluice_pipeline_items_in{pipeline="logs/kept",source="received"}')).toBe(items);
    expect(await metric(metricsPort, 'sluice_retry_memory_bytes')).toBe(0);
  });
});

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
  readonly kept: number;
  readonly full: number;
  readonly directory: string;
}

function configOf({ port, metricsPort, kept, full, directory }: Ports): string {
  const exporter = (backend: number, queue: string) => `
    endpoint: "127.0.0.1:${backend}"
    tls: {insecure: true}
    compression: none
    sending_queue: {sizer: bytes, num_consumers: 10, ${queue}}
    retry_on_failure: {initial_interval: 100ms, max_interval: 500ms, max_elapsed_time: 0s}`;
  return `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}
connectors: {forward: {}}
extensions:
  sluice_queue/kept: {directory: ${directory}, on_full: block}
exporters:
  otlp_grpc/kept:${exporter(kept, 'queue_size: 67108864, storage: sluice_queue/kept')}
  otlp_grpc/full:${exporter(full, 'queue_size: 1000000')}
service:
  extensions: [sluice_queue/kept]
  telemetry:
    metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}]}
  pipelines:
    logs/in: {receivers: [otlp], exporters: [forward]}
    logs/kept: {receivers: [forward], exporters: [otlp_grpc/kept]}
    logs/full: {receivers: [forward], exporters: [otlp_grpc/full]}
`;
}
