import { InvalidArgument } from '../../function.ts';
import { TEMPORALITY } from './metric.ts';

/** `delta` or `cumulative`, as the argument with this index. */
export function temporalityOf(text: unknown, index: number): number {
  if (text === 'delta' || text === 'cumulative') return TEMPORALITY[text];
  throw new InvalidArgument(
    index,
    `unknown aggregation temporality ${JSON.stringify(text)}; use "delta" or "cumulative"`,
  );
}

export function oneOfTexts<T extends string>(
  text: unknown,
  allowed: readonly T[],
  { index, what }: { readonly index: number; readonly what: string },
): T {
  const found = allowed.find((one) => one === text);
  if (found !== undefined) return found;
  throw new InvalidArgument(index, `unknown ${what} ${JSON.stringify(text)}; use one of ${allowed.join(', ')}`);
}
