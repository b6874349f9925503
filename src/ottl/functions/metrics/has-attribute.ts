import { EvaluationError, type FunctionSpec } from '../../function.ts';
import type { Row } from '../../row.ts';
import { parameters } from '../argument.ts';
import { decodeFields } from './codec.ts';
import { readKeyValue, textOf } from './key-values.ts';
import { POINTS, readMetric } from './metric.ts';

/** For conditions on metrics: the Collector's filter processor has them. */
export const HAS_ATTRIBUTE_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'HasAttrKeyOnDatapoint',
    parameters: parameters(['key', 'string']),
    contexts: ['metric'],
    doc: 'Whether a data point of the metric has the attribute.',
    example: 'HasAttrKeyOnDatapoint("http.method")',
    create:
      ([key]) =>
      (row) =>
        firstValue(row, key as string) !== undefined,
  },
  {
    name: 'HasAttrOnDatapoint',
    parameters: parameters(['key', 'string'], ['expected_val', 'string']),
    contexts: ['metric'],
    doc: 'Whether the attribute has this value on the first data point that has the attribute.',
    example: 'HasAttrOnDatapoint("http.method", "GET")',
    create([key, expected]) {
      return (row) => {
        const value = firstValue(row, key as string);
        return value !== undefined && textOf(value) === expected;
      };
    },
  },
];

/** The AnyValue of the first data point that has the attribute. */
function firstValue(row: Row, key: string): Uint8Array | undefined {
  const { kind, points } = readMetric(row);
  if (kind === undefined) throw new EvaluationError('the metric has no data');
  for (const bytes of points) {
    const { attributes } = decodeFields<{ readonly attributes: readonly Uint8Array[] }>(POINTS[kind], bytes);
    const found = attributes.map(readKeyValue).find((one) => one.key === key);
    if (found !== undefined) return found.value;
  }
  return undefined;
}
