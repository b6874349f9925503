import type { Signal } from '../pdata/index.ts';

/** The unary Export method of each signal's OTLP service, as a gRPC request names it in `:path`. */
export const GRPC_METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};
