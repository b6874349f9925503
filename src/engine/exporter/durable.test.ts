import { describe, expect, it } from 'vitest';
import { createDiskDouble, type DiskDouble } from '../../../test/testkit/disk-queue-double.ts';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  REJECTED,
  type TestBackend,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock, type FakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Verdict } from '../batch.ts';
import type { Exporter } from '../component.ts';
import type { DiskQueueEvents, DiskQueueSettings } from '../queue/disk/disk-queue.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { defaultQueue, type QueueSettings } from '../settings/queue.ts';
import { defaultRetry } from '../settings/retry.ts';
import { DurableExporter } from './durable.ts';

const DIRECTORY = '/queues/x/traces';
const STORAGE: QueueStorage = {
  directory: '/queues/x',
  createDirectory: true,
  shared: false,
  onFull: 'block',
  fsync: true,
};

function backendOf(queue: Partial<QueueSettings> = {}, settings: Pick<Exporter, 'ordered'> = {}): TestBackend {
  return createTestBackend({
    queue: { ...defaultQueue, sizer: 'bytes', capacity: 2 ** 20, ...queue },
    retry: { ...defaultRetry, maxElapsedMs: 0 },
    ...settings,
  });
}

interface World {
  readonly clock: FakeClock;
  readonly disk: DiskDouble;
  readonly deps: ReturnType<typeof testDeps>;
}

function createWorld(): World {
  const clock = createFakeClock();
  return { clock, disk: createDiskDouble(), deps: testDeps(clock) };
}

/** One life of a process. */
async function start(world: World, backend: TestBackend, storage: Partial<QueueStorage> = {}) {
  const { deps, disk, clock } = world;
  const sending = new DurableExporter(backend.exporter, {
    id: componentId('otlp_grpc', 'x'),
    signal: 'traces',
    deps,
    storage: { ...STORAGE, ...storage },
    directory: DIRECTORY,
    openQueue: (settings: DiskQueueSettings, { events }: { readonly events: DiskQueueEvents }) =>
      disk.open(settings, { clock, events, files: undefined as never }),
  });
  const account = new Account();
  await sending.open();
  sending.belongsTo(account);
  const send = (...names: string[]): Promise<Verdict> => {
    account.received += names.length;
    return sending.consume(batchOf(names), account);
  };
  const stop = async (graceMs = 0): Promise<void> => {
    assertAccounts([account], { drained: false });
    sending.hasten();
    const drained = sending.drain(clock.monotonicMs() + graceMs);
    await clock.advance(graceMs);
    await drained;
    await sending.close();
    assertAccounts([account], { drained: false });
    expect(clock.pendingTimers).toBe(0);
  };
  return { sending, account, send, stop };
}

