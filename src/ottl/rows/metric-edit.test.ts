import { describe, expect, it } from 'vitest';
import { type DynamicMessage, decodeRequest, encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { ottlPlace } from '../../../test/testkit/ottl-place.ts';
import type { Row } from '../row.ts';
import { appendMetric, compileEditor, encodeMessage, metricContent, replaceMetric } from './index.ts';

const request = encodeRequest('metrics', {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            { name: 'a', data: { case: 'sum', value: { dataPoints: [{ value: { case: 'asInt', value: 1n } }] } } },
            { name: 'b', data: { case: 'gauge', value: { dataPoints: [{ value: { case: 'asInt', value: 2n } }] } } },
          ],
        },
      ],
    },
  ],
});
const name = ottlPlace('metric', 'metric.name');

function metricsAfter(visit: (row: Row) => void): DynamicMessage[] {
  const step = (row: Row) => {
    visit(row);
    return true;
  };
  const { bytes } = compileEditor('metrics', [[{ context: 'metric', visit: step }]])(request);
  return decodeRequest('metrics', bytes)['resourceMetrics'][0].scopeMetrics[0].metrics;
}

describe('a metric as a whole', () => {
  it('is appended with what statements did to it, and its turn comes after the others', () => {
    const seen: unknown[] = [];
    const metrics = metricsAfter((row) => {
      seen.push(name.get(row));
      if (name.get(row) !== 'a') return;
      name.set!(row, 'copy');
      appendMetric(row, metricContent(row));
      name.set!(row, 'a');
    });
    expect(seen).toEqual(['a', 'b', 'copy']);
    expect(metrics.map((metric) => [metric['name'], metric['data'].value.dataPoints.length])).toEqual([
      ['a', 1],
      ['b', 1],
      ['copy', 1],
    ]);
  });

  it('is replaced, and paths then read the new one', () => {
    const metrics = metricsAfter((row) => {
      expect(ottlPlace('metric', 'metric.type').get(row)).toBeDefined();
      if (name.get(row) !== 'a') return;
      replaceMetric(row, encodeMessage('Metric', { name: 'z', gauge: { dataPoints: [{ asDouble: 1.5 }, {}] } }));
      expect(name.get(row)).toBe('z');
      expect(ottlPlace('metric', 'metric.type').get(row)).toBe(1n);
      expect(ottlPlace('metric', 'metric.data_points').get(row)).toHaveLength(2);
      ottlPlace('metric', 'metric.unit').set!(row, 's');
    });
    expect(metrics.map((metric) => [metric['name'], metric['unit'], metric['data'].case])).toEqual([
      ['z', 's', 'gauge'],
      ['b', '', 'gauge'],
    ]);
  });

  it('does not multiply without end', () => {
    expect(() => metricsAfter((row) => appendMetric(row, metricContent(row)))).toThrow(/wrote more than/);
  });
});
