import { describe, expect, it } from 'vitest';

import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Deadlines, type Expiring } from './deadlines.ts';

describe('deadlines', () => {
  it('expire what is late, once, and keep the rest', async () => {
    const clock = createFakeClock();
    const deadlines = new Deadlines(clock);
    const expired: string[] = [];
    const watch = (name: string, deadlineMs: number): Expiring => {
      const item = { deadlineMs, expire: () => expired.push(name) };
      deadlines.add(item);
      return item;
    };
    const start = clock.monotonicMs();
    watch('late', start + 100);
    const removed = watch('removed', start + 100);
    watch('never', Number.POSITIVE_INFINITY);
    watch('later', start + 1000);
    deadlines.remove(removed);
    await clock.advance(500);
    expect(expired).toEqual(['late']);
    await clock.advance(1000);
    expect(expired).toEqual(['late', 'later']);
    deadlines.close();
    await clock.advance(10_000);
    expect(expired).toEqual(['late', 'later']);
  });
});
