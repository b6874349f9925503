import fc from 'fast-check';
import type { Signal } from '../../../src/pdata/index.ts';
import {
  arbitraryRequest,
  encodeMessage,
  encodeRequest,
  requestDescriptor,
  scrambleFields,
} from '../../testkit/otlp-proto.ts';
import { type Addresses, ALL_SIGNALS, type CaseConfig, type DifferentialCase, everySignal, send } from '../case.ts';
import { type Input, lineCount } from '../inputs.ts';

const SEED = 20_261_122;
const REQUESTS = 40;

function inputsOf(signal: Signal): readonly Input[] {
  const descriptor = requestDescriptor(signal);
  return fc
    .sample(arbitraryRequest(signal), { seed: SEED, numRuns: REQUESTS })
    .map((message, i) => ({ signal, bytes: scrambleFields(descriptor, encodeMessage(descriptor, message), i) }));
}

const toBackend = ({ backendGrpc }: Addresses): CaseConfig => ({
  exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
  pipelines: everySignal({ exporters: ['otlp_grpc'] }),
});

const negativeZero = { quantileValues: [{ quantile: 0.5, value: -0 }] };
const summary = { name: 's', data: { case: 'summary', value: { dataPoints: [negativeZero] } } };
/** Field 99 with the value 1, which no OTLP message has. */
const UNKNOWN_FIELD = Uint8Array.of(0x98, 0x06, 1);

const exactBytes = Buffer.concat([
  encodeRequest('metrics', {
    resourceMetrics: [{ resource: { attributes: [] }, scopeMetrics: [{ metrics: [summary] }] }],
  }),
  UNKNOWN_FIELD,
]);

/** What the engine keeps byte by byte and the Collector, which decodes and encodes, does not. */
const exactCase: DifferentialCase = {
  name: 'unknown fields and negative zeros',
  config: toBackend,
  steps: [send({ signal: 'metrics', bytes: exactBytes }, { protocol: 'grpc' })],
  exact: true,
  expectedItems: 1,
};

/** Random requests with every field maybe set, 64-bit edges, unknown enum values and unknown fields, written in any field order. */
const randomOf = (signal: Signal): DifferentialCase => ({
  name: `random ${signal}: every field maybe set, in any order, with unknown fields and enum values`,
  config: toBackend,
  steps: inputsOf(signal).map((input, i) => send(input, { protocol: i % 2 === 0 ? 'grpc' : 'http' })),
  expectedItems: lineCount(...inputsOf(signal)),
});

export const randomCases: readonly DifferentialCase[] = [...ALL_SIGNALS.map(randomOf), exactCase];