const TIMED_OUT: ExportOutcome = { status: 'retryable', failure: { kind: 'timeout', message: 'no answer in 5 s' } };
const never = () => new Promise<ExportOutcome>(() => {});
const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('an exporter whose queue is on disk', () => {
  it('answers a sender when its request is on disk, not before, and sends it from memory right after', async () => {
    const world = createWorld();
    const backend = backendOf();
    const { send, stop, account } = await start(world, backend);
    let answered = false;
    const answer = send('a', 'b').then((verdict) => {
      answered = true;
      return verdict;
    });
    expect(answered).toBe(false);
    expect(backend.tries).toEqual([]);
    expect(account.held).toBe(2);
    expect(await answer).toEqual({ status: 'accepted' });
    expect(backend.taken).toEqual(['a', 'b']);
    expect(world.disk.rows(DIRECTORY)).toEqual([]);
    await stop();
    expect(account).toMatchObject({ delivered: 2, held: 0 });
  });

  it('finds what was not delivered at the next start, and delivers it', async () => {
    const world = createWorld();
    const dead = backendOf();
    dead.answer = () => UNAVAILABLE;
    const first = await start(world, dead);
    await first.send('a', 'b');
    await first.send('c');
    await first.stop(1000);
    expect(first.account).toMatchObject({ held: 3, dropped: {} });
    const backend = backendOf();
    const second = await start(world, backend);
    expect(second.account).toMatchObject({ recovered: 3, held: 3 });
    await settle();
    expect(backend.taken).toEqual(['a', 'b', 'c']);
    await second.stop();
    expect(second.account).toMatchObject({ recovered: 3, delivered: 3, held: 0 });
  });

  it('goes on trying for ever', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = () => UNAVAILABLE;
    const { send, stop, account } = await start(world, backend);
    await send('a');
    await world.clock.advance(7 * 24 * 3600_000);
    expect(account).toMatchObject({ held: 1, dropped: {} });
    backend.answer = () => DELIVERED;
    await world.clock.advance(60_000);
    expect(backend.taken).toEqual(['a']);
    await stop();
  });

  it('keeps no more in memory than its window, however long the backlog is', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 400_000 });
    backend.answer = () => UNAVAILABLE;
    const { send, stop, account } = await start(world, backend);
    for (let i = 0; i < 300; i++) await send(...names(10, `${i}-`));
    expect(account.held).toBe(3000);
    expect(world.disk.peakTakenBytes).toBeLessThanOrEqual(2 * 100_000 + 1000);
    backend.answer = () => DELIVERED;
    await world.clock.advance(120_000);
    expect(account).toMatchObject({ delivered: 3000, held: 0 });
    expect(new Set(backend.taken).size).toBe(3000);
    await stop();
  });

  it('sends new data beside a backlog, and before it', async () => {
    const world = createWorld();
    const dead = backendOf();
    dead.answer = () => UNAVAILABLE;
    const first = await start(world, dead);
    for (const name of names(40, 'old')) await first.send(name);
    await first.stop(1000);
    const backend = backendOf({ numConsumers: 1 });
    const answers: ((outcome: ExportOutcome) => void)[] = [];
    backend.answer = () => new Promise((resolve) => answers.push(resolve));
    const second = await start(world, backend);
    await settle();
    for (const name of names(6, 'new')) await second.send(name);
    for (let i = 0; i < 12; i++) {
      answers.shift()?.(DELIVERED);
      await settle();
    }
    const early = backend.taken.slice(0, 10);
    expect(early.filter((name) => name.startsWith('new'))).toHaveLength(6);
    expect(early.filter((name) => name.startsWith('old')).length).toBeGreaterThan(1);
    backend.answer = () => DELIVERED;
    answers.shift()?.(DELIVERED);
    await settle();
    await second.stop(1000);
    expect(second.account).toMatchObject({ delivered: 46, held: 0 });
  });

  it('keeps the order where the exporter asks for it, through an outage, what did not fit into memory, and a new start', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 4000, numConsumers: 1 }, { ordered: true });
    backend.answer = () => UNAVAILABLE;
    const first = await start(world, backend);
    for (const name of names(40)) await first.send(name);
    backend.answer = () => DELIVERED;
    await world.clock.advance(8000);
    for (const name of names(5, 'm')) await first.send(name);
    await settle();
    backend.answer = never;
    await first.send('late');
    await first.stop(100);
    const again = backendOf({ numConsumers: 1 }, { ordered: true });
    const second = await start(world, again);
    await second.send('last');
    await settle();
    expect([...backend.taken, ...again.taken]).toEqual([...names(40), ...names(5, 'm'), 'late', 'last']);
    await second.stop();
  });

  it('settles requests that were merged when the last of their items is', async () => {
    const world = createWorld();
    const backend = backendOf({ batch: { minSize: 4, maxSize: 4, flushTimeoutMs: 100, sizer: 'items' } });
    const { send, stop, account } = await start(world, backend);
    await Promise.all([send('a', 'b', 'c'), send('d', 'e', 'f')]);
    expect(backend.taken).toEqual(['a', 'b', 'c', 'd']);
    expect(world.disk.rows(DIRECTORY).map(({ itemCount }) => itemCount)).toEqual([3]);
    await world.clock.advance(100);
    expect(backend.taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(world.disk.rows(DIRECTORY)).toEqual([]);
    await stop();
    expect(account).toMatchObject({ delivered: 6 });
  });

  it('settles what the backend rejects for good, and counts it', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = () => REJECTED;
    const { send, stop, account } = await start(world, backend);
    await send('a');
    expect(account).toMatchObject({ dropped: { rejected_by_backend: 1 }, held: 0 });
    expect(world.disk.rows(DIRECTORY)).toEqual([]);
    await stop();
  });

  it('settles what is kept as a dead letter when the letter is on disk, not before, and waits for it when it stops', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = () => REJECTED;
    const { sending, send, stop, account } = await start(world, backend);
    const written: (() => void)[] = [];
    sending.keepRejectedIn({ add: () => new Promise((resolve) => written.push(resolve)) });
    await send('a');
    await send('b');
    expect(account).toMatchObject({ dropped: { rejected_by_backend: 2 }, held: 0 });
    expect(world.disk.rows(DIRECTORY)).toHaveLength(2);
    expect(sending.isIdle).toBe(false);
    written.shift()!();
    await settle();
    expect(world.disk.rows(DIRECTORY)).toHaveLength(1);
    const stopped = stop();
    await settle();
    written.shift()!();
    await stopped;
    expect(world.disk.rows(DIRECTORY)).toEqual([]);
  });

  it('gives up what became too old, in memory and on disk', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 2000 });
    backend.answer = () => UNAVAILABLE;
    const { send, stop, account } = await start(world, backend, { maxAgeMs: 60_000 });
    for (const name of names(20)) await send(name);
    await world.clock.advance(50_000);
    await send('young');
    await world.clock.advance(14_000);
    backend.answer = () => DELIVERED;
    await world.clock.advance(40_000);
    expect(account).toMatchObject({ dropped: { expired: 20 }, delivered: 1, held: 0 });
    await stop();
  });

  it('gives up what became too old by its own age, also of requests that were merged', async () => {
    const world = createWorld();
    const backend = backendOf({ batch: { minSize: 4, maxSize: 0, flushTimeoutMs: 300_000, sizer: 'items' } });
    backend.answer = () => UNAVAILABLE;
    const { send, stop, account } = await start(world, backend, { maxAgeMs: 60_000 });
    await send('old');
    await world.clock.advance(30_000);
    await send('young', 'too');
    await send('last');
    await world.clock.advance(35_000);
    expect(account).toMatchObject({ dropped: { expired: 1 }, held: 3 });
    backend.answer = () => DELIVERED;
    await world.clock.advance(20_000);
    expect(backend.taken).toEqual(['young', 'too', 'last']);
    expect(account).toMatchObject({ dropped: { expired: 1 }, delivered: 3, held: 0 });
    await stop();
  });

  it('does not send what became too old before its turn, however large', async () => {
    const world = createWorld();
    const backend = backendOf({
      numConsumers: 1,
      batch: { minSize: 1, maxSize: 2, flushTimeoutMs: 100, sizer: 'items' },
    });
    let answer: (outcome: ExportOutcome) => void = () => {};
    backend.answer = () => new Promise((resolve) => (answer = resolve));
    const { send, stop, account } = await start(world, backend, { maxAgeMs: 60_000 });
    await send('under way');
    await send('a', 'b', 'c', 'd', 'e');
    await world.clock.advance(70_000);
    backend.answer = () => DELIVERED;
    answer(DELIVERED);
    await world.clock.advance(1000);
    expect(backend.tries).toHaveLength(1);
    expect(account).toMatchObject({ dropped: { expired: 5 }, delivered: 1, held: 0 });
    await stop();
  });
});

