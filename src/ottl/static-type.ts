import { namedContext } from './contexts.ts';
import type { Expression, Path } from './syntax.ts';

/** The type of a value as far as the text tells; undefined where it depends on the data. */
export type StaticType = 'nil' | 'string' | 'int' | 'double' | 'bool' | 'bytes' | 'time' | 'id' | 'map' | 'list';

const TIMES = { time: 'time', time_unix_nano: 'int' } as const;
const IDS = { trace_id: 'id', span_id: 'id', 'trace_id.string': 'string', 'span_id.string': 'string' } as const;
const COUNT = { dropped_attributes_count: 'int', attributes: 'map' } as const;

/** Fields that always hold a value of their type; those that may be nil are left out. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, StaticType>>>> = {
  resource: COUNT,
  scope: { ...COUNT, name: 'string', version: 'string' },
  span: {
    ...IDS,
    ...COUNT,
    parent_span_id: 'id',
    'parent_span_id.string': 'string',
    name: 'string',
    kind: 'int',
    'kind.string': 'string',
    'status.code': 'int',
    'status.message': 'string',
    trace_state: 'string',
    start_time: 'time',
    end_time: 'time',
    start_time_unix_nano: 'int',
    end_time_unix_nano: 'int',
    dropped_events_count: 'int',
    dropped_links_count: 'int',
  },
  spanevent: { ...TIMES, ...COUNT, name: 'string' },
  metric: { name: 'string', description: 'string', unit: 'string', type: 'int' },
  datapoint: { ...TIMES, attributes: 'map', start_time: 'time', start_time_unix_nano: 'int' },
  log: {
    ...IDS,
    ...TIMES,
    ...COUNT,
    observed_time: 'time',
    observed_time_unix_nano: 'int',
    severity_number: 'int',
    severity_text: 'string',
    event_name: 'string',
    'body.string': 'string',
    flags: 'int',
  },
};

const CONVERTERS: Readonly<Record<string, StaticType>> = {
  ...typed(
    'bool',
    'HasPrefix HasSuffix ContainsValue IsBool IsDouble IsInt IsList IsMap IsMatch IsRootSpan IsString IsValidLuhn IsInCIDR',
  ),
  ...typed('string', 'Base64Encode Concat Format FormatTime MD5 SHA1 SHA256 SHA512 ToKeyValueString Trim UUID'),
  ...typed('int', 'Len UnixNano UnixSeconds UnixMilli UnixMicro FNV'),
  ...typed('time', 'Now Time Unix TruncateTime'),
};

function typed(type: StaticType, names: string): Readonly<Record<string, StaticType>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

export function staticType(expression: Expression): StaticType | undefined {
  switch (expression.kind) {
    case 'float':
      return 'double';
    case 'symbol':
      return 'int';
    case 'group':
      return staticType(expression.inner);
    case 'path':
      return pathType(expression);
    case 'call':
      return expression.keys.length === 0 && Object.hasOwn(CONVERTERS, expression.name)
        ? CONVERTERS[expression.name]
        : undefined;
    case 'function':
    case 'sign':
    case 'math':
      return undefined;
    default:
      return expression.kind;
  }
}

function pathType(path: Path): StaticType | undefined {
  const named = namedContext(path);
  if (named === undefined || path.fields.some(({ keys }) => keys.length > 0)) return undefined;
  const fields = FIELDS[named === 'instrumentation_scope' ? 'scope' : named] ?? {};
  const name = path.fields
    .slice(1)
    .map((field) => field.name)
    .join('.');
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

const NUMBERS: readonly (StaticType | undefined)[] = ['int', 'double'];

/** Whether values of the two can never be equal. */
export function neverEqual(a: StaticType | undefined, b: StaticType | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return false;
  return !(NUMBERS.includes(a) && NUMBERS.includes(b));
}

/** As a noun in a message. */
export function typeNoun(type: StaticType): string {
  return {
    string: 'text',
    int: 'a whole number',
    double: 'a number',
    bool: 'a bool',
    id: 'an id',
    time: 'a time',
    map: 'a map',
    list: 'a list',
    bytes: 'bytes',
    nil: 'nil',
  }[type];
}
