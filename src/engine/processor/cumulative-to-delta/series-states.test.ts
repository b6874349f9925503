import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MetricsRegistry } from '../../../lib/index.ts';
import type { PointState } from './points.ts';
import { SeriesStates } from './series-states.ts';

const number: PointState = { kind: 'int', int: 1n, double: 0 };
const histogram = (buckets: number): PointState => ({
  kind: 'histogram',
  count: 1n,
  sum: 1,
  bounds: Array.from({ length: buckets }, (_, i) => i),
  buckets: Array.from({ length: buckets + 1 }, () => 0n),
});

function setUp(maxBytes: number) {
  const evicted = new MetricsRegistry().counter({ name: 'evicted', help: 'evicted' }, {});
  return { states: new SeriesStates({ maxBytes, evicted }), evicted };
}

describe('what is remembered of series', () => {
  it('stays within its bytes: the series not heard of for longest goes, and is counted', () => {
    const { states, evicted } = setUp(1000);
    for (const key of ['a', 'b', 'c']) states.set(key, { time: 1n, point: number });
    states.set('a', { time: 2n, point: number });
    states.set('d', { time: 2n, point: number });
    expect(['a', 'b', 'c', 'd'].map((key) => states.get(key) !== undefined)).toEqual([true, false, true, true]);
    expect([evicted.value, states.bytes]).toEqual([1, 960]);
  });

  it('forgets what is older than a time', () => {
    const { states } = setUp(10_000);
    states.set('old', { time: 1n, point: number });
    states.set('new', { time: 5n, point: number });
    states.forgetBefore(5n);
    expect([states.get('old'), states.size]).toEqual([undefined, 1]);
  });

  it('never holds more bytes than its bound and one series, and none when it is empty', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      time: fc.bigInt(0n, 20n),
      buckets: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 500, max: 5000 }), (steps, maxBytes) => {
        const { states } = setUp(maxBytes);
        for (const { key, time, buckets } of steps) {
          states.set(key, { time, point: buckets === 0 ? number : histogram(buckets) });
          expect(states.bytes <= maxBytes || states.size === 1).toBe(true);
          expect(states.get(key)?.time).toBe(time);
        }
        states.forgetBefore(100n);
        expect([states.bytes, states.size]).toEqual([0, 0]);
      }),
      { seed: 20_261_122 },
    );
  });
});
