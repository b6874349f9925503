import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  configOf,
  createTestBackend,
  DELIVERED,
  startTestEngine,
  type TestBackend,
  type TestEngine,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import { componentId, type OtelcolConfig } from '../../otelcol/index.ts';
import type { ExporterFactory } from '../component.ts';
import { nodeFiles, openDiskQueue } from '../queue/disk/index.ts';
import { parseQueue, QueueConfig } from '../settings/queue.ts';
import { defaultRetry } from '../settings/retry.ts';
import { settingsObject } from '../settings/schema.ts';

/** An exporter type with a `sending_queue`, for one backend in memory. */
function typeFor(backend: TestBackend): ExporterFactory {
  return {
    schema: settingsObject({ sending_queue: QueueConfig }),
    create: (settings) => ({
      ...backend.exporter,
      queue: parseQueue(settings['sending_queue'] as never)!,
      retry: { ...defaultRetry, initialIntervalMs: 50, maxIntervalMs: 100, maxElapsedMs: 0 },
    }),
  };
}

describe('a reload with queues on disk', () => {
  let root: string;
  let backend: TestBackend;
  let engine: TestEngine | undefined;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-reload-'));
    backend = createTestBackend();
    backend.answer = () => UNAVAILABLE;
  });

  afterEach(async () => {
    await engine?.engine.shutdown({ graceMs: 0 });
    rmSync(root, { recursive: true, force: true });
  });

  const config = (storage?: Readonly<Record<string, unknown>>, pipeline = 'traces'): OtelcolConfig =>
    configOf({
      ...(storage !== undefined && { extensions: { sluice_queue: storage } }),
      exporters: {
        test: {
          sending_queue: {
            sizer: 'bytes',
            queue_size: 1_000_000,
            ...(storage !== undefined && { storage: 'sluice_queue' }),
          },
        },
      },
      pipelines: { [pipeline]: { exporters: ['test'] } },
    });
  const start = async (first: OtelcolConfig): Promise<TestEngine> => {
    engine = await startTestEngine(first, { exporters: { test: typeFor(backend) } });
    return engine;
  };
  const total = (key: 'queued' | 'unaccounted' | 'delivered') =>
    engine!.engine.snapshot().pipelines.reduce((sum, { ledger }) => sum + ledger[key], 0);
  const deliversAll = async (names: readonly string[]): Promise<void> => {
    backend.answer = () => DELIVERED;
    await waitFor('everything is delivered', () => total('queued') === 0);
    expect([...backend.taken].sort()).toEqual([...names].sort());
    expect(total('unaccounted')).toBe(0);
  };

  it('moves a queue from memory to disk, and to another directory, and loses nothing of what any of them holds', async () => {
    const { engine: running, send, deps } = await start(config());
    await send(['in memory']);
    await running.reload(config({ directory: join(root, 'one') }));
    await send(['on disk']);
    await running.reload(config({ directory: join(root, 'two') }));
    await send(['elsewhere']);
    expect(total('queued')).toBe(3);
    expect(total('unaccounted')).toBe(0);
    await deliversAll(['in memory', 'on disk', 'elsewhere']);
    await waitFor('the old ones are closed', () => running.snapshot().pipelines[0]?.exporters.length === 1);
    expect(deps.metrics.renderPrometheus()).toContain('sluice_queue_disk_bytes{data_type="traces",exporter="test"}');
  });

  it('goes on with the same queue when only its limits change', async () => {
    const directory = join(root, 'one');
    const { engine: running, send } = await start(config({ directory }));
    await send(['a']);
    await running.reload(config({ directory, max_age: '1h', on_full: 'drop_oldest' }));
    await send(['b']);
    expect(running.snapshot().pipelines[0]?.exporters[0]?.disk).toMatchObject({
      directory: `${directory}/traces`,
      requests: 2,
    });
    await deliversAll(['a', 'b']);
  });

  it('goes on with the same queue when the pipeline has another name, each with its own account', async () => {
    const directory = join(root, 'one');
    const { engine: running, send } = await start(config({ directory }));
    await send(['a']);
    await running.reload(config({ directory }, 'traces/renamed'));
    await send(['b']);
    expect(running.snapshot().pipelines.map(({ id, ledger }) => [id, ledger.queued])).toEqual([
      ['traces', 1],
      ['traces/renamed', 1],
    ]);
    await deliversAll(['a', 'b']);
  });

  describe('and an exporter of another name in the same directory', () => {
    /** `test` with a backend that answers nothing, and `live`, which have the directory one after the other. */
    const renamed = (
      name: string,
      storage: Readonly<Record<string, unknown>> = {},
      directory = join(root, 'one'),
    ): OtelcolConfig => {
      const { exporters, ...rest } = config({ directory, ...storage });
      return configOf({
        extensions: rest.extensions,
        exporters: { [name]: exporters[componentId('test')] },
        pipelines: { traces: { exporters: [name] } },
      });
    };
    let live: TestBackend;
    const startBoth = async (first: OtelcolConfig) => {
      live = createTestBackend();
      live.answer = () => DELIVERED;
      engine = await startTestEngine(first, { exporters: { test: typeFor(backend), live: typeFor(live) } });
      return engine;
    };

    it('gives it the backlog, which its backend takes though that of the former never does', async () => {
      const { engine: running, send } = await startBoth(renamed('test'));
      for (const name of ['a', 'b', 'c']) await send([name]);
      await running.reload(renamed('live'));
      await waitFor('the directory is taken over', async () => (await send(['d'])).status === 'delivered');
      await waitFor('everything is delivered', () => total('queued') === 0);
      expect([...live.taken].sort()).toEqual(['a', 'b', 'c', 'd']);
      expect([total('unaccounted'), total('delivered')]).toEqual([0, 4]);
      const rows = running.snapshot().pipelines.flatMap(({ exporters }) => exporters);
      expect(rows.map(({ id, ledger, disk }) => [id, ledger.delivered, disk?.requests])).toEqual([
        ['test', 3, 0],
        ['live', 1, 0],
      ]);
    });

    it.each(['drop_oldest', 'drop_newest'])(
      'refuses senders meanwhile, and drops nothing, whatever a full queue does (%s)',
      async (onFull) => {
        const { engine: running, send } = await startBoth(renamed('test', { on_full: onFull, fsync: false }));
        const { promise: never } = Promise.withResolvers<never>();
        backend.answer = () => never;
        await send(['a']);
        await running.reload(renamed('live', { on_full: onFull, fsync: false }));
        expect(await send(['b'])).toMatchObject({ status: 'throttled' });
        expect(running.snapshot().pipelines[0]?.ledger).toMatchObject({ dropped: {}, refused: 1 });
        expect(running.snapshot().pipelines[0]?.exporters.every(({ disk }) => disk?.failure === undefined)).toBe(true);
        await waitFor('the directory is taken over', async () => (await send(['c'])).status === 'delivered');
        await waitFor('everything is delivered', () => total('queued') === 0);
        expect([...live.taken].sort()).toEqual(['a', 'c']);
        expect(total('unaccounted')).toBe(0);
      },
    );

    it('goes back to the former at once, and nothing is lost', async () => {
      const { engine: running, send } = await startBoth(renamed('test'));
      for (const name of ['a', 'b']) await send([name]);
      await running.reload(renamed('live', {}));
      live.answer = () => UNAVAILABLE;
      await running.reload(renamed('test'));
      await running.reload(renamed('live'));
      await running.reload(renamed('test'));
      backend.answer = () => DELIVERED;
      await waitFor('the directory is taken over', async () => (await send(['c'])).status === 'delivered');
      await waitFor('everything is delivered', () => total('queued') === 0);
      expect([...new Set([...backend.taken, ...live.taken])].sort()).toEqual(['a', 'b', 'c']);
      expect(total('unaccounted')).toBe(0);
    });

    it('delivers what was left to it though it has gone elsewhere itself', async () => {
      const { engine: running, send } = await startBoth(renamed('test'));
      await send(['a']);
      await running.reload(renamed('live'));
      await running.reload(renamed('live', {}, join(root, 'two')));
      backend.answer = () => DELIVERED;
      await waitFor('everything is delivered', () => total('queued') === 0);
      expect([...backend.taken, ...live.taken]).toEqual(['a']);
      expect(total('unaccounted')).toBe(0);
      await waitFor('all but one are closed', () => {
        const rows = running.snapshot().pipelines[0]!.exporters;
        return rows.filter(({ disk }) => disk?.directory === join(root, 'one', 'traces')).length <= 1;
      });
    });
  });

  it('delivers what is in a directory that becomes available later, though nothing new comes', async () => {
    const directory = join(root, 'volume');
    const first = await start(config({ directory }));
    await first.send(['a']);
    await first.send(['b']);
    await first.engine.shutdown({ graceMs: 0 });
    renameSync(directory, join(root, 'elsewhere'));
    writeFileSync(directory, 'no folder');
    backend.answer = () => DELIVERED;
    await start(config({ directory }));
    expect(backend.taken).toEqual([]);
    rmSync(directory);
    renameSync(join(root, 'elsewhere'), directory);
    await waitFor('everything is delivered', () => total('delivered') === 2);
    expect(backend.taken).toEqual(['a', 'b']);
    expect(total('unaccounted')).toBe(0);
    expect(engine!.engine.snapshot().pipelines[0]?.exporters[0]?.disk).not.toHaveProperty('failure');
  });

  it('is refused when another has the directory, and everything runs as before', async () => {
    const directory = join(root, 'taken');
    const events = { onLoss: () => {}, onUnreadable: () => {}, onDisk: () => {}, onReadable: () => {} };
    const other = await openDiskQueue(
      { directory: `${directory}/traces`, maxBytes: 1e6, onFull: 'block', fsync: false },
      { clock: systemClock, files: nodeFiles, events },
    );
    const { engine: running, send } = await start(config({ directory: join(root, 'one') }));
    await send(['a']);
    await expect(running.reload(config({ directory }))).rejects.toMatchObject({ code: 'queue_in_use' });
    await send(['b']);
    expect(running.snapshot().pipelines[0]?.exporters[0]?.disk?.requests).toBe(2);
    await deliversAll(['a', 'b']);
    if (other.status === 'open') await other.queue.close();
  });
});
