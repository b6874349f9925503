import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, namesOf } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { type Consignment, Origin } from '../exporter/consignment.ts';
import type { BatchSettings } from '../settings/queue.ts';
import { QueueBatcher } from './batcher.ts';

function setUp(settings: Partial<BatchSettings>) {
  const clock = createFakeClock();
  const account = new Account();
  const outstanding = new Set<Consignment>();
  let dueCount = 0;
  let offered = 0;
  const batcher = new QueueBatcher(
    { flushTimeoutMs: 200, minSize: 10, maxSize: 10, sizer: 'items', ...settings },
    clock,
    {
      onDue: () => dueCount++,
      onReplaced(old, made) {
        for (const one of old) expect(outstanding.delete(one)).toBe(true);
        for (const one of made) outstanding.add(one);
      },
    },
  );
  return {
    clock,
    account,
    outstanding,
    batcher,
    dueCount: () => dueCount,
    add(itemCount: number): void {
      const batch = batchOf(Array.from({ length: itemCount }, () => `${offered++}`));
      const shares = [{ origin: new Origin({ account, batch, order: 0, sinceMs: 0 }), itemCount }];
      const consignment = { batch, shares, queueSize: itemCount, heldBytes: batch.bytes.length };
      outstanding.add(consignment);
      batcher.add(consignment);
    },
    /** Item counts of the batches that are ready. */
    takeAll(): number[] {
      const counts: number[] = [];
      for (let next = batcher.take(); next !== undefined; next = batcher.take()) counts.push(next.batch.itemCount);
      return counts;
    },
  };
}

describe('a queue batcher', () => {
  it('keeps what is left of a divided request for the next batch', () => {
    const { batcher, add, takeAll } = setUp({});
    for (let i = 0; i < 3; i++) add(24);
    expect(takeAll()).toEqual([10, 10, 10, 10, 10, 10, 10]);
    batcher.flush();
    expect(takeAll()).toEqual([2]);
  });

  it('sends from the minimum on, whatever more would fit', () => {
    const { add, takeAll } = setUp({ minSize: 20, maxSize: 30 });
    for (let i = 0; i < 5; i++) add(12);
    expect(takeAll()).toEqual([24, 24]);
    add(40);
    expect(takeAll()).toEqual([30, 22]);
  });

  it('has no maximum when it is 0', () => {
    const { add, takeAll } = setUp({ maxSize: 0 });
    add(5);
    add(100);
    expect(takeAll()).toEqual([105]);
  });

  it('sends an item that is larger than the maximum alone', () => {
    const { add, takeAll } = setUp({ sizer: 'bytes', minSize: 1, maxSize: 1 });
    add(3);
    expect(takeAll()).toEqual([1, 1, 1]);
  });

  it('is due a timeout after it began to gather, also from the rest of a request on', async () => {
    const { clock, add, takeAll, dueCount } = setUp({});
    add(3);
    await clock.advance(150);
    add(9);
    expect(takeAll()).toEqual([10]);
    await clock.advance(150);
    expect(takeAll()).toEqual([]);
    await clock.advance(50);
    expect(dueCount()).toBe(1);
    expect(takeAll()).toEqual([2]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('loses and reorders nothing, keeps to the maximum, and hands on the room and the shares of what it took', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
    const limits = fc.record({ minSize: fc.nat(15), maxSize: fc.constantFrom(0, 15, 20) });
    fc.assert(
      fc.property(sizes, limits, (itemCounts, { minSize, maxSize }) => {
        const { add, batcher, outstanding, account } = setUp({ minSize, maxSize });
        const total = itemCounts.reduce((sum, count) => sum + count, 0);
        for (const itemCount of itemCounts) add(itemCount);
        batcher.flush();
        const names: string[] = [];
        let queueSize = 0;
        for (let next = batcher.take(); next !== undefined; next = batcher.take()) {
          expect(outstanding.delete(next)).toBe(true);
          expect(next.batch.itemCount).toBeLessThanOrEqual(maxSize || total);
          names.push(...namesOf(next.batch));
          queueSize += next.queueSize;
          for (const { origin, itemCount } of next.shares) origin.delivered(itemCount, 0);
        }
        expect(names).toEqual(Array.from({ length: total }, (_, i) => `${i}`));
        expect(queueSize).toBe(total);
        expect(outstanding.size).toBe(0);
        expect(account).toMatchObject({ delivered: total, held: 0 });
      }),
    );
  });
});
