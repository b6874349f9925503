import type { FunctionSpec } from '../../function.ts';
import { parameters } from '../argument.ts';
import { temporalityOf } from './arguments.ts';
import { readMetric, replaceMetric } from './metric.ts';

/** Between gauge and sum, whose data points are the same. */
export const CONVERT_EDITORS: readonly FunctionSpec[] = [
  {
    name: 'convert_sum_to_gauge',
    parameters: [],
    contexts: ['metric'],
    doc: 'Makes a sum a gauge; other metrics stay as they are.',
    example: 'convert_sum_to_gauge()',
    create() {
      return (row) => {
        const metric = readMetric(row);
        if (metric.kind === 'sum') replaceMetric(row, { ...metric, kind: 'gauge' });
        return undefined;
      };
    },
  },
  {
    name: 'convert_gauge_to_sum',
    parameters: parameters(['string_agg_temp', 'string'], ['monotonic', 'bool']),
    contexts: ['metric'],
    doc: 'Makes a gauge a sum; other metrics stay as they are.',
    example: 'convert_gauge_to_sum("cumulative", true)',
    create([temporalityText, monotonic]) {
      const temporality = temporalityOf(temporalityText, 0);
      return (row) => {
        const metric = readMetric(row);
        if (metric.kind === 'gauge') {
          replaceMetric(row, { ...metric, kind: 'sum', temporality, monotonic: monotonic as boolean });
        }
        return undefined;
      };
    },
  },
];
