import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/** A whole number of at least 0; undefined when the flag was not given. */
export function parseCountFlag(flag: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 0 || String(value).trim() === '')
    throw new CliError(EXIT.usage, 'SL0903', `${flag} takes a whole number, got \`${String(value)}\``);
  return count;
}

/** A rate of at least 0, which may have a fraction. */
export function parseRateFlag(flag: string, value: unknown): number {
  const rate = Number(value);
  if (!Number.isFinite(rate) || rate < 0 || String(value).trim() === '')
    throw new CliError(EXIT.usage, 'SL0903', `${flag} takes a number a second, got \`${String(value)}\``);
  return rate;
}

/** `k=v` pairs; quotes around a value, as telemetrygen wants them, are removed. */
export function keyValues(flag: string, pairs: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CliError(EXIT.usage, 'SL0903', `${flag} takes key=value, got \`${pair}\``);
      return [
        pair.slice(0, equals).trim(),
        pair
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ];
    }),
  );
}
