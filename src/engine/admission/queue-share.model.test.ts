/**
 * A queue with a backend that takes so much a second, and senders that send so much: who gets what, without processes or
 * sockets, in simulated time. The queue is real, the backend is a number.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch, refuse, type Verdict } from '../batch.ts';
import { SendingQueue } from '../queue/sending-queue.ts';
import { Admission } from './admission.ts';

const CAPACITY = 1_000_000;
const REQUEST_BYTES = 1000;
const STEP_MS = 10;

interface Load {
  /** Bytes a second of each sender. */
  readonly rates: readonly number[];
  /** Bytes a second that the backend takes. */
  readonly backendRate: number;
  readonly seconds: number;
  /** Requests that the stage in front of the queue merges into one. */
  readonly merged?: number;
  readonly drops?: boolean;
  readonly guarded?: boolean;
}

/** The part of each sender's bytes that the queue took, in the second half of the time. */
async function share({
  rates,
  backendRate,
  seconds,
  merged = 1,
  drops = false,
  guarded = true,
}: Load): Promise<number[]> {
  const clock = createFakeClock();
  const account = new Account();
  const queue = new SendingQueue<Batch>(CAPACITY);
  const way = {
    id: 'otlp_grpc/backend' as ComponentId,
    get queueSize() {
      return queue.size;
    },
    queueCapacity: CAPACITY,
  };
  const taken = rates.map(() => 0);
  const offered = rates.map(() => 0);
  let gathered: Batch[] = [];
  const enqueue = (batch: Batch): Verdict => {
    gathered.push(batch);
    account.held += 1;
    if (gathered.length < merged) return ACCEPTED;
    const size = gathered.length * REQUEST_BYTES;
    if (!queue.hasRoom(size)) {
      account.held -= gathered.length;
      const parts = gathered;
      gathered = [];
      if (merged > 1) account.drop('queue_full', parts.length);
      else return refuse(batch, [account], { cause: 'queue_full', retryable: true, afterMs: 1000, message: 'full' });
      for (const part of parts) lost[Number(part.peer)]! += REQUEST_BYTES;
      return ACCEPTED;
    }
    for (const part of gathered) queue.offer(part, REQUEST_BYTES);
    gathered = [];
    return ACCEPTED;
  };
  const lost = rates.map(() => 0);
  const admission = new Admission(testDeps(clock));
  const options = {
    queues: [way],
    accounts: [account],
    size: (batch: Batch) => batch.bytes.length,
    drops: () => drops,
  };
  const guard = guarded ? admission.guard({ consume: enqueue }, options) : { consume: enqueue };
  const bytes = new Uint8Array(REQUEST_BYTES);
  const steps = (seconds * 1000) / STEP_MS;
  const due = rates.map(() => 0);
  let sending = 0;
  for (let step = 0; step < steps; step++) {
    await clock.advance(STEP_MS);
    const measured = step >= steps / 2;
    for (let i = 0; i < rates.length; i++) {
      for (due[i]! += (rates[i]! * STEP_MS) / 1000; due[i]! >= REQUEST_BYTES; due[i]! -= REQUEST_BYTES) {
        const batch = { signal: 'logs' as const, bytes, itemCount: 1, acknowledged: false, peer: String(i) };
        const before = account.dropped.queue_full ?? 0;
        account.received += 1;
        const verdict = guard.consume(batch) as Verdict;
        const isTaken = verdict.status === 'accepted' && (merged > 1 || (account.dropped.queue_full ?? 0) === before);
        const isDropped = drops && (account.dropped.queue_full ?? 0) === before + 1;
        if (!measured) continue;
        offered[i]! += REQUEST_BYTES;
        if (isTaken && !isDropped) taken[i]! += REQUEST_BYTES;
      }
    }
    if (step === Math.floor(steps / 2)) lost.fill(0);
    for (sending += (backendRate * STEP_MS) / 1000; sending >= REQUEST_BYTES; sending -= REQUEST_BYTES) {
      if (queue.take() === undefined) continue;
      queue.release(REQUEST_BYTES);
      account.held -= 1;
      account.delivered += 1;
    }
    expect(account.row().unaccounted).toBe(0);
  }
  return rates.map((_, i) => (taken[i]! - lost[i]!) / offered[i]!);
}

const tenants = (flood: number) => [100_000 * flood, ...new Array<number>(9).fill(80_000)];

describe('a queue that one of ten senders floods with 20 times its share', () => {
  it('takes all that the others send', async () => {
    const [flood, ...others] = await share({ rates: tenants(20), backendRate: 1_000_000, seconds: 20 });
    for (const other of others) expect(other).toBeGreaterThanOrEqual(0.99);
    expect(flood).toBeGreaterThan(0.1);
    expect(flood).toBeLessThan(0.2);
  });

  it('would refuse the others as well without it', async () => {
    const [, ...others] = await share({ rates: tenants(20), backendRate: 1_000_000, seconds: 20, guarded: false });
    expect(Math.min(...others)).toBeLessThan(0.8);
  });

  it('takes all that the others send behind a stage that merges requests and answers their senders', async () => {
    const load = { rates: tenants(20), backendRate: 1_000_000, seconds: 20, merged: 16, drops: true };
    const [, ...others] = await share(load);
    for (const other of others) expect(other).toBeGreaterThanOrEqual(0.99);
  });

  it('gives the backend no less to do', async () => {
    const rates = tenants(20);
    const shares = await share({ rates, backendRate: 1_000_000, seconds: 20 });
    const taken = shares.reduce((sum, part, i) => sum + part * rates[i]!, 0);
    expect(taken).toBeGreaterThanOrEqual(0.99 * 1_000_000);
  });
});

describe('a sender that is alone', () => {
  it('fills the whole queue', async () => {
    const [only] = await share({ rates: [1_000_000], backendRate: 990_000, seconds: 60 });
    expect(only).toBeGreaterThan(0.985);
  });
});

it('whatever senders send and a backend takes: who sends at most four fifths of an equal part loses nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 10, max: 4000 }), { minLength: 2, maxLength: 8 }),
      fc.integer({ min: 200, max: 2000 }),
      async (kilobytes, backend) => {
        const rates = kilobytes.map((rate) => rate * 1000);
        const backendRate = backend * 1000;
        const shares = await share({ rates, backendRate, seconds: 12 });
        rates.forEach((rate, i) => {
          if (rate <= (0.8 * backendRate) / rates.length) expect(shares[i], `sender ${i}`).toBeGreaterThanOrEqual(0.99);
        });
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
