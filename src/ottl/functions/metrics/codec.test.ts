import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryRequest,
  canonicalText,
  type DynamicMessage,
  encodeMessage,
  fillMessages,
  otlpMessage,
} from '../../../../test/testkit/otlp-proto.ts';
import { decodeFields, encodeFields } from './codec.ts';

const POINTS = {
  gauge: ['Gauge', 'NumberDataPoint'],
  sum: ['Sum', 'NumberDataPoint'],
  histogram: ['Histogram', 'HistogramDataPoint'],
  exponentialHistogram: ['ExponentialHistogram', 'ExponentialHistogramDataPoint'],
  summary: ['Summary', 'SummaryDataPoint'],
} as const;

const metrics = arbitraryRequest('metrics').map((request) =>
  request['resourceMetrics'].flatMap((resource: DynamicMessage) =>
    resource['scopeMetrics'].flatMap((scope: DynamicMessage) => scope['metrics'] as DynamicMessage[]),
  ),
);

/** What another implementation reads of a message, without unknown fields. */
function readAs(name: string, bytes: Uint8Array): string {
  const descriptor = otlpMessage(`metrics.v1.${name}`);
  return canonicalText(
    fillMessages(descriptor, fromBinary(descriptor, bytes) as DynamicMessage, { dropUnknown: true }),
  );
}

describe('a message taken apart by its fields', () => {
  it('is the same when it is put together again, at every level of a metric', () => {
    fc.assert(
      fc.property(metrics, (list: readonly DynamicMessage[]) => {
        for (const metric of list) {
          const bytes = encodeMessage(otlpMessage('metrics.v1.Metric'), metric);
          const fields = decodeFields<Record<string, Uint8Array>>('Metric', bytes);
          expect(readAs('Metric', encodeFields('Metric', fields))).toBe(readAs('Metric', bytes));
          const kind = Object.keys(POINTS).find((key) => fields[key] !== undefined) as keyof typeof POINTS | undefined;
          if (kind === undefined) continue;
          const [data, point] = POINTS[kind];
          const { dataPoints } = decodeFields<{ readonly dataPoints: readonly Uint8Array[] }>(data, fields[kind]!);
          for (const one of dataPoints) {
            expect(readAs(point, encodeFields(point, decodeFields(point, one)))).toBe(readAs(point, one));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
