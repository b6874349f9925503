import { EvaluationError, type FunctionSpec } from '../../function.ts';
import type { Row } from '../../row.ts';
import { parameters } from '../argument.ts';
import { temporalityOf } from './arguments.ts';
import { decodeFields, encodeFields } from './codec.ts';
import { withAttribute } from './key-values.ts';
import { appendMetric, KIND_NAMES, type Metric, POINTS, readMetric, TEMPORALITY } from './metric.ts';
import type { HistogramPoint, NumberPoint, Quantile, SummaryPoint } from './points.ts';

/** A data point of a histogram, exponential histogram or summary. */
type CountedPoint = Pick<HistogramPoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'count' | 'sum'>;

/** What a sum is made of: the number of a data point, undefined to leave it out. */
type Extract = (point: CountedPoint) => Pick<NumberPoint, 'asInt' | 'asDouble'> | undefined;

const countOf: Extract = ({ count }) => ({ asInt: BigInt.asIntN(64, count) });
const sumOf: Extract = ({ sum }) => (sum === undefined ? undefined : { asDouble: sum });

/** A sum beside each histogram or summary. */
export const EXTRACT_EDITORS: readonly FunctionSpec[] = [
  extractEditor('extract_count_metric', { extract: countOf, suffix: '_count', unit: () => '1', what: 'count' }),
  extractEditor('extract_sum_metric', { extract: sumOf, suffix: '_sum', unit: ({ unit }) => unit, what: 'sum' }),
  summaryEditor('convert_summary_count_val_to_sum', { extract: countOf, suffix: '_count', what: 'count' }),
  summaryEditor('convert_summary_sum_val_to_sum', { extract: sumOf, suffix: '_sum', what: 'sum' }),
  {
    name: 'convert_summary_quantile_val_to_gauge',
    parameters: parameters(['attribute_key?', 'string'], ['suffix?', 'string']),
    contexts: ['metric'],
    doc: 'Adds a gauge of the quantiles of a summary, each with its quantile as an attribute.',
    example: 'convert_summary_quantile_val_to_gauge("quantile", ".quantiles")',
    create([key = 'quantile', suffix = '.quantiles']) {
      return (row) => {
        const metric = readMetric(row);
        if (metric.kind === 'summary') appendMetric(row, gaugeOfQuantiles(metric, key as string, suffix as string));
        return undefined;
      };
    },
  },
];

interface Extraction {
  readonly extract: Extract;
  readonly suffix: string;
  /** For people. */
  readonly what: string;
}

function extractEditor(
  name: string,
  { extract, suffix, unit, what }: Extraction & { unit(metric: Metric): string },
): FunctionSpec {
  return {
    name,
    parameters: parameters(['monotonic', 'bool'], ['suffix?', 'string']),
    contexts: ['metric'],
    doc: `Adds a sum that holds the ${what} of every data point of a histogram or summary.`,
    example: `${name}(true)`,
    create([monotonic, ownSuffix = suffix]) {
      return (row) => {
        const metric = readMetric(row);
        const temporality = extractedTemporality(metric);
        if (temporality === TEMPORALITY.unspecified) throw noHistogram(name, metric);
        const options = { extract, suffix: ownSuffix as string, temporality, monotonic: monotonic as boolean };
        const made = sumOfPoints(metric, options);
        if (made.points.length > 0) appendMetric(row, { ...made, unit: unit(metric) });
        return undefined;
      };
    },
  };
}

function summaryEditor(name: string, { extract, suffix, what }: Extraction): FunctionSpec {
  return {
    name,
    parameters: parameters(['string_agg_temp', 'string'], ['monotonic', 'bool'], ['suffix?', 'string']),
    contexts: ['datapoint'],
    doc: `Adds a sum that holds the ${what} of every data point of a summary.`,
    example: `${name}("cumulative", true)`,
    create([temporalityText, monotonic, ownSuffix = suffix]) {
      const temporality = temporalityOf(temporalityText, 0);
      const options = { extract, suffix: ownSuffix as string, temporality, monotonic: monotonic as boolean };
      return (row: Row) => {
        const metric = readMetric(row);
        if (metric.kind === 'summary') appendMetric(row, sumOfPoints(metric, options));
        return undefined;
      };
    },
  };
}

interface SumOptions {
  readonly extract: Extract;
  readonly suffix: string;
  readonly temporality: number;
  readonly monotonic: boolean;
}

function sumOfPoints(metric: Metric, { extract, suffix, temporality, monotonic }: SumOptions): Metric {
  const { kind, name, description, unit } = metric;
  const points = metric.points.flatMap((bytes) => {
    const point = decodeFields<CountedPoint>(POINTS[kind!], bytes);
    const value = extract(point);
    if (value === undefined) return [];
    const { attributes, startTimeUnixNano, timeUnixNano } = point;
    return [encodeFields('NumberDataPoint', { attributes, startTimeUnixNano, timeUnixNano, ...value })];
  });
  return { name: name + suffix, description, unit, metadata: [], kind: 'sum', temporality, monotonic, points };
}

/** Summaries have no temporality; they are cumulative by their nature. */
function extractedTemporality({ kind, temporality }: Metric): number {
  if (kind === 'summary') return TEMPORALITY.cumulative;
  return kind === 'histogram' || kind === 'exponentialHistogram' ? temporality : TEMPORALITY.unspecified;
}

function noHistogram(name: string, { kind }: Metric): EvaluationError {
  const got = kind === undefined ? 'Empty' : KIND_NAMES[kind];
  return new EvaluationError(`${name} needs a metric of type Histogram, ExponentialHistogram or Summary, got ${got}`);
}

function gaugeOfQuantiles(metric: Metric, key: string, suffix: string): Metric {
  const points = metric.points.flatMap((bytes) => {
    const { attributes, startTimeUnixNano, timeUnixNano, quantileValues } = decodeFields<SummaryPoint>(
      'SummaryDataPoint',
      bytes,
    );
    return quantileValues.map((quantileBytes) => {
      const { quantile, value } = decodeFields<Quantile>('ValueAtQuantile', quantileBytes);
      const own = withAttribute(attributes, key, encodeFields('AnyValue', { doubleValue: quantile }));
      return encodeFields('NumberDataPoint', { attributes: own, startTimeUnixNano, timeUnixNano, asDouble: value });
    });
  });
  const { name, description, unit } = metric;
  return {
    name: name + suffix,
    description,
    unit,
    metadata: [],
    kind: 'gauge',
    temporality: 0,
    monotonic: false,
    points,
  };
}
