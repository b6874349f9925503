/**
 * Tenants with addresses of their own send to one engine, and one of them sends 20 times its share. Nobody sends again: what is
 * refused counts as lost to its sender.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type GeneratorReport, type Sink, totalStats } from '../../src/load/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const SECONDS = 20;
const TENANTS = 5;

interface Setting {
  readonly queueBytes: number;
  readonly consumers: number;
  /** Of the memory limiter, in MiB. */
  readonly limit?: number;
  readonly extensions?: string;
  /** The extension that keeps the queue. */
  readonly storage?: string;
}

describe('one of five tenants floods with 20 times its share', () => {
  let home: Home;
  let sink: Sink;
  let engine: RunningProcess;
  let port: number;
  let metricsPort: number;

  beforeEach(async () => {
    home = createHome();
    sink = await createSink(
      { host: '127.0.0.1', port: 0, mode: { kind: 'slow', delayMs: 200 } },
      { clock: systemClock },
    );
    [port, metricsPort] = [await freePort(), await freePort()];
  });
  afterEach(async () => {
    await engine?.stop();
    await sink.close();
    home.remove();
  });

  const start = async (setting: Setting) => {
    const config = home.write('engine.yaml', configOf(setting, { port, metricsPort, backend: sink.address.port }));
    engine = await startProcess(SLUICE, ['engine', '--config', config], {
      cwd: home.path,
      env: home.env,
      ready: { ports: [port] },
    });
  };
  const tenant = (i: number, requestRate: number, service = `tenant-${i}`, address = `127.0.0.${10 + i}`) =>
    createGenerator(
      {
        signal: 'logs',
        shape: 'logs-100',
        seed: 100 + i,
        resource: { 'service.name': service },
        endpoint: { host: '127.0.0.1', port, localAddress: address },
        protocol: 'grpc',
        requestRate,
        durationMs: SECONDS * 1000,
        connections: 2,
        inFlight: 1000,
        retry: false,
      },
      { clock: systemClock },
    ).run();
  /** The flood first. */
  const all = (share: number, address?: string) =>
    Promise.all(
      Array.from({ length: TENANTS }, (_, i) => tenant(i, i === 0 ? 20 * share : 0.5 * share, `tenant-${i}`, address)),
    );
  const metrics = async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const figure = (text: string, series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    );
  /** The part of its own that the worst off of the others got through. */
  const kept = ([, ...others]: readonly GeneratorReport[]) =>
    Math.min(...others.map(({ accepted, sent }) => accepted / sent));

  /** Whatever was acknowledged reaches the backend. */
  const assertDelivered = async (reports: readonly GeneratorReport[]) => {
    const accepted = reports.reduce((sum, report) => sum + report.accepted, 0);
    sink.setMode({ kind: 'accept' });
    await waitFor('all that was accepted', () => totalStats(sink.stats()).unique === accepted, { timeoutMs: 30_000 });
    expect(figure(await metrics(), 'sluice_pipeline_items_unaccounted{pipeline="logs"}')).toBe(0);
  };

  // 10 tries of 200 ms: the backend takes 50 requests a second, a tenant's share is 10, and the others send half of that.
  it('to a slow backend: the others keep 99 % of theirs', { timeout: 90_000 }, async () => {
    await start({ queueBytes: 8 * 2 ** 20, consumers: 10 });
    const reports = await all(10);
    expect(kept(reports)).toBeGreaterThanOrEqual(0.99);
    expect(reports[0]!.accepted / reports[0]!.sent).toBeLessThan(0.5);
    expect(await metrics()).toContain('sluice_admission_over_share_sender{sender="127.0.0.10",shared="queue"}');
    await assertDelivered(reports);
  });

  it('through one address, told apart by service: the others keep 99 % of theirs', { timeout: 90_000 }, async () => {
    await start({ queueBytes: 8 * 2 ** 20, consumers: 10, extensions: 'sluice_admission: {senders: {by: service}}' });
    const reports = await all(10, '127.0.0.9');
    expect(kept(reports)).toBeGreaterThanOrEqual(0.99);
    expect(await metrics()).toContain('sluice_admission_over_share_sender{sender="tenant-0",shared="queue"}');
    await assertDelivered(reports);
  });

  it('to a slow backend behind a queue on disk: the others keep 99 % of theirs', { timeout: 90_000 }, async () => {
    const storage = `sluice_queue: {directory: ${home.path}/queue, on_full: block}`;
    await start({ queueBytes: 16 * 2 ** 20, consumers: 10, extensions: storage, storage: 'sluice_queue' });
    const reports = await all(10);
    expect(kept(reports)).toBeGreaterThanOrEqual(0.99);
    expect(await metrics()).toContain('sluice_admission_over_share_sender{sender="127.0.0.10",shared="queue"}');
    await assertDelivered(reports);
  });

  // The queue would take more than the process may have.
  it('where memory is what is short: the others keep 99 % of theirs', { timeout: 90_000 }, async () => {
    await start({ queueBytes: 2 ** 30, consumers: 10, limit: 128 });
    const reports = await all(10);
    expect(kept(reports)).toBeGreaterThanOrEqual(0.99);
    expect(reports[0]!.refused).toBeGreaterThan(0);
    expect(await metrics()).toContain('sluice_admission_over_share_sender{sender="127.0.0.10",shared="memory"}');
    await assertDelivered(reports);
  });
});

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
  readonly backend: number;
}

function configOf(
  { queueBytes, consumers, limit, extensions, storage }: Setting,
  { port, metricsPort, backend }: Ports,
): string {
  const limiter = `memory_limiter: {check_interval: 200ms, limit_mib: ${limit}, spike_limit_mib: ${(limit ?? 0) / 4}}`;
  return `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}
processors: {${limit === undefined ? '' : limiter}}
extensions: {${extensions ?? ''}}
exporters:
  otlp_grpc:
    endpoint: "127.0.0.1:${backend}"
    tls: {insecure: true}
    compression: none
    sending_queue: {sizer: bytes, queue_size: ${queueBytes}, num_consumers: ${consumers}${storage === undefined ? '' : `, storage: ${storage}`}}
    retry_on_failure: {max_elapsed_time: 0s}
service:
  extensions: [${extensions?.split(':')[0] ?? ''}]
  telemetry:
    metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}]}
  pipelines:
    logs: {receivers: [otlp], processors: [${limit === undefined ? '' : 'memory_limiter'}], exporters: [otlp_grpc]}
`;
}
