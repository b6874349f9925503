const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** As Go's strconv.ParseFloat; undefined where it fails, also for numbers that are too large. */
export function parseFloat64(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinity = INFINITY.exec(text);
  if (infinity) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const plain = withoutUnderscores(text);
  if (plain === undefined) return undefined;
  const value = DECIMAL.test(plain) ? Number(plain) : hexadecimal(plain);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** They may stand between digits, and behind `0x`. */
function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text;
  const isHex = /^[+-]?0x/i.test(text);
  const isSpread = (isHex ? /^(?:[^_]|(?<=[\da-fx])_(?=[\da-f]))*$/i : /^(?:[^_]|(?<=\d)_(?=\d))*$/).test(text);
  return isSpread ? text.replaceAll('_', '') : undefined;
}

function hexadecimal(text: string): number | undefined {
  const [matched, sign, whole = '', fraction = '', exponent = '0'] = HEXADECIMAL.exec(text) ?? [];
  if (matched === undefined || whole.length + fraction.length > 64) return undefined;
  const magnitude = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -magnitude : magnitude;
}