describe('a queue on disk that is full', () => {
  it('refuses senders, who may try again (block)', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 500 });
    backend.answer = never;
    const { send, stop, account } = await start(world, backend);
    const verdicts = await Promise.all(names(20).map((name) => send(name)));
    expect(verdicts.at(-1)).toMatchObject({ status: 'refused', retryable: true, afterMs: 1000 });
    expect(account.refused + account.held).toBe(20);
    expect(account.refused).toBeGreaterThan(0);
    await stop();
  });

  it('drops the oldest that nobody is sending (drop_oldest)', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 1000 });
    backend.answer = never;
    const { send, stop, account } = await start(world, backend, { onFull: 'drop_oldest' });
    for (const name of names(40)) expect(await send(name)).toEqual({ status: 'accepted' });
    expect(account.refused).toBe(0);
    expect(account.dropped.queue_full! + account.held).toBe(40);
    await stop();
  });

  it('drops what comes (drop_newest)', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 1000 });
    backend.answer = never;
    const { send, stop, account } = await start(world, backend, { onFull: 'drop_newest' });
    for (const name of names(40)) expect(await send(name)).toEqual({ status: 'accepted' });
    expect(account.dropped.queue_full! + account.held).toBe(40);
    await stop();
  });

  it('counts requests where the configuration does', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 3, sizer: 'requests' });
    backend.answer = never;
    const { send, stop, account } = await start(world, backend);
    const verdicts = await Promise.all(names(5).map((name) => send(name)));
    expect(verdicts.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted', 'refused', 'refused']);
    expect(account).toMatchObject({ held: 3, refused: 2 });
    await stop();
  });
});

