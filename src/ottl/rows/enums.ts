import type { ContextName } from '../row.ts';

const SPAN: readonly (readonly [string, number])[] = [
  ['SPAN_KIND_UNSPECIFIED', 0],
  ['SPAN_KIND_INTERNAL', 1],
  ['SPAN_KIND_SERVER', 2],
  ['SPAN_KIND_CLIENT', 3],
  ['SPAN_KIND_PRODUCER', 4],
  ['SPAN_KIND_CONSUMER', 5],
  ['STATUS_CODE_UNSET', 0],
  ['STATUS_CODE_OK', 1],
  ['STATUS_CODE_ERROR', 2],
];

/** The kinds of metrics are numbered as pdata numbers them, not by their field on the wire. */
const METRIC: readonly (readonly [string, number])[] = [
  ['AGGREGATION_TEMPORALITY_UNSPECIFIED', 0],
  ['AGGREGATION_TEMPORALITY_DELTA', 1],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', 2],
  ['METRIC_DATA_TYPE_NONE', 0],
  ['METRIC_DATA_TYPE_GAUGE', 1],
  ['METRIC_DATA_TYPE_SUM', 2],
  ['METRIC_DATA_TYPE_HISTOGRAM', 3],
  ['METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM', 4],
  ['METRIC_DATA_TYPE_SUMMARY', 5],
];

const POINT: readonly (readonly [string, number])[] = [['FLAG_NONE', 0], ['FLAG_NO_RECORDED_VALUE', 1], ...METRIC];

const SEVERITY: readonly (readonly [string, number])[] = [
  ['SEVERITY_NUMBER_UNSPECIFIED', 0],
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level, group) =>
    ['', '2', '3', '4'].map((suffix, step) => [`SEVERITY_NUMBER_${level}${suffix}`, group * 4 + step + 1] as const),
  ),
];

const ENUMS: Readonly<Record<ContextName, ReadonlyMap<string, bigint>>> = {
  resource: new Map(),
  scope: new Map(),
  span: symbols(SPAN),
  spanevent: symbols(SPAN),
  metric: symbols(METRIC),
  datapoint: symbols(POINT),
  log: symbols(SEVERITY),
};

/** The symbols that statements of this context may use for numbers. */
export function enumsOf(context: ContextName): ReadonlyMap<string, bigint> {
  return ENUMS[context];
}

function symbols(entries: readonly (readonly [string, number])[]): ReadonlyMap<string, bigint> {
  return new Map(entries.map(([symbol, number]) => [symbol, BigInt(number)]));
}
