import { EvaluationError, type FunctionSpec } from '../../function.ts';
import { getterOf, parameters } from '../argument.ts';
import { decodeFields, encodeFields } from './codec.ts';
import { type Metric, readMetric, replaceMetric } from './metric.ts';
import {
  type Exemplar,
  type HistogramPoint,
  type NumberPoint,
  type Quantile,
  type SummaryPoint,
  toInt64,
} from './points.ts';

export const SCALE_METRIC: FunctionSpec = {
  name: 'scale_metric',
  parameters: parameters(['multiplier', 'float'], ['unit?', 'StringGetter']),
  contexts: ['metric'],
  doc: 'Multiplies the values of a gauge, sum, histogram or summary, and gives the metric a unit.',
  example: 'scale_metric(0.001, "s")',
  create([multiplier, unit]) {
    return (row) => {
      const metric = readMetric(row);
      const newUnit = unit === undefined ? metric.unit : getterOf<string>(unit)(row);
      replaceMetric(row, { ...metric, points: scaledPoints(metric, multiplier as number), unit: newUnit });
      return undefined;
    };
  },
};

function scaledPoints({ kind, points }: Metric, by: number): readonly Uint8Array[] {
  switch (kind) {
    case 'gauge':
    case 'sum':
      return points.map((point) => edited<NumberPoint>('NumberDataPoint', point, (number) => scaleNumber(number, by)));
    case 'histogram':
      return points.map((point) =>
        edited<HistogramPoint>('HistogramDataPoint', point, (one) => scaleHistogram(one, by)),
      );
    case 'summary':
      return points.map((point) => edited<SummaryPoint>('SummaryDataPoint', point, (one) => scaleSummary(one, by)));
    case 'exponentialHistogram':
      throw new EvaluationError('scale_metric does not support exponential histograms');
    default:
      throw new EvaluationError('scale_metric does not support a metric without data');
  }
}

function edited<T extends object>(
  name: Parameters<typeof encodeFields>[0],
  bytes: Uint8Array,
  edit: (fields: T) => void,
): Uint8Array {
  const fields = decodeFields<T>(name, bytes);
  edit(fields);
  return encodeFields(name, fields);
}

function scaleNumber(number: Pick<NumberPoint, 'asInt' | 'asDouble'>, by: number): void {
  if (number.asInt !== undefined) number.asInt = toInt64(Number(number.asInt) * by);
  if (number.asDouble !== undefined) number.asDouble *= by;
}

function scaleHistogram(point: HistogramPoint, by: number): void {
  for (const key of ['sum', 'min', 'max'] as const) {
    const value = point[key];
    if (value !== undefined) point[key] = value * by;
  }
  point.explicitBounds = point.explicitBounds.map((bound) => bound * by);
  point.exemplars = point.exemplars.map((one) =>
    edited<Exemplar>('Exemplar', one, (exemplar) => scaleNumber(exemplar, by)),
  );
}

function scaleSummary(point: SummaryPoint, by: number): void {
  point.sum *= by;
  point.quantileValues = point.quantileValues.map((one) =>
    edited<Quantile>('ValueAtQuantile', one, (quantile) => {
      quantile.value *= by;
    }),
  );
}
