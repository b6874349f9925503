import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

it.each([30, 100])('waits %d days, though setTimeout takes more than 24 for a millisecond', (days) => {
  vi.useFakeTimers();
  let runs = 0;
  systemClock.after(days * DAY_MS, () => runs++);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(runs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(runs).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('can be cancelled in the middle of a long wait', () => {
  vi.useFakeTimers();
  let runs = 0;
  const timer = systemClock.after(100 * DAY_MS, () => runs++);
  vi.advanceTimersByTime(60 * DAY_MS);
  timer.cancel();
  vi.advanceTimersByTime(100 * DAY_MS);
  expect(runs).toBe(0);
});
