import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDiskDouble } from '../../../test/testkit/disk-queue-double.ts';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  namesOf,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock, type FakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account, lostItems } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Batch, Verdict } from '../batch.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { DurableExporter } from './durable.ts';

const DIRECTORY = '/q/traces';
const { failure } = UNAVAILABLE as Extract<ExportOutcome, { status: 'retryable' }>;
const outcome: fc.Arbitrary<ExportOutcome> = fc.oneof(
  { arbitrary: fc.constant(DELIVERED), weight: 4 },
  fc.record({ status: fc.constant('delivered' as const), rejectedCount: fc.nat(5) }),
  fc.constant(UNAVAILABLE),
  fc.record({ status: fc.constant('throttled' as const), afterMs: fc.nat(3000), failure: fc.constant(failure) }),
  fc
    .constantFrom('rejected', 'too_large', 'credentials')
    .map((kind): ExportOutcome => ({ status: 'permanent', failure: { kind: kind as 'rejected', message: 'no' } })),
);
const step = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      itemCount: fc.integer({ min: 1, max: 12 }),
      acknowledged: fc.boolean(),
    }),
    weight: 6,
  },
  fc.record({ kind: fc.constant('answer' as const), pick: fc.nat(), outcome }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(2000) }),
  fc.record({ kind: fc.constant('backend' as const), outcome: fc.option(outcome, { nil: undefined }) }),
  fc.record({ kind: fc.constant('disk' as const), failure: fc.option(fc.constant('no space'), { nil: undefined }) }),
  fc.record({ kind: fc.constant('replace' as const) }),
  fc.record({ kind: fc.constant('stop' as const), graceMs: fc.constantFrom(0, 500) }),
);
const settings = fc.record({
  capacity: fc.oneof(fc.integer({ min: 600, max: 6000 }), fc.constant(40_000)),
  numConsumers: fc.integer({ min: 1, max: 4 }),
  ordered: fc.boolean(),
  onFull: fc.constantFrom('block', 'drop_oldest', 'drop_newest'),
  maxAgeMs: fc.option(fc.integer({ min: 1000, max: 20_000 }), { nil: undefined }),
  batch: fc.option(
    fc.record({
      flushTimeoutMs: fc.constant(200),
      minSize: fc.nat(10),
      maxSize: fc.constantFrom(0, 10, 15),
      sizer: fc.constant('items' as const),
    }),
    { nil: undefined },
  ),
});

it('loses nothing that it acknowledged, whatever the backend, the disk and stops do, and accounts for every item at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 60 }), async (chosen, steps) => {
      const { batch, ordered, capacity, numConsumers } = chosen;
      const clock = createFakeClock();
      const disk = createDiskDouble();
      let behaviour: ExportOutcome | undefined;
      const open: ((answer: ExportOutcome) => void)[] = [];
      const arrived: string[] = [];
      let rejected = 0;
      const decide = (one: ExportOutcome, sent: Batch): ExportOutcome => {
        const decided =
          one.status === 'delivered' ? { ...one, rejectedCount: Math.min(one.rejectedCount, sent.itemCount) } : one;
        if (decided.status !== 'delivered') return decided;
        arrived.push(...namesOf(sent));
        rejected += decided.rejectedCount;
        return decided;
      };
      const createBackend = () => {
        const backend = createTestBackend({
          ordered,
          queue: {
            capacity,
            numConsumers,
            sizer: 'bytes',
            blockOnOverflow: false,
            waitForResult: false,
            ...(batch !== undefined && { batch }),
          },
          retry: {
            initialIntervalMs: 300,
            randomizationFactor: 0,
            multiplier: 1.5,
            maxIntervalMs: 900,
            maxElapsedMs: 0,
          },
        });
        backend.answer = (sent) =>
          behaviour !== undefined
            ? decide(behaviour, sent)
            : new Promise((resolve) => open.push((one) => resolve(decide(one, sent))));
        return backend.exporter;
      };
      const begin = () => beginLife({ clock, disk, chosen, createBackend });
      let life = await begin();
      const accepted: string[] = [];
      let next = 0;
      let dropped = 0;
      for (const one of steps) {
        if (one.kind === 'offer') {
          const names = Array.from({ length: one.itemCount }, () => `n${next++}`);
          life.account.received += one.itemCount;
          const answer = life.sending.consume(batchOf(names, { acknowledged: one.acknowledged }), life.account);
          const note = (verdict: Verdict) => verdict.status === 'accepted' && accepted.push(...names);
          if (answer instanceof Promise) void answer.then(note);
          else note(answer);
        } else if (one.kind === 'answer') {
          if (open.length > 0) open.splice(one.pick % open.length, 1)[0]!(one.outcome);
        } else if (one.kind === 'advance') await clock.advance(one.ms);
        else if (one.kind === 'backend') behaviour = one.outcome;
        else if (one.kind === 'disk') disk.failure = one.failure;
        else if (one.kind === 'replace') life.sending.replace(createBackend());
        else {
          await clock.advance(0);
          const drained = life.sending.drain(clock.monotonicMs() + one.graceMs);
          await clock.advance(one.graceMs);
          await drained;
          await life.sending.close();
          expect(clock.pendingTimers).toBe(0);
          assertAccounts([life.account], { drained: false });
          dropped += lostItems(life.account.row());
          // Nobody hears what these come to: the process is gone.
          open.length = 0;
          life = await begin();
        }
        await clock.advance(0);
        assertAccounts([life.account], { drained: false });
        const onDisk = disk.rows(DIRECTORY).reduce((sum, row) => sum + row.itemCount, 0);
        expect(life.account.held).toBeLessThanOrEqual(onDisk);
      }
      disk.failure = undefined;
      behaviour = DELIVERED;
      for (const answer of open.splice(0)) answer(UNAVAILABLE);
      await clock.advance(300_000);
      assertAccounts([life.account], { drained: true });
      expect(disk.rows(DIRECTORY)).toEqual([]);
      expect(life.sending.isIdle).toBe(true);
      dropped += lostItems(life.account.row());
      const missing = accepted.filter((name) => !arrived.includes(name));
      expect(missing.length).toBeLessThanOrEqual(dropped - rejected);
    }),
    { numRuns: 300 },
  );
});

interface Life {
  readonly clock: FakeClock;
  readonly disk: ReturnType<typeof createDiskDouble>;
  readonly chosen: { readonly onFull: string; readonly maxAgeMs: number | undefined };
  createBackend(): ConstructorParameters<typeof DurableExporter>[0];
}

async function beginLife({ clock, disk, chosen: { onFull, maxAgeMs }, createBackend }: Life) {
  const storage: QueueStorage = {
    directory: '/q',
    createDirectory: true,
    shared: false,
    fsync: true,
    onFull: onFull as QueueStorage['onFull'],
    ...(maxAgeMs !== undefined && { maxAgeMs }),
  };
  const sending = new DurableExporter(createBackend(), {
    id: componentId('test'),
    signal: 'traces',
    deps: testDeps(clock),
    storage,
    directory: DIRECTORY,
    openQueue: (limits, { events }) => disk.open(limits, { clock, events, files: undefined as never }),
  });
  const account = new Account();
  await sending.open();
  sending.belongsTo(account);
  return { sending, account };
}
