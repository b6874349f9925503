/**
 * Runs in a Pod, on the repository mounted there: an application with the stock SDK, told only where its endpoint is. One span, one
 * metric and one log record, each called `NAME`.
 */
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
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
const loggers = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter() })] });

tracers.getTracer('test').startSpan(name).end();
meters.getMeter('test').createCounter('sent').add(1, { id: name });
loggers.getLogger('test').emit({ body: name });

for (const provider of [tracers, meters, loggers]) await provider.shutdown();
