import { metrics as metricsApi, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogListDocument, MetricListDocument, TraceListDocument } from '../../src/server/index.ts';
import { createHome, type Home, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { becomesTrue } from '../testkit/wait-for.ts';

const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const SPAN = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"curl-demo"}}]},"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID}","spanId":"eee19b7ec3c1b174","name":"GET /checkout","kind":2,"startTimeUnixNano":"1763752174192037721","endTimeUnixNano":"1763752174312037721"}]}]}]}`;
const POINT = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"curl-demo"}}]},"scopeMetrics":[{"metrics":[{"name":"orders","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"3","timeUnixNano":"1763752174192037721"}]}}]}]}]}`;
const LOG = `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"curl-demo"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1763752174192037721","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"payment refused"},"traceId":"${TRACE_ID}","spanId":"eee19b7ec3c1b174"}]}]}]}`;

describe('sluice up without files', () => {
  let home: Home;
  let up: RunningUp;

  beforeAll(async () => {
    home = createHome();
    up = await startUp(home);
  });
  afterAll(async () => {
    await up?.stop();
    home?.remove();
  });

  const explore = async <T>(path: string) => (await (await fetch(`${up.api}/api/v1/explore/${path}`)).json()) as T;

  it('takes OTLP/JSON from curl on either port and shows all three signals', async () => {
    for (const port of [up.ports.grpc, up.ports.http]) {
      for (const [path, body] of [
        ['traces', SPAN],
        ['metrics', POINT],
        ['logs', LOG],
      ]) {
        const answer = await fetch(`http://127.0.0.1:${port}/v1/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: body!,
        });
        expect([answer.status, await answer.text()]).toEqual([200, '{"partialSuccess":{}}']);
      }
    }
    const traces = await explore<TraceListDocument>('traces');
    expect(traces.items).toMatchObject([{ traceId: TRACE_ID, name: 'GET /checkout', service: 'curl-demo' }]);
    const series = await explore<MetricListDocument>('metrics');
    expect(series.items).toMatchObject([{ name: 'orders', type: 'sum', monotonic: true, service: 'curl-demo' }]);
    const logs = await explore<LogListDocument>('logs');
    expect(logs.items[0]).toMatchObject({ body: 'payment refused', severity: 'ERROR', traceId: TRACE_ID });
  });

  it('takes the stock Node SDK over gRPC, HTTP/protobuf and HTTP/JSON on either port', async () => {
    const services: string[] = [];
    for (const port of [up.ports.grpc, up.ports.http]) {
      const exporters: Record<string, SpanExporter> = {
        grpc: new GrpcTraceExporter({ url: `http://127.0.0.1:${port}` }),
        proto: new ProtoTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` }),
        json: new JsonTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` }),
      };
      for (const [name, exporter] of Object.entries(exporters)) {
        services.push(`${name}-${port}`);
        await exportOneSpan(`${name}-${port}`, exporter);
      }
    }
    const { items } = await explore<TraceListDocument>('traces?limit=100');
    expect(items.map((item) => item.service)).toEqual(expect.arrayContaining(services));
  });

  it('takes metrics and logs of the stock Node SDK', async () => {
    const resource = resourceFromAttributes({ 'service.name': 'sdk-demo' });
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `http://127.0.0.1:${up.ports.http}/v1/metrics` }),
      exportIntervalMillis: 60_000,
    });
    const meters = new MeterProvider({ resource, readers: [reader] });
    meters.getMeter('test').createCounter('sdk.orders').add(7);
    await meters.forceFlush();
    await meters.shutdown();
    const processor = new SimpleLogRecordProcessor({
      exporter: new OTLPLogExporter({ url: `http://127.0.0.1:${up.ports.grpc}` }),
    } as never);
    const loggers = new LoggerProvider({ resource, processors: [processor] });
    loggers.getLogger('test').emit({ body: 'hello from the SDK', severityNumber: 9 });
    await loggers.forceFlush();
    await loggers.shutdown();
    expect((await explore<MetricListDocument>('metrics?q=sdk.orders')).items).toMatchObject([
      { name: 'sdk.orders', service: 'sdk-demo' },
    ]);
    expect((await explore<LogListDocument>('logs?q=hello')).items).toMatchObject([
      { body: 'hello from the SDK', service: 'sdk-demo' },
    ]);
  });

  it('shows them in status -o json, with a balanced ledger', async () => {
    const status = await runSluice(home, ['status', '-o', 'json']);
    expect(status.code).toBe(0);
    const document = JSON.parse(status.stdout);
    expect(document).toMatchObject({ apiVersion: 'cli.sluice.io/v1', kind: 'StatusReport' });
    expect(document.items.map((item: { kind: string }) => item.kind).sort()).toEqual([
      'LogPipeline',
      'MetricPipeline',
      'TracePipeline',
    ]);
    for (const { ledger } of document.items) {
      expect(ledger.received).toBeGreaterThan(0);
      expect(ledger).toMatchObject({ delivered: ledger.received, unaccounted: 0, queued: 0, refused: 0 });
    }
  });

  it('names the engine that already holds the ports, and the ways out', async () => {
    const second = await runSluice(home, [
      'up',
      '--otlp-grpc',
      String(up.ports.grpc),
      '--ui',
      '0',
      '--otlp-http',
      '0',
      '--no-open',
    ]);
    expect(second.code).toBe(4);
    expect(second.stderr).toContain('error[SL0600]: an engine is already running');
    expect(second.stderr).toContain('--port-offset');
  });

  it('names the foreign program that holds a port', async () => {
    const other = createHome();
    try {
      const second = await runSluice(other, [
        'up',
        '--otlp-grpc',
        String(up.ports.grpc),
        '--ui',
        '0',
        '--otlp-http',
        '0',
        '--no-open',
      ]);
      expect(second.code).toBe(4);
      expect(second.stderr).toContain(`error[SL0601]: port ${up.ports.grpc} is in use by another program`);
      if (process.platform === 'linux') expect(second.stderr).toContain('src/cli/main.ts up');
    } finally {
      other.remove();
    }
  });

  it('tells a sender of a wrong path which one it meant', async () => {
    const answer = await fetch(`http://127.0.0.1:${up.ports.http}/v1/trace`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: SPAN,
    });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('did you mean /v1/traces?');
  });
});

