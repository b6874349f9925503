import { encodeRequest } from '../test/testkit/otlp-proto.ts';

const textAttribute = (key: string, value: string): object => ({
  key,
  value: { value: { case: 'stringValue', value } },
});
const intAttribute = (key: string, value: bigint): object => ({ key, value: { value: { case: 'intValue', value } } });

const RESOURCE = {
  attributes: [
    textAttribute('service.name', 'checkout'),
    textAttribute('service.version', '2.14.3'),
    textAttribute('service.instance.id', '3f1c1b0e-7f7d-4a57-9f0c-2a1d4f1b2c3d'),
    textAttribute('telemetry.sdk.name', 'opentelemetry'),
    textAttribute('telemetry.sdk.language', 'nodejs'),
    textAttribute('telemetry.sdk.version', '2.0.1'),
    textAttribute('host.name', 'checkout-6d9c7b5f4-x2x7v'),
    intAttribute('process.pid', 17n),
  ],
};

const STRINGS = [
  'GET',
  '/api/v1/orders/{id}',
  'https',
  'shop.example.com',
  '10.42.3.17',
  'HTTP/1.1',
  'Mozilla/5.0 (X11; Linux x86_64)',
];
const KEYS = [
  'http.request.method',
  'http.route',
  'url.scheme',
  'server.address',
  'client.address',
  'network.protocol.name',
  'user_agent.original',
];

function attributes(count: number, seed: number): object[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 10 >= 7)
      return intAttribute(`http.response.figure.${index}`, BigInt(200 + ((seed * 7 + index) % 9000)));
    const slot = index % 10;
    return textAttribute(index < 10 ? KEYS[slot] : `${KEYS[slot]}.${index}`, STRINGS[slot]);
  });
}

function span(index: number, attributeCount: number): object {
  return {
    traceId: Uint8Array.from({ length: 16 }, (_, at) => (index * 31 + at * 7) & 255),
    spanId: Uint8Array.from({ length: 8 }, (_, at) => (index * 17 + at * 5) & 255),
    parentSpanId: Uint8Array.from({ length: 8 }, (_, at) => (index * 13 + at * 3) & 255),
    name: 'GET /api/v1/orders/{id}',
    kind: 2,
    flags: 257,
    startTimeUnixNano: 1_763_769_600_000_000_000n + BigInt(index) * 1_000_003n,
    endTimeUnixNano: 1_763_769_600_012_345_678n + BigInt(index) * 1_000_003n,
    attributes: attributes(attributeCount, index),
    events:
      index % 10 === 0
        ? [
            {
              timeUnixNano: 1_763_769_600_001_000_000n,
              name: 'exception',
              attributes: [textAttribute('exception.type', 'TimeoutError')],
            },
          ]
        : [],
    status: { code: 1 },
  };
}

/** A trace request of one resource: semantic-convention HTTP spans, an event on every tenth. */
export function tracePayload(spanCount: number, attributeCount: number): Uint8Array {
  const spans = Array.from({ length: spanCount }, (_, index) => span(index, attributeCount));
  return encodeRequest('traces', {
    resourceSpans: [
      {
        resource: RESOURCE,
        scopeSpans: [{ scope: { name: '@opentelemetry/instrumentation-http', version: '0.203.0' }, spans }],
      },
    ],
  });
}

/** Log records of about 400 bytes. */
export function logPayload(recordCount: number): Uint8Array {
  const logRecords = Array.from({ length: recordCount }, (_, index) => ({
    timeUnixNano: 1_763_769_600_000_000_000n + BigInt(index),
    observedTimeUnixNano: 1_763_769_600_000_100_000n + BigInt(index),
    severityNumber: 9,
    severityText: 'INFO',
    body: { value: { case: 'stringValue', value: `order ${index} accepted and handed to the warehouse` } },
    attributes: attributes(8, index),
    traceId: Uint8Array.from({ length: 16 }, (_, at) => (index * 31 + at * 7) & 255),
    spanId: Uint8Array.from({ length: 8 }, (_, at) => (index * 17 + at * 5) & 255),
  }));
  return encodeRequest('logs', {
    resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: 'orders' }, logRecords }] }],
  });
}

/** Ten points a metric: sums, gauges and histograms in turn. */
export function metricPayload(pointCount: number): Uint8Array {
  const times = { startTimeUnixNano: 1_763_769_600_000_000_000n, timeUnixNano: 1_763_769_660_000_000_000n };
  const point = (index: number): object => ({
    ...times,
    attributes: attributes(4, index),
    value: { case: 'asInt', value: BigInt(index * 1000) },
  });
  const bucket = (index: number): object => ({
    ...times,
    attributes: attributes(4, index),
    count: 100n,
    sum: 12.5,
    bucketCounts: [1n, 2n, 3n, 4n, 90n],
    explicitBounds: [0.1, 0.2, 0.5, 1],
  });
  const metrics = Array.from({ length: Math.ceil(pointCount / 10) }, (_, metric) => {
    const kind = metric % 3;
    const dataPoints = Array.from({ length: Math.min(10, pointCount - metric * 10) }, (_, at) =>
      kind === 2 ? bucket(at) : point(at),
    );
    const data = [
      { case: 'sum', value: { dataPoints, aggregationTemporality: 2, isMonotonic: true } },
      { case: 'gauge', value: { dataPoints } },
      { case: 'histogram', value: { dataPoints, aggregationTemporality: 2 } },
    ][kind];
    return { name: `http.server.figure.${metric}`, unit: 's', description: 'A figure of the HTTP server.', data };
  });
  return encodeRequest('metrics', {
    resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope: { name: 'http' }, metrics }] }],
  });
}