describe('a disk that fails', () => {
  it('refuses senders while it takes nothing (block), says so, and goes on when it does', async () => {
    const world = createWorld();
    const backend = backendOf();
    const { sending, send, stop, account } = await start(world, backend);
    world.disk.failure = 'no space left on device';
    expect(await send('a')).toMatchObject({ status: 'refused', retryable: true });
    expect(sending.snapshot().disk).toMatchObject({ failure: 'no space left on device' });
    world.disk.failure = undefined;
    expect(await send('b')).toEqual({ status: 'accepted' });
    expect(sending.snapshot().disk).not.toHaveProperty('failure');
    expect(world.deps.lines.map(({ message }) => message)).toEqual([
      'disk takes nothing for a queue',
      'disk takes data for a queue again',
    ]);
    expect(account).toMatchObject({ refused: 1, delivered: 1 });
    await stop();
  });

  it.each(['drop_oldest', 'drop_newest'] as const)(
    'refuses senders whose answer means that it is on disk, whatever a full queue does (%s)',
    async (onFull) => {
      const world = createWorld();
      const { send, stop, account } = await start(world, backendOf(), { onFull, fsync: true });
      world.disk.failure = 'input/output error';
      expect(await send('a', 'b')).toMatchObject({ status: 'refused', retryable: true });
      expect(account).toMatchObject({ refused: 2, dropped: {}, held: 0 });
      await stop();
    },
  );

  it('costs what comes where the policy is to drop and no answer waits for the disk', async () => {
    const world = createWorld();
    const { send, stop, account } = await start(world, backendOf(), { onFull: 'drop_oldest', fsync: false });
    world.disk.failure = 'no space left on device';
    expect(await send('a', 'b')).toEqual({ status: 'accepted' });
    expect(account).toMatchObject({ dropped: { disk_full: 2 }, held: 0 });
    await stop();
  });
});

describe('a durable exporter that another pipeline has from now on', () => {
  it('books for each pipeline what became of its own', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 2000 });
    backend.answer = () => UNAVAILABLE;
    const { sending, send, stop, account } = await start(world, backend, { maxAgeMs: 60_000, onFull: 'drop_oldest' });
    for (const name of names(30)) await send(name);
    const second = new Account();
    sending.belongsTo(second);
    await world.clock.advance(30_000);
    for (const name of names(5, 'm')) {
      second.received++;
      await sending.consume(batchOf([name]), second);
    }
    assertAccounts([account, second], { drained: false });
    await world.clock.advance(34_000);
    assertAccounts([account], { drained: true });
    assertAccounts([second], { drained: false });
    expect(second.held).toBe(5);
    backend.answer = () => DELIVERED;
    await world.clock.advance(40_000);
    assertAccounts([account, second], { drained: true });
    expect(second).toMatchObject({ delivered: 5, dropped: {} });
    expect(account.delivered).toBe(0);
    await stop();
  });
});

