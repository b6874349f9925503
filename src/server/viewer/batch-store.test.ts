import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNALS } from '../../pdata/index.ts';
import { BatchStore } from './batch-store.ts';

const limits = { items: { traces: 100, metrics: 150, logs: 80 }, bytes: 1000 };

const arbitraryBatch = fc.record({
  signal: fc.constantFrom(...SIGNALS),
  byteCount: fc.nat({ max: 300 }),
  itemCount: fc.nat({ max: 60 }),
});

describe('BatchStore', () => {
  it('keeps a suffix of what came, never above a limit, and counts the rest', () => {
    fc.assert(
      fc.property(fc.array(arbitraryBatch, { maxLength: 200 }), (batches) => {
        const store = new BatchStore(limits);
        const added = { traces: 0, metrics: 0, logs: 0 };
        for (const { signal, byteCount, itemCount } of batches) {
          store.add(signal, new Uint8Array(byteCount), itemCount, 0);
          added[signal] += itemCount;
          const kept = SIGNALS.flatMap((each) => store.batches(each));
          expect(store.bytes).toBe(kept.reduce((total, batch) => total + batch.bytes.byteLength, 0));
          expect(store.bytes).toBeLessThanOrEqual(limits.bytes);
          for (const each of SIGNALS) {
            const own = store.batches(each);
            expect(store.itemCount(each)).toBe(own.reduce((total, batch) => total + batch.itemCount, 0));
            expect(store.itemCount(each)).toBeLessThanOrEqual(limits.items[each]);
            expect(store.itemCount(each) + store.evicted[each]).toBe(added[each]);
            const sequences = own.map((batch) => batch.sequence);
            expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
          }
        }
      }),
    );
  });

  it('gives the room of the oldest batch of any signal to new bytes', () => {
    const store = new BatchStore(limits);
    store.add('logs', new Uint8Array(400), 1, 0);
    store.add('traces', new Uint8Array(400), 1, 0);
    store.add('metrics', new Uint8Array(400), 1, 0);
    expect(SIGNALS.map((signal) => store.batches(signal).length)).toEqual([1, 1, 0]);
    expect(store.evicted.logs).toBe(1);
  });

  it('does not keep a batch that alone exceeds a limit, and leaves the others alone', () => {
    const store = new BatchStore(limits);
    store.add('traces', new Uint8Array(10), 5, 0);
    store.add('traces', new Uint8Array(10), 101, 0);
    store.add('traces', new Uint8Array(1001), 1, 0);
    expect(store.itemCount('traces')).toBe(5);
    expect(store.evicted.traces).toBe(102);
  });
});
