import type { Context } from './case.ts';

/** What random expressions are asked for. */
export type Type = 'any' | 'string' | 'int' | 'double' | 'bool' | 'bytes' | 'time' | 'duration' | 'map' | 'list';

type Choices = Readonly<Partial<Record<Type, readonly string[]>>>;

/** Converters by what they give. */
export const TYPES: readonly (readonly [Type, readonly string[]])[] = (
  [
    [
      'string',
      'Concat ConvertCase Decode FormatTime GetXML Hex InsertXML MD5 RemoveXML SHA1 SHA256 SHA512 Murmur3Hash Murmur3Hash128 String Substring ToCamelCase ToKeyValueString ToLowerCase ToSnakeCase ToUpperCase Trim TrimPrefix TrimSuffix Base64Encode XXH3 XXH128 CommunityID ConvertAttributesToElementsXML ConvertTextToElementsXML',
    ],
    [
      'int',
      'Int Len FNV Index ParseInt Day Hour Minute Month Nanosecond Second Weekday Year Nanoseconds Microseconds Milliseconds UnixMicro UnixMilli UnixNano UnixSeconds',
    ],
    ['double', 'Double Log Hours Minutes Seconds'],
    [
      'bool',
      'Bool ContainsValue HasPrefix HasSuffix IsBool IsDouble IsInCIDR IsInt IsList IsMap IsMatch IsString IsValidLuhn',
    ],
    ['time', 'Time TruncateTime Unix'],
    ['duration', 'Duration'],
    [
      'map',
      'ExtractGrokPatterns ExtractPatterns ParseCSV ParseJSON ParseKeyValue ParseXML ParseSimplifiedXML SliceToMap URL',
    ],
    ['list', 'Keys Values Sort Split'],
  ] as const
).map(([type, names]) => [type, names.split(' ')]);

const quoted = (...texts: readonly string[]) => texts.map((text) => JSON.stringify(text));

const NUMBERS = ['0', '1', '-1', '7', '255', '9223372036854775807', '-5'];

export const LITERALS: Choices = {
  any: ['nil', '1', '2.5', '"x"', 'true', '0x0aff', '[]', '{}', '[1, "a", nil]', '{"a": {"b": [1]}}', '""'],
  string: quoted(
    '',
    'a',
    'hello world',
    'Ünï 日本 😀',
    '42',
    ' x ',
    'a,b,c',
    'k=v',
    '{"a":[1,2]}',
    '<a b="1">t</a>',
    '2023-05-26 12:34:56',
  ),
  int: NUMBERS,
  double: ['0.0', '1.5', '-2.25', '1000000.0', '0.1'],
  bool: ['true', 'false'],
  bytes: ['0x', '0x00ff', '0x0104070a0d101316191c1f2225282b2e', '0x02070c11161b2025'].slice(1),
  time: ['Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S")', 'Unix(1684000000, 999)'],
  duration: ['Duration("1h2m3s")', 'Duration("-15ms")', 'Duration("0s")'],
  map: ['{}', '{"a": 1, "b": "x"}'],
  list: ['[]', '[1, 2]', '["b", "a"]', '[3, "a", nil, 2.5]'],
};

const PATTERNS = quoted(
  '.*',
  '^h(\\w+)',
  '[0-9]+',
  '(?i)HELLO',
  '(?P<first>\\w+)\\s(?P<second>\\S+)',
  '',
  'o',
  '\\b',
  '[^a-z]',
  'a|b|',
  '\\pL+',
  '(?P<a>x*)',
);
const TIME_FORMATS = quoted(
  '%Y-%m-%d',
  '%Y-%m-%d %H:%M:%S',
  '%s',
  '%a %b %e %H:%M:%S %Z %Y',
  '%D %I:%M %p',
  '%FT%T.%f',
  '%j %L',
);
const XPATHS = quoted('/a', '//b', '/a/@x', '//text()', '/', '//*[1]', '/a/b[text()="text"]', '//comment()');

