import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../test/testkit/fake-clock.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

const start = () => {
  const clock = createFakeClock();
  return { clock, queue: createWorkQueue({ clock }) };
};
const takeNow = async (queue: WorkQueue) => (queue.length === 0 ? undefined : queue.take());

describe('a work queue', () => {
  it('holds a key once, however often it is added', async () => {
    const { queue } = start();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(queue.length).toBe(2);
    expect([await queue.take(), await queue.take()]).toEqual(['a', 'b']);
  });

  it('gives a key that is added during work again, and only after the work is done', async () => {
    const { queue } = start();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    await queue.take();
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('gives those who wait a key each, in their order', async () => {
    const { queue } = start();
    const takers = [queue.take(), queue.take()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(takers)).toEqual(['a', 'b']);
  });

  it('takes the earliest of several delays', async () => {
    const { queue, clock } = start();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('a', 100);
    await clock.advance(99);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('doubles the delay of a key that fails up to the longest, and begins anew when it is forgotten', async () => {
    const { queue } = start();
    const delays = Array.from({ length: 20 }, () => queue.addRateLimited('a'));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(17)).toEqual([655_360, 1_000_000, 1_000_000]);
    expect(queue.addRateLimited('b')).toBe(5);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
  });

  it('gives nothing more once it is shut down, and frees those who wait', async () => {
    const { queue, clock } = start();
    const waiting = queue.take();
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('a');
    expect(await waiting).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect([queue.length, clock.pendingTimers]).toEqual([0, 0]);
  });

  type Step = { readonly kind: 'add' | 'after' | 'take' | 'done' | 'wait'; readonly key: string };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('add' as const, 'after' as const, 'take' as const, 'done' as const, 'wait' as const),
    key: fc.constantFrom('a', 'b', 'c'),
  });

  it('gives every key that was added at least once afterwards, and never one that is in work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, clock } = start();
        const owed = new Set<string>();
        const inWork = new Set<string>();
        const take = async () => {
          const key = await takeNow(queue);
          if (key === undefined) return;
          expect(inWork.has(key)).toBe(false);
          inWork.add(key);
          owed.delete(key);
        };
        for (const { kind, key } of steps) {
          if (kind === 'add') queue.add(key);
          if (kind === 'after') queue.addAfter(key, 50);
          if (kind === 'add' || kind === 'after') owed.add(key);
          if (kind === 'take') await take();
          if (kind === 'done' && inWork.delete(key)) queue.done(key);
          if (kind === 'wait') await clock.advance(20);
        }
        await clock.advance(50);
        for (const key of inWork) queue.done(key);
        inWork.clear();
        while (queue.length > 0) await take();
        expect([...owed]).toEqual([]);
        await settle();
      }),
    );
  });
});
