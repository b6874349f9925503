import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles, openDiskQueue } from '../../src/engine/queue/disk/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type GeneratorReport, type Sink } from '../../src/load/index.ts';
import {
  bytesUnder,
  type DurablePipeline,
  durableConfig,
  type EnginePorts,
  engineMetric,
  enginePorts,
  startDurableEngine,
} from '../testkit/durable-engine.ts';
import { requestOf } from '../testkit/engine.ts';
import { soakWithKills } from '../testkit/kill-soak.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { createHome, type Home } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** `scripts/soak-kill.ts` does it 200 times. */
const KILLS = Number(process.env['SLUICE_SOAK_KILLS'] ?? 20);
/** The soak has 2 GB. */
const BACKLOG_BYTES = Number(process.env['SLUICE_SOAK_BACKLOG'] ?? 200e6);
const ITEMS = 100;

describe('an engine with a queue on disk', () => {
  let home: Home;
  let ports: EnginePorts;
  let sinks: Sink[];
  let engine: RunningProcess | undefined;
  let mounted: string | undefined;

  beforeEach(async () => {
    home = createHome();
    ports = await enginePorts();
    sinks = [];
  });

  afterEach(async () => {
    await engine?.stop();
    engine = undefined;
    for (const sink of sinks) await sink.close();
    if (mounted !== undefined) spawnSync('umount', [mounted]);
    mounted = undefined;
    home.remove();
  });

  const backend = async (): Promise<Sink> => {
    const sink = await createSink({ host: '127.0.0.1', port: 0 }, { clock: systemClock });
    sinks.push(sink);
    return sink;
  };
  const pipelineTo = (sink: Sink, settings: Partial<DurablePipeline> = {}): DurablePipeline => {
    const name = settings.name ?? 'a';
    return { name, backendPort: sink.address.port, directory: join(home.path, 'queues', name), ...settings };
  };
  const write = (...pipelines: DurablePipeline[]): string =>
    home.write('otelcol.yaml', durableConfig(ports, pipelines));
  const start = async (...pipelines: DurablePipeline[]): Promise<void> => {
    engine = await startDurableEngine(home, write(...pipelines), ports);
  };
  const reload = async (...pipelines: DurablePipeline[]): Promise<void> => {
    writeFileSync(join(home.path, 'otelcol.yaml'), durableConfig(ports, pipelines));
    const before = reloads();
    process.kill(engine!.pid, 'SIGHUP');
    await waitFor('the reload', () => reloads() > before);
  };
  const reloads = (): number => engine!.stderr().split('"msg":"engine reloaded"').length;
  let seed = 1;
  /** Sends so many requests of 100 spans, each once. */
  const send = (requestCount: number): Promise<GeneratorReport> =>
    createGenerator(
      {
        signal: 'traces',
        shape: 't100',
        seed: seed++,
        endpoint: { host: '127.0.0.1', port: ports.otlpPort },
        protocol: 'grpc',
        requestRate: 0,
        requestCount,
        inFlight: 8,
      },
      { clock: systemClock },
    ).run();
  const arrived = (sink: Sink, items: number): Promise<void> =>
    waitFor(`${items} items have arrived`, () => sink.stats().signals.traces.unique === items, { timeoutMs: 60_000 });
  const queued = () => engineMetric(ports, 'sluice_pipeline_items_queued');
  const unaccounted = () => engineMetric(ports, 'sluice_pipeline_items_unaccounted');

  it(`loses nothing it acknowledged when it is killed ${KILLS} times under load, with a backend that fails`, async () => {
    const result = await soakWithKills({ kills: KILLS, seed: 7 });
    const {
      sender,
      lostRequests,
      isWhole,
      unique,
      duplicates,
      duplicatesAllowed,
      recovered,
      unaccounted: rest,
    } = result;
    expect({ lostRequests, isWhole }).toEqual({ lostRequests: 0, isWhole: true });
    expect(unique).toBeGreaterThanOrEqual(sender.accepted);
    expect(sender.accepted).toBeGreaterThan(KILLS * ITEMS);
    expect(duplicates).toBeLessThanOrEqual(duplicatesAllowed);
    expect(recovered).toBeGreaterThan(0);
    expect(rest).toBe(0);
  }, 900_000);

  it('keeps what it holds at a clean stop, says so, and delivers it after the next start, each item once', async () => {
    const sink = await backend();
    await sink.setMode({ kind: 'status', status: 503, share: 1 });
    await start(pipelineTo(sink));
    expect(await send(50)).toMatchObject({ accepted: 50 * ITEMS });
    expect(await queued()).toBe(50 * ITEMS);
    await engine!.stop();
    expect(engine!.stderr()).not.toContain('items dropped');
    await sink.setMode({ kind: 'accept' });
    await start(pipelineTo(sink));
    await arrived(sink, 50 * ITEMS);
    expect(sink.stats().signals.traces.duplicates).toBe(0);
    expect(await engineMetric(ports, 'sluice_pipeline_items_in', 'source="recovered"')).toBe(50 * ITEMS);
    await waitFor('nothing is left', async () => (await queued()) === 0);
    expect(await unaccounted()).toBe(0);
  }, 60_000);

  it('refuses senders when the queue is full, takes up a larger one while it is, and loses nothing', async () => {
    const sink = await backend();
    await sink.setMode({ kind: 'status', status: 503, share: 1 });
    await start(pipelineTo(sink, { queueBytes: 2 ** 21 }));
    const first = await send(200);
    expect(first.refused).toBeGreaterThan(0);
    expect(first.answers).toHaveProperty('UNAVAILABLE');
    await reload(pipelineTo(sink, { queueBytes: 2 ** 25, consumers: 8 }));
    const second = await send(200);
    expect(second).toMatchObject({ refused: 0, failed: 0 });
    await sink.setMode({ kind: 'accept' });
    await arrived(sink, first.accepted + second.accepted);
    expect(sink.stats().signals.traces.duplicates).toBe(0);
    await waitFor('nothing is left', async () => (await queued()) === 0);
    expect(await unaccounted()).toBe(0);
  }, 60_000);

  it('drains the old directory beside the new one, and the queue of a pipeline that is gone', async () => {
    const [one, two] = [await backend(), await backend()];
    for (const sink of [one, two]) await sink.setMode({ kind: 'status', status: 503, share: 1 });
    await start(pipelineTo(one, { name: 'moved' }), pipelineTo(two, { name: 'gone' }));
    const first = await send(30);
    await reload(pipelineTo(one, { name: 'moved', directory: join(home.path, 'elsewhere') }));
    const second = await send(10);
    expect(await queued()).toBe(2 * first.accepted + second.accepted);
    for (const sink of [one, two]) await sink.setMode({ kind: 'accept' });
    await arrived(one, first.accepted + second.accepted);
    await arrived(two, first.accepted);
    await waitFor('nothing is left', async () => (await queued()) === 0);
    expect(await unaccounted()).toBe(0);
    await waitFor('the space is given back', () => bytesUnder(join(home.path, 'queues')) < 2 ** 20);
  }, 60_000);

  it('names a queue that it finds and nobody has any more, and leaves it where it is', async () => {
    const sink = await backend();
    await sink.setMode({ kind: 'status', status: 503, share: 1 });
    await start(pipelineTo(sink, { name: 'old' }));
    await send(10);
    await engine!.stop();
    await start(pipelineTo(sink, { name: 'new' }));
    const folder = join(home.path, 'queues', 'old');
    await waitFor('it is named', () => engine!.stderr().includes('no exporter'));
    expect(engine!.stderr()).toContain(folder);
    expect(bytesUnder(folder)).toBeGreaterThan(10_000);
  }, 60_000);

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)(
    'refuses senders while the disk is full (mounting a small one needs root), and recovers',
    async () => {
      const sink = await backend();
      await sink.setMode({ kind: 'status', status: 503, share: 1 });
      const directory = join(home.path, 'small');
      mkdirSync(directory);
      const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory], { encoding: 'utf8' });
      expect(mount.stderr).toBe('');
      mounted = directory;
      await start(pipelineTo(sink, { directory, queueBytes: 2 ** 26 }));
      const first = await send(300);
      expect(first.refused).toBeGreaterThan(0);
      expect(first.firstMessage).toContain('the disk of the queue of otlp_grpc/a takes nothing');
      expect(await engineMetric(ports, 'sluice_queue_disk_failing')).toBe(1);
      await sink.setMode({ kind: 'accept' });
      await arrived(sink, first.accepted);
      await waitFor('the disk takes data', async () => (await send(1)).accepted === ITEMS);
      const failing = () => engineMetric(ports, 'sluice_queue_disk_failing');
      await waitFor('the disk is well', async () => (await failing()) === 0);
      expect(await unaccounted()).toBe(0);
    },
    60_000,
  );

  it(`starts at once with ${Math.round(BACKLOG_BYTES / 1e6)} MB on disk`, async () => {
    const sink = await backend();
    await sink.setMode({ kind: 'status', status: 503, share: 1 });
    const pipeline = pipelineTo(sink, { queueBytes: 2 * BACKLOG_BYTES + 2 ** 24 });
    const items = await fill(join(pipeline.directory, 'traces'), BACKLOG_BYTES);
    const withoutMs = await startMs(() => start({ ...pipeline, directory: join(home.path, 'empty') }));
    await engine!.stop();
    const withMs = await startMs(() => start(pipeline));
    expect(await engineMetric(ports, 'sluice_pipeline_items_in', 'source="recovered"')).toBe(items);
    // A second is the goal; machines of tests are slow.
    expect(withMs - withoutMs).toBeLessThan(5000);
  }, 300_000);
});

async function startMs(start: () => Promise<void>): Promise<number> {
  const begunMs = performance.now();
  await start();
  return performance.now() - begunMs;
}

/** Writes a backlog as an engine would, without waiting for the disk. Returns its items. */
async function fill(directory: string, bytes: number): Promise<number> {
  const request = requestOf(Array.from({ length: ITEMS }, (_, i) => `${i}`.padEnd(250, 'x')));
  const events = { onLoss: () => {}, onUnreadable: () => {}, onDisk: () => {}, onReadable: () => {} };
  const settings = { directory, maxBytes: 4 * bytes + 2 ** 24, onFull: 'block' as const, fsync: false };
  const opened = await openDiskQueue(settings, { clock: systemClock, files: nodeFiles, events });
  if (opened.status !== 'open') throw new Error(opened.message);
  let items = 0;
  for (let written = 0; written < bytes; ) {
    const group = Array.from({ length: 64 }, () =>
      opened.queue.append({ signal: 'traces', bytes: request, itemCount: ITEMS }, { take: false }),
    );
    for (const { status } of await Promise.all(group)) if (status === 'stored') items += ITEMS;
    written += 64 * request.length;
  }
  await opened.queue.close();
  return items;
}