/** What arguments are made of, by the names of function and parameter or of the parameter alone. */
export const DOMAINS: Readonly<Record<string, readonly string[]>> = {
  pattern: PATTERNS,
  regex_pattern: PATTERNS,
  'ExtractGrokPatterns.pattern': quoted(
    '%{WORD:w} %{GREEDYDATA:rest}',
    '%{NUMBER:n:int}',
    '%{IP:ip}',
    '%{WORD}',
    '%{NOTHING:x}',
    '%{DATA:d:double}$',
  ),
  'ExtractGrokPatterns.pattern_definitions': quoted('NOTHING=.*', 'X=%{WORD}'),
  'replace_match.pattern': quoted('*', 'h*', '?', 'hello world', '{a,b}', '[a-z]*'),
  'replace_all_matches.pattern': quoted('*', 'h*', '?', 'hello world', '{a,b}', '[a-z]*'),
  replacement: quoted('', 'x', '$1', '<$0>', '$first-$2', '$$'),
  replacement_format: quoted('%s', '<%s>', 'no'),
  'Trim.replacement': quoted(' ', 'abc', ''),
  to_case: quoted('lower', 'upper', 'snake', 'camel'),
  encoding: quoted(
    'base64',
    'base64-raw',
    'base64-url',
    'utf-8',
    'utf8',
    'latin1',
    'us-ascii',
    'base64-raw-url',
    'utf-16',
    'iso-8859-1',
    'windows-1252',
  ),
  format: TIME_FORMATS,
  location: quoted('UTC', 'Europe/Berlin', 'America/New_York'),
  locale: quoted('en-US', 'de-DE', 'fr'),
  mode: quoted('key', 'value'),
  'ParseCSV.mode': quoted('strict', 'lazyQuotes', 'ignoreQuotes'),
  'ParseCSV.header': quoted('a,b,c', 'a|b', 'one'),
  'ParseCSV.delimiter': quoted(',', '|', ' '),
  'ParseCSV.header_delimiter': quoted(',', '|'),
  delimiter: quoted('=', ',', ' ', '', ':'),
  pair_delimiter: quoted(' ', ',', ';'),
  x_path: XPATHS,
  order: quoted('asc', 'desc'),
  strategy: quoted('insert', 'update', 'upsert'),
  base: ['0', '2', '10', '16', '36'],
  depth: ['1', '2', '5'],
  limit: ['0', '1', '3', '5', '100'],
  priority_keys: quoted('s', 'row', 'a'),
  networks: quoted('10.0.0.0/8', '192.168.0.0/16', '::1/128', '0.0.0.0/0'),
  protocol: quoted('tcp', 'UDP', 'icmp', 'x'),
  source_ip: quoted('1.2.3.4', '::1', 'x'),
  destination_ip: quoted('9.9.9.9', 'fe80::1'),
  source_port: ['80', '70000'],
  destination_port: ['443', '0'],
  aggregation_function: quoted('sum', 'max', 'min', 'mean', 'median', 'count'),
  string_agg_temp: quoted('delta', 'cumulative'),
  distribution_fn: quoted('upper', 'midpoint', 'uniform'),
  explicit_bounds: ['0.0', '1.0', '5.0', '10.0'],
  attributes: quoted('host', 'core'),
  attribute: quoted('host', 'core'),
  values: quoted('a', 'b'),
  'append.values': ['1', '"a"', 'attributes["v"]'],
  semconv_version: quoted('1.37.0'),
  key_path: quoted('name', 'in'),
  value_path: quoted('value'),
  mapping: ['{"info": [{"range": "2xx"}, "hello world", {"min": 1, "max": 50}], "warn": ["a", 42]}'],
  'SpanID.target': ['0x02070c11161b2025', '"02070c11161b2025"', 'attributes["y"]', 'attributes["s"]'],
  'TraceID.target': ['0x0104070a0d101316191c1f2225282b2e', '"0104070a0d101316191c1f2225282b2e"', 'attributes["y"]'],
  header: quoted('a,b'),
  seconds: ['0', '-1', '1684000000', 'attributes["row"]', 'attributes["nr"]'],
  sort_output: ['true'],
};

const ATTRIBUTES: Choices = {
  any: [
    'attributes["v"]',
    'attributes["v"]',
    'attributes["missing"]',
    'attributes["n"]',
    'cache',
    'cache["x"]',
    'attributes["v"]["a"]',
    'attributes["v"][0]',
    'resource.schema_url',
    'instrumentation_scope',
  ],
  string: [
    'attributes["s"]',
    'attributes["s"]',
    'attributes["v"]',
    'resource.attributes["service.name"]',
    'attributes["http.method"]',
    'instrumentation_scope.name',
  ],
  int: ['attributes["i"]', 'attributes["row"]', 'resource.dropped_attributes_count', 'attributes["v"]'],
  double: ['attributes["d"]', 'attributes["d"]', 'attributes["v"]'],
  bool: ['attributes["b"]', 'attributes["v"]'],
  bytes: ['attributes["y"]', 'attributes["v"]'],
  map: ['attributes["m"]', 'attributes', 'resource.attributes', 'attributes["v"]'],
  list: ['attributes["l"]', 'attributes["v"]', 'resource.attributes["tags"]'],
};

