import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendingQueue } from './sending-queue.ts';

describe('SendingQueue', () => {
  it('gives entries out in the order they came', () => {
    const queue = new SendingQueue<string>(10);
    for (const name of ['a', 'b', 'c']) queue.offer(name, 1);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', 'c', undefined]);
  });

  it('keeps the room of an entry that was taken until it is released', () => {
    const queue = new SendingQueue<string>(10);
    queue.offer('a', 10);
    queue.take();
    expect(queue.offer('b', 1)).toBe(false);
    queue.release(10);
    expect(queue.offer('b', 1)).toBe(true);
  });

  it('lets whoever waits for room go before whoever comes later, however small', () => {
    const queue = new SendingQueue<string>(10);
    queue.offer('a', 8);
    let admitted = false;
    queue.offerWhenRoom('large', 5, () => {
      admitted = true;
    });
    expect(queue.offer('small', 1)).toBe(false);
    queue.release(8);
    expect(admitted).toBe(true);
    expect(queue.offer('small', 1)).toBe(true);
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'large', 'small']);
  });

  it('behaves as a plain list with a sum does, whatever is offered, taken and released', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('offer' as const), size: fc.nat(40) }),
      fc.record({ kind: fc.constant('wait' as const), size: fc.nat(30) }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new SendingQueue<{ readonly size: number }>(30);
        const waiting: { readonly size: number }[] = [];
        const queued: { readonly size: number }[] = [];
        const taken: { readonly size: number }[] = [];
        const sum = () => [...queued, ...taken].reduce((total, entry) => total + entry.size, 0);
        const admit = () => {
          while (waiting.length > 0 && sum() + waiting[0]!.size <= 30) queued.push(waiting.shift()!);
        };
        for (const one of steps) {
          if (one.kind === 'offer') {
            const entry = { size: one.size };
            const fits = waiting.length === 0 && sum() + one.size <= 30;
            expect(queue.offer(entry, one.size)).toBe(fits);
            if (fits) queued.push(entry);
          } else if (one.kind === 'wait') {
            const entry = { size: one.size };
            queue.offerWhenRoom(entry, one.size, () => {});
            waiting.push(entry);
            admit();
          } else if (one.kind === 'take') {
            const entry = queue.take();
            expect(entry).toBe(queued.shift());
            if (entry !== undefined) taken.push(entry);
          } else if (taken.length > 0) {
            const [entry] = taken.splice(one.pick % taken.length, 1);
            queue.release(entry!.size);
            admit();
          }
          expect(queue.size).toBe(sum());
          expect(queue.size).toBeLessThanOrEqual(queue.capacity);
          expect(queue.length).toBe(queued.length);
        }
      }),
    );
  });
});