describe('a request that the queue loses', () => {
  it('is booked for the pipeline whose request it was, not for the one that has waited longest', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 2000 });
    backend.answer = () => UNAVAILABLE;
    const { sending, send, stop, account } = await start(world, backend);
    for (const name of names(30)) await send(name);
    const second = new Account();
    for (const name of names(5, 'm')) {
      second.received++;
      await sending.consume(batchOf([name]), second);
    }
    for (const { id } of world.disk.rows(DIRECTORY).slice(-2)) world.disk.damaged.add(id);
    backend.answer = () => DELIVERED;
    await world.clock.advance(40_000);
    assertAccounts([account, second], { drained: true });
    expect(account).toMatchObject({ delivered: 30, dropped: {} });
    expect(second).toMatchObject({ delivered: 3, dropped: { corrupt: 2 } });
    await stop();
  });
});

describe('a durable exporter that is replaced', () => {
  it('goes on with the same queue, what waits in its order', async () => {
    const world = createWorld();
    const old = backendOf({ numConsumers: 1 });
    old.answer = () => UNAVAILABLE;
    const { sending, send, stop, account } = await start(world, old);
    for (const name of names(5)) await send(name);
    const made = backendOf({ numConsumers: 1 });
    sending.replace(made.exporter);
    await settle();
    expect(made.taken).toEqual(names(5));
    expect(account).toMatchObject({ delivered: 5, held: 0 });
    await stop();
  });

  it('says what its queue on disk is like', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = () => UNAVAILABLE;
    const { sending, send, stop } = await start(world, backend);
    await send('a');
    await world.clock.advance(5000);
    const metrics = world.deps.metrics.renderPrometheus();
    const labels = '{data_type="traces",exporter="otlp_grpc/x"}';
    expect(metrics).toContain(`sluice_queue_oldest_age_seconds${labels} 5`);
    expect(metrics).toContain(`otelcol_exporter_queue_capacity${labels} ${2 ** 20}`);
    expect(sending.snapshot()).toMatchObject({
      queueCapacityBytes: 2 ** 20,
      disk: { directory: DIRECTORY, requests: 1 },
    });
    await stop();
  });
});