function withMore(more: Choices, base: Choices = ATTRIBUTES): Choices {
  const merged: Partial<Record<Type, readonly string[]>> = {};
  for (const type of new Set([...Object.keys(base), ...Object.keys(more)] as Type[]))
    merged[type] = [...(base[type] ?? []), ...(more[type] ?? [])];
  return merged;
}

const METRIC_TEXTS = ['name', 'description', 'unit'];

/** Paths by the type that they mostly have. */
export const PATHS: Readonly<Record<Context, Choices>> = {
  log: withMore({
    any: ['body', 'body', 'trace_id', 'span_id', 'body["a"]', 'body[0]'],
    string: ['severity_text', 'event_name', 'body', 'body.string', 'trace_id.string', 'span_id.string'],
    int: ['severity_number', 'time_unix_nano', 'observed_time_unix_nano', 'dropped_attributes_count', 'flags'],
    time: ['time', 'observed_time'],
    duration: ['time - observed_time'],
    map: ['body'],
    list: ['body'],
    bytes: ['body'],
  }),
  span: withMore({
    any: ['trace_id', 'span_id', 'parent_span_id', 'status', 'events', 'links', 'trace_state["a"]'],
    string: [
      'name',
      'kind.string',
      'kind.deprecated_string',
      'status.message',
      'trace_state',
      'trace_id.string',
      'parent_span_id.string',
    ],
    int: [
      'kind',
      'status.code',
      'start_time_unix_nano',
      'end_time_unix_nano',
      'dropped_events_count',
      'dropped_links_count',
      'flags',
    ],
    time: ['start_time', 'end_time'],
    duration: ['end_time - start_time'],
  }),
  spanevent: withMore({
    any: ['span.trace_id', 'span.attributes["v"]'],
    string: ['name', 'span.name', 'attributes["exception.message"]', 'span.status.message'],
    int: ['time_unix_nano', 'dropped_attributes_count', 'attributes["nr"]', 'span.kind', 'event_index'],
    time: ['time', 'span.start_time'],
    duration: ['time - span.start_time'],
    map: ['span.attributes'],
  }),
  metric: {
    any: ['metadata["v"]', 'metadata["origin"]', 'data_points', 'is_monotonic', 'cache["x"]', 'resource.schema_url'],
    string: [
      ...METRIC_TEXTS,
      'metadata["origin"]',
      'resource.attributes["service.name"]',
      'instrumentation_scope.name',
    ],
    int: ['type', 'aggregation_temporality', 'resource.dropped_attributes_count'],
    bool: ['is_monotonic'],
    map: ['metadata', 'resource.attributes', 'instrumentation_scope.attributes'],
    list: ['metadata["l"]', 'data_points'],
  },
  datapoint: {
    any: [
      'attributes["host"]',
      'attributes["core"]',
      'attributes["missing"]',
      'exemplars',
      'quantile_values',
      'positive',
      'negative',
      'metric.data_points',
      'cache["x"]',
      'value_int',
      'value_double',
      'sum',
    ],
    string: [
      ...METRIC_TEXTS.map((text) => `metric.${text}`),
      'attributes["host"]',
      'resource.attributes["service.name"]',
    ],
    int: [
      'value_int',
      'count',
      'scale',
      'zero_count',
      'flags',
      'positive.offset',
      'negative.offset',
      'time_unix_nano',
      'start_time_unix_nano',
      'metric.type',
      'metric.aggregation_temporality',
      'attributes["core"]',
    ],
    double: ['value_double', 'sum'],
    bool: ['metric.is_monotonic'],
    time: ['time', 'start_time'],
    duration: ['time - start_time'],
    map: ['attributes', 'metric.metadata', 'resource.attributes'],
    list: ['bucket_counts', 'explicit_bounds', 'positive.bucket_counts', 'negative.bucket_counts'],
  },
  resource: {
    any: ['attributes["service.name"]', 'attributes["missing"]', 'schema_url', 'cache["x"]', 'attributes["m"]["x"]'],
    string: ['attributes["service.name"]', 'attributes["k8s.pod.name"]', 'schema_url', 'attributes["tags"][0]'],
    int: ['attributes["n"]', 'dropped_attributes_count'],
    map: ['attributes', 'attributes["m"]'],
    list: ['attributes["tags"]'],
  },
  scope: {
    any: ['name', 'attributes["s"]', 'resource.attributes["service.name"]', 'resource.schema_url', 'schema_url'],
    string: ['name', 'version', 'attributes["s"]', 'resource.attributes["service.name"]'],
    int: ['dropped_attributes_count'],
    bool: ['attributes["scoped"]'],
    map: ['attributes', 'resource.attributes'],
  },
};
