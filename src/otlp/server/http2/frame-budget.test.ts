import { describe, expect, it } from 'vitest';

import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import { ConnectionError } from './frame.ts';
import { FrameBudget } from './frame-budget.ts';

const OPTIONS = { name: 'frames', burst: 10, perSecond: 2 };

function taken(budget: FrameBudget): number {
  for (let count = 0; ; count++) {
    try {
      budget.take();
    } catch (error) {
      expect(error).toBeInstanceOf(ConnectionError);
      return count;
    }
  }
}

describe('a frame budget', () => {
  it('allows a burst, then what time gives back, and never more than the burst', async () => {
    const clock = createFakeClock();
    const budget = new FrameBudget(clock, OPTIONS);
    expect(taken(budget)).toBe(10);
    await clock.advance(2000);
    expect(taken(budget)).toBe(4);
    await clock.advance(3_600_000);
    expect(taken(budget)).toBe(10);
  });

  it('grows with what is granted, up to the burst', () => {
    const budget = new FrameBudget(createFakeClock(), OPTIONS);
    budget.grant(5);
    expect(taken(budget)).toBe(10);
    budget.grant(3);
    expect(taken(budget)).toBe(3);
  });
});
