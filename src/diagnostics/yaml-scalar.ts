/** Which program's reading of unquoted words to follow: kubectl's (YAML 1.1 booleans) or the Collector's (YAML 1.2 booleans). */
export type YamlDialect = 'kubernetes' | 'collector';

const COMMON: ReadonlyMap<string, boolean | null | number> = new Map<string, boolean | null | number>([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

// kubectl reads YAML with sigs.k8s.io/yaml, which wraps go-yaml v2 (go.yaml.in/yaml/v2 resolve.go); the Collector uses v3, where these are strings.
const WORDS_OF_1_1: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

const INTEGER = /^([-+]?)(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DATE_LIKE = /^\d{4}-\d{1,2}-\d{1,2}/;

/** The JSON value of an unquoted YAML scalar. Dates stay text, as JSON has none; underscores in numbers are dropped, `017` is octal. */
export function resolvePlainScalar(text: string, dialect: YamlDialect): string | number | boolean | null {
  const word = COMMON.get(text) ?? (dialect === 'kubernetes' ? WORDS_OF_1_1.get(text) : undefined);
  if (word !== undefined) return word;
  if (COMMON.has(text)) return null;
  if (!/^[-+.0-9]/.test(text) || DATE_LIKE.test(text)) return text;
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '');
  return integer(digits) ?? float(digits) ?? text;
}

function integer(digits: string): number | undefined {
  const match = INTEGER.exec(digits);
  if (!match) return undefined;
  const [, sign, prefixed, octal, decimal] = match;
  const magnitude = octal === undefined ? Number(prefixed ?? decimal) : Number.parseInt(octal, 8);
  return sign === '-' ? 0 - magnitude : magnitude;
}

// Too large for a double: go-yaml leaves it text, and JSON has no infinity.
function float(digits: string): number | undefined {
  const value = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
