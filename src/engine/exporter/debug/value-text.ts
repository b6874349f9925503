import type { AnyValue, Double, Integer64, KeyValue } from '../../../otlp/index.ts';

/** A value as the Collector writes it: strings as they are, lists and maps as JSON. */
export function valueText(value: AnyValue | undefined): string {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.bytesValue !== undefined) return value.bytesValue;
  if (value?.intValue !== undefined) return value.intValue;
  const plain = plainValue(value);
  return plain === undefined ? '' : typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}

/** With its type in front: `Str(GET)`, `Int(200)`. */
export function typedText(value: AnyValue | undefined): string {
  return `${typeName(value)}(${valueText(value)})`;
}

function typeName(value: AnyValue | undefined): string {
  if (value?.stringValue !== undefined) return 'Str';
  if (value?.boolValue !== undefined) return 'Bool';
  if (value?.intValue !== undefined) return 'Int';
  if (value?.doubleValue !== undefined) return 'Double';
  if (value?.arrayValue !== undefined) return 'Slice';
  if (value?.kvlistValue !== undefined) return 'Map';
  return value?.bytesValue !== undefined ? 'Bytes' : 'Empty';
}

function plainValue(value: AnyValue | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.intValue !== undefined) return rawJSON(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map((one) => plainValue(one) ?? null);
  if (value.kvlistValue !== undefined) return plainMap(value.kvlistValue.values ?? []);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}

/** Keys of a nested map sort, as Go's JSON has them. */
function plainMap(entries: readonly KeyValue[]): Record<string, unknown> {
  const sorted = [...entries].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  return Object.fromEntries(sorted.map(({ key, value }) => [key ?? '', plainValue(value) ?? null]));
}

/** Keeps all digits of a 64-bit integer inside JSON. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (digits: Integer64) => unknown };

/** Nanoseconds since the epoch as Go prints a UTC time: `2024-01-23 17:54:41.153 +0000 UTC`. */
export function timeText(nanos: Integer64 = '0'): string {
  const total = BigInt(nanos);
  const seconds = new Date(Number(total / 1_000_000_000n) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = String(total % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}

/** Six digits behind the point, as Go's %f. */
export function fixedText(value: Double | undefined): string {
  if (value === 'Infinity') return '+Inf';
  if (value === '-Infinity') return '-Inf';
  return value === 'NaN' ? 'NaN' : (value ?? 0).toFixed(6);
}

/** The shortest form, as Go's %v, but for exponents. */
export function shortText(value: Double | undefined): string {
  return value === 'Infinity' ? '+Inf' : value === '-Infinity' ? '-Inf' : String(value ?? 0);
}
