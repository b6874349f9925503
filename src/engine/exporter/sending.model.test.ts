import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  namesOf,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Batch } from '../batch.ts';
import { SendingExporter } from './sending.ts';
import { SuccessShare } from './success-share.ts';

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
/** Failed tries in a row that make an outage of a backend that did not fail before. */
const FAILURES = 20;
const INITIAL_INTERVAL_MS = 300;
const step = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      itemCount: fc.integer({ min: 1, max: 12 }),
      acknowledged: fc.boolean(),
      lane: fc.nat(2),
    }),
    weight: 5,
  },
  fc.record({ kind: fc.constant('answer' as const), pick: fc.nat(), outcome }),
  fc.record({ kind: fc.constant('outage' as const), requests: fc.integer({ min: 20, max: 60 }) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(2000) }),
  fc.record({ kind: fc.constant('backend' as const), outcome: fc.option(outcome, { nil: undefined }) }),
);
const settings = fc.record({
  capacity: fc.oneof(fc.integer({ min: 50, max: 6000 }), fc.constant(40_000)),
  numConsumers: fc.integer({ min: 1, max: 4 }),
  blockOnOverflow: fc.boolean(),
  waitForResult: fc.boolean(),
  batch: fc.option(
    fc.record({
      flushTimeoutMs: fc.constant(200),
      minSize: fc.nat(10),
      maxSize: fc.constantFrom(0, 10, 15),
      sizer: fc.constant('items' as const),
    }),
    { nil: undefined },
  ),
  maxElapsedMs: fc.constantFrom(0, 1500),
});

it('accounts for every item at every moment, keeps its bounds, also of tries while the backend is down, and gives no item to it twice', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 60 }), async ({ batch, maxElapsedMs, ...rest }, steps) => {
      const clock = createFakeClock();
      const backend = createTestBackend({
        queue: { ...rest, sizer: 'bytes', ...(batch !== undefined && { batch }) },
        retry: {
          initialIntervalMs: INITIAL_INTERVAL_MS,
          randomizationFactor: 0,
          multiplier: 1.5,
          maxIntervalMs: 900,
          maxElapsedMs,
        },
      });
      const sending = new SendingExporter(backend.exporter, {
        id: componentId('test'),
        signal: 'traces',
        deps: testDeps(clock),
      });
      const accounts = [new Account(), new Account(), new Account()];
      const open: ((answer: ExportOutcome) => void)[] = [];
      /** Undefined leaves a try open until an `answer` step settles it. */
      let behaviour: ExportOutcome | undefined;
      const decide = (one: ExportOutcome, { itemCount }: Batch): ExportOutcome =>
        one.status === 'delivered' ? { ...one, rejectedCount: Math.min(one.rejectedCount, itemCount) } : one;
      const arrived: string[] = [];
      let rejected = 0;
      /** Since when nothing but failures came back, how many tries began, how many are many in a row. */
      let failing = { sinceMs: 0, tries: 0, failures: 0, limit: FAILURES };
      const share = new SuccessShare();
      const answered = (one: ExportOutcome, sent: Batch): ExportOutcome => {
        const decided = decide(one, sent);
        // What it asks of a sender that waits is meant for that sender alone: it is there.
        const isThere = decided.status === 'throttled' && rest.waitForResult;
        if (decided.status === 'delivered' || decided.status === 'permanent' || isThere) {
          if (failing.failures >= failing.limit) share.reset();
          share.add(true);
          const limit = Math.max(FAILURES, share.longestRunOfFailures);
          failing = { sinceMs: clock.monotonicMs(), tries: 0, failures: 0, limit };
        } else {
          if (failing.failures < failing.limit) share.add(false);
          failing.failures++;
        }
        if (decided.status === 'delivered') {
          arrived.push(...namesOf(sent));
          rejected += decided.rejectedCount;
        }
        return decided;
      };
      backend.answer = (sent) => {
        failing.tries++;
        return behaviour !== undefined
          ? answered(behaviour, sent)
          : new Promise((resolve) => open.push((one) => resolve(answered(one, sent))));
      };
      let next = 0;
      for (const one of steps) {
        if (one.kind === 'offer') {
          const names = Array.from({ length: one.itemCount }, () => `n${next++}`);
          accounts[one.lane]!.received += one.itemCount;
          void sending.consume(batchOf(names, { acknowledged: one.acknowledged }), accounts[one.lane]!);
        } else if (one.kind === 'outage') {
          behaviour = UNAVAILABLE;
          accounts[0]!.received += one.requests;
          for (let i = 0; i < one.requests; i++) void sending.consume(batchOf([`n${next++}`]), accounts[0]!);
        } else if (one.kind === 'answer') {
          if (open.length > 0) open.splice(one.pick % open.length, 1)[0]!(one.outcome);
        } else if (one.kind === 'advance') await clock.advance(one.ms);
        else behaviour = one.outcome;
        await clock.advance(0);
        assertAccounts(accounts, { drained: false });
        const openings = Math.floor((clock.monotonicMs() - failing.sinceMs) / INITIAL_INTERVAL_MS);
        expect(failing.tries).toBeLessThanOrEqual(failing.limit + rest.numConsumers * (1 + openings));
        if (!rest.blockOnOverflow) expect(sending.snapshot().queueBytes).toBeLessThanOrEqual(rest.capacity);
      }
      sending.hasten();
      const drained = sending.drain(clock.monotonicMs() + 1000);
      await clock.advance(1000);
      await drained;
      assertAccounts(accounts, { drained: true });
      expect(sending.snapshot().queueBytes).toBe(0);
      expect(new Set(arrived).size).toBe(arrived.length);
      expect(accounts.reduce((sum, account) => sum + account.delivered, 0)).toBe(arrived.length - rejected);
    }),
    { numRuns: 300 },
  );
});