describe('the life of sluice up', () => {
  it('listens within the start-up budget', async () => {
    const home = createHome();
    try {
      await (await startUp(home)).stop(); // fills the compile cache of this home
      const startedMs = performance.now();
      const up = await startUp(home);
      const tookMs = performance.now() - startedMs;
      await up.stop();
      // The budget is 1.5 s; the margin is for a machine that does other things.
      expect(tookMs).toBeLessThan(5000);
    } finally {
      home.remove();
    }
  });

  it('leaves no process, port or registration behind, and prints the ledger', async () => {
    const home = createHome();
    try {
      const up = await startUp(home, ['--data', 'data']);
      const exit = await up.stop();
      expect(exit.code).toBe(143);
      expect(up.process.stdout()).toContain('balanced');
      // Losses are told in between, on lines of their own.
      expect(up.process.stdout()).toMatch(/^stopping: delivering what is queued \.\.\.\ndone in /m);
      const freed = await becomesTrue(async () => !(await accepts(up.ports.http)), { timeoutMs: 2000 });
      expect(freed).toBe(true);
      const status = await runSluice(home, ['status']);
      expect([status.code, status.stderr]).toEqual([
        3,
        expect.stringContaining('error[SL0701]: no engine runs on this machine'),
      ]);
    } finally {
      home.remove();
    }
  });
});

async function exportOneSpan(service: string, exporter: SpanExporter): Promise<void> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  provider.getTracer('test').startSpan('work').end();
  await provider.forceFlush();
  await provider.shutdown();
  trace.disable();
  metricsApi.disable();
}

async function accepts(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch {
    return false;
  }
}
