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
export function createScale(values: readonly number[], { from, to, max }: ScaleOptions): Scale {
  const lowest = Math.min(0, ...values);
  const highest = Math.max(max ?? 0, ...values);
  const step = roundStep((highest - lowest || 1) / 4);
  const first = Math.floor(lowest / step);
  const last = Math.max(first + 1, Math.ceil(highest / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  return { ticks, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5].find((one) => one * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}
