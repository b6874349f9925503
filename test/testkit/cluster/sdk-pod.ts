/**
 * Runs in a Pod, on the repository mounted there: an application with the stock SDK, told only where its endpoint is. Spans, a
 * metric and log records, each called `NAME`, for half a minute: a Pod that is faster than its address in the API server has no
 * name yet in what it sends first.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const name = process.env['NAME']!;
const host = process.env['HOST']!;
// The metrics and traces of this SDK go over HTTP, its logs over gRPC: one host, two ports.
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://${host}:4318`;
process.env['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'] = `http://${host}:4317`;

const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] });
const meters = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: 1000,
      exportTimeoutMillis: 1000,
    }),
  ],
});
const loggers = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter() })] });

const sent = meters.getMeter('test').createCounter('sent');
for (let second = 0; second < 30; second++) {
  tracers.getTracer('test').startSpan(name).end();
  sent.add(1, { id: name });
  loggers.getLogger('test').emit({ body: name });
  await delay(1000);
}

for (const provider of [tracers, meters, loggers]) await provider.shutdown();
