import { Duration, IdValue, isList, isMap, Time, type Value } from '../value.ts';

const ID_TYPES = { trace: 'pcommon.TraceID', span: 'pcommon.SpanID', profile: 'pprofile.ProfileID' } as const;

/** What the Collector's messages call the type of a value. */
export function goTypeOf(value: Value): string {
  if (value === undefined) return '<nil>';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'bigint':
      return 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    default:
  }
  if (value instanceof Uint8Array) return '[]uint8';
  if (value instanceof Time) return 'time.Time';
  if (value instanceof Duration) return 'time.Duration';
  if (value instanceof IdValue) return ID_TYPES[value.kind];
  if (isList(value)) return 'pcommon.Slice';
  return isMap(value) ? 'pcommon.Map' : typeof value;
}

/** What pcommon calls the type of what an AnyValue holds. */
export function valueTypeOf(value: Value): string {
  if (value === undefined) return 'Empty';
  switch (typeof value) {
    case 'string':
      return 'Str';
    case 'bigint':
      return 'Int';
    case 'number':
      return 'Double';
    case 'boolean':
      return 'Bool';
    default:
  }
  if (value instanceof Uint8Array) return 'Bytes';
  return isList(value) ? 'Slice' : 'Map';
}
