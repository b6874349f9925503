import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { ConcurrencyLimit, type LimitedTry, type TryResult } from './concurrency.ts';

interface Backend {
  /** How many requests it serves at once; it throttles what comes beside them. */
  readonly capacity: number;
  readonly latencyMs: number;
}

/** A sender that always has more to send, for a time. */
async function send(
  limit: ConcurrencyLimit,
  clock: ReturnType<typeof createFakeClock>,
  backend: () => Backend,
  ms: number,
) {
  const seen = { limits: [] as number[], answered: 0, throttled: 0 };
  let underWay = 0;
  let serving = 0;
  const endMs = clock.monotonicMs() + ms;
  const begin = (): void => {
    while (underWay < limit.current && clock.monotonicMs() < endMs) {
      underWay++;
      const tried = limit.begin(underWay);
      const { capacity, latencyMs } = backend();
      if (serving >= capacity) clock.after(1, () => conclude(tried, 'congested'));
      else {
        serving++;
        clock.after(latencyMs, () => {
          serving--;
          conclude(tried, 'answered');
        });
      }
    }
  };
  const conclude = (tried: LimitedTry, result: TryResult): void => {
    underWay--;
    if (result === 'answered') seen.answered++;
    else seen.throttled++;
    limit.conclude(tried, result);
    seen.limits.push(limit.current);
    begin();
  };
  begin();
  await clock.advance(ms + 1000);
  return seen;
}

describe('how many tries may be under way', () => {
  it('is what the exporter has consumers, as long as the backend does not complain', async () => {
    const clock = createFakeClock();
    const limit = new ConcurrencyLimit(10, clock);
    const { limits, throttled } = await send(limit, clock, () => ({ capacity: 100, latencyMs: 20 }), 5000);
    expect([...new Set(limits)]).toEqual([10]);
    expect(throttled).toBe(0);
  });

  it('comes down to what a backend serves at once, and stays near it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 200 }),
        async (max, share, latencyMs) => {
          const clock = createFakeClock();
          const capacity = Math.max(1, Math.floor(max * share));
          const limit = new ConcurrencyLimit(max, clock);
          const backend = { capacity, latencyMs };
          await send(limit, clock, () => backend, latencyMs * 100);
          const { limits, answered, throttled } = await send(limit, clock, () => backend, latencyMs * 400);
          expect(Math.max(...limits)).toBeLessThanOrEqual(Math.min(max, capacity + 1));
          expect(Math.min(...limits)).toBeGreaterThanOrEqual(Math.max(1, Math.floor(capacity * 0.7)));
          const possible = 400 * capacity;
          expect(answered).toBeGreaterThan(0.75 * possible);
          expect(throttled).toBeLessThanOrEqual(answered / Math.min(4, capacity) + 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('grows again when the backend does', async () => {
    const clock = createFakeClock();
    const limit = new ConcurrencyLimit(40, clock);
    let backend = { capacity: 3, latencyMs: 10 };
    await send(limit, clock, () => backend, 5000);
    expect(limit.current).toBeLessThanOrEqual(4);
    backend = { capacity: 200, latencyMs: 10 };
    await send(limit, clock, () => backend, 2000);
    expect(limit.current).toBe(40);
  });

  it('grows again, if slowly, at a backend that became slower for good', async () => {
    const clock = createFakeClock();
    const limit = new ConcurrencyLimit(10, clock);
    let backend = { capacity: 2, latencyMs: 10 };
    await send(limit, clock, () => backend, 2000);
    backend = { capacity: 200, latencyMs: 500 };
    await send(limit, clock, () => backend, 120_000);
    expect(limit.current).toBe(10);
  });

  it('does not grow while it is not made use of', () => {
    const clock = createFakeClock();
    const limit = new ConcurrencyLimit(10, clock);
    limit.conclude(limit.begin(10), 'congested');
    for (let i = 0; i < 1000; i++) limit.conclude(limit.begin(1), 'answered');
    expect(limit.current).toBe(7);
  });

  it('is cut once for all tries that began before it was', () => {
    const clock = createFakeClock();
    const limit = new ConcurrencyLimit(10, clock);
    const tries = Array.from({ length: 10 }, (_, i) => limit.begin(i + 1));
    for (const tried of tries) limit.conclude(tried, 'congested');
    expect(limit.current).toBe(7);
  });

  it('stays within its bounds whatever the tries come to', () => {
    const result = fc.constantFrom<TryResult>('answered', 'congested', 'failed');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(result, { maxLength: 500 }), (max, results) => {
        const limit = new ConcurrencyLimit(max, createFakeClock());
        for (const one of results) {
          limit.conclude(limit.begin(limit.current), one);
          expect(limit.current).toBeGreaterThanOrEqual(1);
          expect(limit.current).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  it('is none for an exporter without a queue', () => {
    const limit = new ConcurrencyLimit(Number.POSITIVE_INFINITY, createFakeClock());
    for (let i = 0; i < 100; i++) limit.conclude(limit.begin(i), 'congested');
    expect(limit.current).toBe(Number.POSITIVE_INFINITY);
  });
});
