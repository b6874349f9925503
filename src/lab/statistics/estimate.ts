import { tQuantile } from './student.ts';
import { mean, median, variance } from './summary.ts';

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What repeated runs say about a figure. */
export interface Estimate {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** So many values are only lower bounds, and so are mean, median and most. */
  readonly censored?: number;
  /** Of the mean, by Student's t; absent with fewer than two runs, and where a value is only a bound. */
  readonly interval?: Interval;
}

/** At least one value, of which `censored` are only lower bounds. */
export function estimate(values: readonly number[], censored = 0): Estimate {
  const sample = sampleOf(values);
  return {
    count: values.length,
    mean: sample.mean,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    ...(censored === 0 ? {} : { censored }),
    ...(values.length < 2 || censored > 0
      ? {}
      : { interval: around(sample.mean, sample.squaredError, values.length - 1) }),
  };
}

/** a − b, with Welch's interval: the spreads of the two need not be alike. */
export function difference(a: readonly number[], b: readonly number[]): { value: number; interval?: Interval } {
  const [first, second] = [sampleOf(a), sampleOf(b)];
  const value = first.mean - second.mean;
  if (a.length < 2 || b.length < 2) return { value };
  const squaredError = first.squaredError + second.squaredError;
  return { value, interval: around(value, squaredError, welchDegrees(first, second, 1)) };
}

/**
 * a ÷ b, with Fieller's interval. Undefined where b is 0; without an interval where b cannot be told from 0, as the ratio
 * may be anything then. Source: E. C. Fieller, "Some Problems in Interval Estimation", 1954.
 */
export function ratio(
  a: readonly number[],
  b: readonly number[],
): { readonly value: number; readonly interval?: Interval } | undefined {
  const [above, below] = [sampleOf(a), sampleOf(b)];
  if (below.mean === 0) return undefined;
  const value = above.mean / below.mean;
  if (a.length < 2 || b.length < 2) return { value };
  const t = tOf(welchDegrees(above, below, value * value));
  const g = (t * t * below.squaredError) / (below.mean * below.mean);
  if (g >= 1) return { value };
  const spread = above.squaredError * (1 - g) + value * value * below.squaredError;
  const reach = (t / Math.abs(below.mean)) * Math.sqrt(spread);
  return { value, interval: { low: (value - reach) / (1 - g), high: (value + reach) / (1 - g) } };
}

interface Sample {
  readonly mean: number;
  /** Of the mean. */
  readonly squaredError: number;
  readonly count: number;
}

function sampleOf(values: readonly number[]): Sample {
  return { mean: mean(values), squaredError: variance(values) / values.length, count: values.length };
}

function around(centre: number, squaredError: number, degrees: number): Interval {
  const reach = tOf(degrees) * Math.sqrt(squaredError);
  return { low: centre - reach, high: centre + reach };
}

/** Of a − k·b for `weight` = k². Infinite when neither spreads: then it does not matter. */
function welchDegrees(a: Sample, b: Sample, weight: number): number {
  const [first, second] = [a.squaredError, weight * b.squaredError];
  return (first + second) ** 2 / (first ** 2 / (a.count - 1) + second ** 2 / (b.count - 1));
}

/** Not a number when nothing spreads, where any factor times no spread is right. */
function tOf(degrees: number): number {
  return Number.isNaN(degrees) ? 0 : tQuantile(degrees);
}