describe('requests that the backend never takes, although it takes others', () => {
  const isBad = (batch: Parameters<TestBackend['answer']>[0]) => Buffer.from(batch.bytes).includes('bad');

  it('wait on disk, so that others are sent however many they are', async () => {
    const world = createWorld();
    // The window is 4 MiB for what just came, and as much for what is read back.
    const backend = backendOf({ capacity: 2 ** 26 });
    backend.answer = (batch) => Promise.resolve(isBad(batch) ? UNAVAILABLE : DELIVERED);
    const { sending, account, send, stop } = await start(world, backend);
    const large = 'x'.repeat(200_000);
    for (let second = 0; second < 60; second++) {
      for (const one of names(5, `at${second}-`)) await send(one);
      await send(`bad${second}${large}`);
      await world.clock.advance(1000);
    }
    expect(account).toMatchObject({ delivered: 300, held: 60, dropped: {} });
    const tries = backend.tries.filter(isBad).length;
    for (let second = 0; second < 120; second++) {
      for (const one of names(5, `later${second}-`)) await send(one);
      await world.clock.advance(1000);
      expect(account.held).toBe(60);
    }
    const perMinute = (backend.tries.filter(isBad).length - tries) / 2;
    expect(perMinute).toBeGreaterThan(60);
    expect(perMinute).toBeLessThan(60 * 10);
    backend.answer = () => Promise.resolve(DELIVERED);
    await world.clock.advance(60_000);
    expect(account).toMatchObject({ delivered: 960, held: 0 });
    expect(sending.isIdle).toBe(true);
    await stop();
  });

  it.each([
    { numConsumers: 10, latencyMs: 1000, perSecond: 6, bad: 40, gapSeconds: 20 },
    { numConsumers: 4, latencyMs: 1000, perSecond: 2, bad: 12, gapSeconds: 60 },
    { numConsumers: 1, latencyMs: 100, perSecond: 4, bad: 12, gapSeconds: 60 },
  ])(
    'take a quarter of the consumers at most, however long each waits for its timeout ($numConsumers consumers)',
    async ({ numConsumers, latencyMs, perSecond, bad, gapSeconds }) => {
      const world = createWorld();
      const { clock } = world;
      const backend = backendOf({ numConsumers });
      backend.answer = async (batch) => {
        await new Promise<void>((resolve) => clock.after(isBad(batch) ? 5000 : latencyMs, resolve));
        return isBad(batch) ? TIMED_OUT : DELIVERED;
      };
      const { account, send, stop } = await start(world, backend);
      const sendFor = async (seconds: number, prefix: string): Promise<void> => {
        for (let second = 0; second < seconds; second++) {
          for (const one of names(perSecond, `${prefix}${second}-`)) await send(one);
          await clock.advance(1000);
        }
      };
      await sendFor(60, 'before');
      for (let i = 0; i < bad; i++) {
        await send(`bad${i}`);
        await sendFor(gapSeconds, `beside${i}-`);
      }
      expect(account).toMatchObject({ dropped: {} });
      expect(account.held).toBeLessThan(bad + 6 * perSecond);
      const { length } = backend.tries.filter(isBad);
      await sendFor(300, 'end');
      expect(account.held).toBeLessThan(bad + 6 * perSecond);
      expect(backend.tries.filter(isBad).length - length).toBeGreaterThan(10);
      backend.answer = () => DELIVERED;
      await clock.advance(120_000);
      expect(account.held).toBe(0);
      await stop();
    },
  );

  it('share what they learn when nothing else is left to be sent, and the backend is dead', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = (batch) => Promise.resolve(isBad(batch) ? UNAVAILABLE : DELIVERED);
    const { account, send, stop } = await start(world, backend);
    for (const one of names(200)) await send(one);
    for (let i = 0; i < 400; i++) {
      await send(`bad${i}`);
      for (const one of names(3, `beside${i}-`)) await send(one);
      await world.clock.advance(100);
    }
    for (let second = 0; second < 120; second++) {
      await send(`later${second}`);
      await world.clock.advance(1000);
    }
    expect(account).toMatchObject({ delivered: 1520, held: 400 });
    await world.clock.advance(120_000);
    const { length } = backend.tries;
    await world.clock.advance(600_000);
    expect((backend.tries.length - length) / 10).toBeLessThan(60);
    backend.answer = () => DELIVERED;
    await world.clock.advance(120_000);
    expect(account).toMatchObject({ delivered: 1920, held: 0 });
    await stop();
  });

  it('are dropped as the oldest when a queue that drops the oldest is full', async () => {
    const world = createWorld();
    const backend = backendOf({ capacity: 20_000 });
    backend.answer = (batch) => Promise.resolve(isBad(batch) ? UNAVAILABLE : DELIVERED);
    const { account, send, stop } = await start(world, backend, { onFull: 'drop_oldest' });
    for (const one of names(100)) await send(one);
    for (let i = 0; i < 10; i++) {
      await send(`bad${i}`);
      for (const one of names(5, `beside${i}-`)) await send(one);
      await world.clock.advance(1000);
    }
    expect(account).toMatchObject({ delivered: 150, held: 10, dropped: {} });
    backend.answer = never;
    for (const one of names(400, 'x'.repeat(100))) expect(await send(one)).toEqual({ status: 'accepted' });
    expect(Buffer.concat(world.disk.rows(DIRECTORY).map(({ bytes }) => bytes)).includes('bad')).toBe(false);
    expect(account.held + account.dropped.queue_full!).toBe(410);
    await stop();
  });

  it('are tried again at once by an exporter that takes the place of theirs, and found at the next start', async () => {
    const world = createWorld();
    const backend = backendOf();
    backend.answer = (batch) => Promise.resolve(isBad(batch) ? UNAVAILABLE : DELIVERED);
    const { sending, account, send, stop } = await start(world, backend);
    for (const one of names(100)) await send(one);
    await send('bad1');
    await world.clock.advance(1000);
    expect(account).toMatchObject({ delivered: 100, held: 1 });
    const other = backendOf();
    other.answer = (batch) => Promise.resolve(isBad(batch) ? UNAVAILABLE : DELIVERED);
    sending.replace(other.exporter);
    await world.clock.advance(0);
    expect(other.tries).toHaveLength(1);
    await stop();
    const next = await start(world, backendOf());
    await world.clock.advance(0);
    expect(next.account).toMatchObject({ recovered: 1, delivered: 1, held: 0 });
    await next.stop();
  });
});
