import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, estimate, ratio } from './estimate.ts';
import { tailsOf, tQuantile } from './student.ts';
import { mean, median, variance } from './summary.ts';
import { verdictOf } from './verdict.ts';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const sample = fc.array(value, { minLength: 2, maxLength: 12 });
/** Well away from 0, as what is divided by has to be. */
const positive = fc.array(fc.double({ min: 900, max: 1100, noNaN: true }), { minLength: 3, maxLength: 12 });

describe('the distribution of Student', () => {
  // The usual printed table of the 0.975 quantile.
  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [4, 2.7764],
    [9, 2.2622],
    [30, 2.0423],
    [120, 1.9799],
    [1e6, 1.96],
  ])('with %d degrees of freedom reaches %d standard errors', (degrees, expected) => {
    expect(tQuantile(degrees)).toBeCloseTo(expected, 4);
  });

  it('is what integrals say that have a closed form: one and two degrees of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (t) => {
        expect(tailsOf(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 8);
        expect(tailsOf(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 8);
      }),
    );
  });

  it('needs less reach the more is known', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 500, noNaN: true }), (degrees) => {
        expect(tQuantile(degrees + 1)).toBeLessThan(tQuantile(degrees));
      }),
    );
  });
});

describe('an estimate', () => {
  it('has the mean, median and interval that are known of a textbook sample', () => {
    // Mean 5, standard deviation 2.13809, t(7) = 2.36462: 2.36462 × 2.13809 ÷ √8 = 1.78749.
    const { interval, ...rest } = estimate([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(rest).toEqual({ count: 8, mean: 5, median: 4.5, min: 2, max: 9 });
    expect(interval!.low).toBeCloseTo(5 - 1.78749, 4);
    expect(interval!.high).toBeCloseTo(5 + 1.78749, 4);
  });

  it('has no interval of a single run, and one without width of runs that agree', () => {
    expect(estimate([3]).interval).toBeUndefined();
    expect(estimate([3, 3, 3]).interval).toEqual({ low: 3, high: 3 });
  });

  it('does not depend on the order of the runs, and moves and grows with the values', () => {
    fc.assert(
      fc.property(sample, value, (values, shift) => {
        const turned = estimate([...values].reverse());
        const moved = estimate(values.map((one) => 2 * one + shift));
        const { mean: centre, interval } = estimate(values);
        const scale = 1e-9 * (1 + Math.max(...values.map(Math.abs)) + Math.abs(shift));
        expect(Math.abs(turned.mean - centre)).toBeLessThan(scale);
        expect(Math.abs(moved.mean - (2 * centre + shift))).toBeLessThan(10 * scale);
        const width = interval!.high - interval!.low;
        expect(Math.abs(moved.interval!.high - moved.interval!.low - 2 * width)).toBeLessThan(1000 * scale);
      }),
    );
  });

  it('lies between its extremes, its median too', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const { min, max, interval } = estimate(values);
        for (const centre of [mean(values), median(values)]) {
          expect(centre).toBeGreaterThanOrEqual(min - 1e-9 * Math.abs(min));
          expect(centre).toBeLessThanOrEqual(max + 1e-9 * Math.abs(max));
        }
        expect(interval!.low).toBeLessThanOrEqual(interval!.high);
        expect(variance(values)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a difference', () => {
  it('has the interval that is known of two textbook samples with unlike spreads', () => {
    // Variances 6.5 and 1.3: squared error 6.5/5 + 1.3/5 = 1.56, degrees of freedom 1.56² ÷ ((1.3² + 0.26²) ÷ 4).
    const { value: found, interval } = difference([20, 22, 19, 24, 25], [28, 29, 27, 28, 30]);
    expect(found).toBeCloseTo(-6.4, 10);
    const reach = tQuantile(1.56 ** 2 / ((1.3 ** 2 + 0.26 ** 2) / 4)) * Math.sqrt(1.56);
    expect(interval!.low).toBeCloseTo(-6.4 - reach, 8);
    expect(interval!.high).toBeCloseTo(-6.4 + reach, 8);
  });

  it('turns its sign with its sides', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [there, back] = [difference(a, b), difference(b, a)];
        expect(there.value).toBeCloseTo(-back.value, 6);
        expect(there.interval!.low).toBeCloseTo(-back.interval!.high, 5);
      }),
    );
  });
});

describe('a ratio', () => {
  it('is exact where nothing spreads', () => {
    expect(ratio([10, 10], [4, 4])).toEqual({ value: 2.5, interval: { low: 2.5, high: 2.5 } });
    expect(ratio([0, 0], [4, 4])).toEqual({ value: 0, interval: { low: 0, high: 0 } });
  });

  it('does not exist over 0, and has no interval where what is below may be 0 or was seen once', () => {
    expect(ratio([1, 2], [0, 0])).toBeUndefined();
    expect(ratio([1, 2], [-1, 2])).toEqual({ value: 3 });
    expect(ratio([1], [2, 3])).toEqual({ value: 0.4 });
  });

  it('has bounds at which a − bound × b cannot be told from 0: the meaning of Fieller’s interval', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const found = ratio(a, b);
        if (found?.interval === undefined || variance(a) + variance(b) < 1) return;
        const { value: centre, interval } = found;
        expect(interval.low).toBeLessThanOrEqual(centre);
        expect(interval.high).toBeGreaterThanOrEqual(centre);
        const [va, vb] = [variance(a) / a.length, centre ** 2 * (variance(b) / b.length)];
        const t = tQuantile((va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1)));
        for (const bound of [interval.low, interval.high]) {
          const away = Math.abs(mean(a) - bound * mean(b));
          const reach = t * Math.sqrt(variance(a) / a.length + bound ** 2 * (variance(b) / b.length));
          expect(away / reach).toBeCloseTo(1, 5);
        }
      }),
    );
  });

  it('holds the truth in about 95 of 100 repetitions', () => {
    // Twelve uniform numbers make a nearly normal one; a linear congruence makes the uniform ones.
    let state = 42;
    const uniform = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const normal = (centre: number, spread: number) =>
      centre + spread * (Array.from({ length: 12 }, uniform).reduce((sum, one) => sum + one, 0) - 6);
    let held = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const a = Array.from({ length: 5 }, () => normal(300, 20));
      const b = Array.from({ length: 5 }, () => normal(200, 10));
      const { low, high } = ratio(a, b)!.interval!;
      if (low <= 1.5 && 1.5 <= high) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
    expect(held / 2000).toBeLessThan(0.97);
  });
});

describe('a verdict', () => {
  const more = { better: 'more', tolerance: 1 } as const;

  it.each([
    [{ value: 5, interval: { low: 3, high: 7 } }, more, 'better'],
    [{ value: -5, interval: { low: -7, high: -3 } }, more, 'worse'],
    [{ value: 5, interval: { low: 3, high: 7 } }, { better: 'less', tolerance: 1 }, 'worse'],
    [{ value: 0.2, interval: { low: 0.1, high: 0.3 } }, more, 'same'],
    [{ value: 0, interval: { low: 0, high: 0 } }, { better: 'less', tolerance: 0 }, 'same'],
    [{ value: 2, interval: { low: -1.5, high: 5.5 } }, more, 'unclear'],
    [{ value: 0.9, interval: { low: 0.5, high: 1.3 } }, more, 'unclear'],
    [{ value: 50 }, more, 'unclear'],
  ] as const)('of %j with %j is %s', (found, options, expected) => {
    expect(verdictOf(found, options)).toBe(expected);
  });
});
