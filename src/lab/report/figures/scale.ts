/** From values to pixels along one axis, with round numbers to write beside it. */
export interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

export interface ScaleOptions {
  readonly from: number;
  readonly to: number;
  /** The end of the axis, where it has one: 100 for a percentage. */
  readonly max?: number;
}

/** Begins at 0, so that lengths can be compared, or below where there are negative values. */
export function createScale(values: readonly number[], { from, to, max = 0 }: ScaleOptions): Scale {
  const lowest = Math.min(0, ...values);
  const highest = Math.max(max, ...values, 0);
  const step = stepOf(lowest, highest, max);
  const first = Math.floor(lowest / step);
  const last = Math.max(first + 1, Math.ceil(highest / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  return { ticks, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

/** A natural end is divided by the steps; what passes it a little only makes the axis longer. */
function stepOf(lowest: number, highest: number, max: number): number {
  const span = highest - lowest;
  if (span < SMALLEST_SPAN) return 1;
  return roundStep((lowest === 0 && highest < 1.5 * max ? max : span) / 4);
}
/** Nothing but zeros, whatever calculations left of them. */
const SMALLEST_SPAN = 1e-12;

/** The next of some round factors times a power of ten. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5].find((one) => one * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}
