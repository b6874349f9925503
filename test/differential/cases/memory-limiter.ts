import { ALL_SIGNALS, type DifferentialCase, everySignal, send } from '../case.ts';
import { plainInput } from '../inputs.ts';

const one = { resources: 1, scopes: 1, items: 1 };

export const memoryLimiterCases: readonly DifferentialCase[] = [
  {
    name: 'memory_limiter below its limit passes everything on',
    config: ({ backendGrpc }) => ({
      processors: { memory_limiter: { check_interval: '1s', limit_percentage: 90, spike_limit_percentage: 20 } },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ processors: ['memory_limiter'], exporters: ['otlp_grpc'] }),
    }),
    steps: ALL_SIGNALS.map((signal) => send(plainInput(signal, 'one', one), { protocol: 'grpc' })),
    expectedItems: 1 + 3 + 1,
  },
  {
    name: 'memory_limiter above its limit refuses, and the sender may try again',
    config: ({ backendGrpc }) => ({
      processors: { memory_limiter: { check_interval: '100ms', limit_mib: 1, spike_limit_mib: 0 } },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ processors: ['memory_limiter'], exporters: ['otlp_grpc'] }),
    }),
    steps: [
      { kind: 'wait', ms: 400 },
      ...ALL_SIGNALS.flatMap((signal) => [
        send(plainInput(signal, 'one', one), { protocol: 'grpc' }),
        send(plainInput(signal, 'two', one), { protocol: 'http' }),
        send(plainInput(signal, 'three', one), { protocol: 'http', encoding: 'json' }),
      ]),
    ],
    expectedItems: 0,
  },
];
