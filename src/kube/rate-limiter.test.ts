import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/testkit/fake-clock.ts';
import { createRateLimiter } from './rate-limiter.ts';

it('lets a burst through at once and then so many a second, in the order they came', async () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter(clock, { qps: 10, burst: 5 });
  const passed: number[] = [];
  for (let i = 0; i < 20; i++) void limiter.take().then(() => passed.push(i));
  await clock.advance(0);
  expect(passed).toHaveLength(5);
  await clock.advance(1000);
  expect(passed).toEqual(Array.from({ length: 15 }, (_, i) => i));
  await clock.advance(500);
  expect(passed).toHaveLength(20);
});

it('fills up again, and no further than the burst', async () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter(clock, { qps: 10, burst: 5 });
  await clock.advance(60_000);
  let passed = 0;
  for (let i = 0; i < 8; i++) void limiter.take().then(() => passed++);
  await clock.advance(0);
  expect(passed).toBe(5);
});
