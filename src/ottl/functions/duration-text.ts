import { Duration } from '../value.ts';
import { MAX_INT64, MIN_INT64 } from './go-number.ts';

const NANOS_OF_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** As Go's time.ParseDuration: `1h15m30.5s`. Undefined where the text is none, or is out of range. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return new Duration(0n);
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/.test(body)) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?([^\d.]+)/g)) {
    const scale = NANOS_OF_UNIT[unit];
    if (scale === undefined || whole.length > 25) return undefined;
    const places = fraction.slice(0, 18);
    nanos += BigInt(whole || '0') * scale + (BigInt(places || '0') * scale) / 10n ** BigInt(places.length);
  }
  const signed = sign === '-' ? -nanos : nanos;
  return signed > MAX_INT64 || signed < MIN_INT64 ? undefined : new Duration(signed);
}

/** As Go shows a duration: `1h15m30.5s`, `1.5ms`, `0s`. */
export function formatDuration({ nanos }: Duration): string {
  const sign = nanos < 0n ? '-' : '';
  const all = nanos < 0n ? -nanos : nanos;
  if (all === 0n) return '0s';
  if (all < 1_000n) return `${sign}${all}ns`;
  if (all < 1_000_000n) return `${sign}${decimal(all, 3)}\u00b5s`;
  if (all < 1_000_000_000n) return `${sign}${decimal(all, 6)}ms`;
  const minutes = all / 60_000_000_000n;
  const seconds = `${decimal(all % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return `${sign}${minutes >= 60n ? `${minutes / 60n}h` : ''}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}
