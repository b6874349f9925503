import { EvaluationError, type FunctionSpec } from '../../function.ts';
import type { Row } from '../../row.ts';
import { parameters } from '../argument.ts';
import { oneOfTexts } from './arguments.ts';
import { decodeFields, encodeFields } from './codec.ts';
import { keyOf, readKeyValue, textOf, withAttribute } from './key-values.ts';
import { AGGREGATIONS, type Aggregation, mergePoints } from './merge-points.ts';
import { type Metric, POINTS, readMetric, replaceMetric } from './metric.ts';
import { groupPoints } from './point-groups.ts';

/** Makes one data point of several. */
export const AGGREGATE_EDITORS: readonly FunctionSpec[] = [
  {
    name: 'aggregate_on_attributes',
    parameters: parameters(['aggregation_function', 'string'], ['attributes?', '[]string']),
    contexts: ['metric'],
    doc: 'Keeps these attributes of the data points, without a list all, and makes one of all that have the same.',
    example: 'aggregate_on_attributes("sum", ["http.route"])',
    create([functionText, keys]) {
      const aggregation = aggregationOf(functionText);
      return (row) => {
        const metric = readMetric(row);
        if (metric.kind === 'summary') throw new EvaluationError('aggregate_on_attributes does not support summaries');
        aggregate(
          row,
          keys === undefined ? metric : withAttributesOnly(metric, keys as readonly string[]),
          aggregation,
        );
        return undefined;
      };
    },
  },
  {
    name: 'aggregate_on_attribute_value',
    parameters: parameters(
      ['aggregation_function', 'string'],
      ['attribute', 'string'],
      ['values', '[]string'],
      ['new_value', 'string'],
    ),
    contexts: ['metric'],
    doc: 'Gives an attribute a new value where it has one of these, and makes one data point of all that have the same attributes.',
    example: 'aggregate_on_attribute_value("sum", "http.status", ["500", "503"], "5xx")',
    create([functionText, key, values, newValue]) {
      const aggregation = aggregationOf(functionText);
      const change = { key: key as string, values: values as readonly string[], newValue: newValue as string };
      return (row) => {
        aggregate(row, withValue(readMetric(row), change), aggregation);
        return undefined;
      };
    },
  },
];

function aggregationOf(text: unknown): Aggregation {
  return oneOfTexts(text, AGGREGATIONS, { index: 0, what: 'aggregation function' });
}

/** As in the Collector the metric's metadata is lost, and so are the data points of a summary. */
function aggregate(row: Row, metric: Metric, aggregation: Aggregation): void {
  const { kind, temporality } = metric;
  const points =
    kind === undefined || kind === 'summary'
      ? []
      : groupPoints(kind, temporality, metric.points).map((group) =>
          encodeFields(POINTS[kind], mergePoints(kind, group, aggregation)),
        );
  replaceMetric(row, { ...metric, metadata: [], points });
}

function withAttributesOnly(metric: Metric, keys: readonly string[]): Metric {
  return mapAttributes(metric, (attributes) => attributes.filter((one) => keys.includes(keyOf(one))));
}

interface ValueChange {
  readonly key: string;
  readonly values: readonly string[];
  readonly newValue: string;
}

function withValue(metric: Metric, { key, values, newValue }: ValueChange): Metric {
  const value = encodeFields('AnyValue', { stringValue: newValue });
  return mapAttributes(metric, (attributes) => {
    const found = attributes.find((one) => keyOf(one) === key);
    const isChanged = found !== undefined && values.includes(textOf(readKeyValue(found).value));
    return isChanged ? withAttribute(attributes, key, value) : attributes;
  });
}

function mapAttributes(metric: Metric, change: (attributes: readonly Uint8Array[]) => readonly Uint8Array[]): Metric {
  const { kind } = metric;
  if (kind === undefined) return metric;
  const points = metric.points.map((bytes) => {
    const point = decodeFields<{ readonly attributes: readonly Uint8Array[] }>(POINTS[kind], bytes);
    return encodeFields(POINTS[kind], { ...point, attributes: change(point.attributes) });
  });
  return { ...metric, points };
}
