import { ROOT_CONTEXT } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { itemLines } from '../differential/canonical.ts';
import { plainInput } from '../differential/inputs.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const otelcol = requirePeer('otelcol');
const GATEWAY = 'trace-gateway';
/** How long the gateway is away after it was killed; its start comes on top. */
const AWAY_MS = 500;

/** Sends until it is told to stop; every export that failed, and how many there were. */
interface Sender {
  /** Exports begun so far. */
  count(): number;
  stop(): Promise<{ readonly exports: number; readonly failures: readonly string[] }>;
}

/** A stock SDK as an application has it: one export after the other, of what has come meanwhile. */
function startSdk(exporter: SpanExporter): Sender {
  const failures: string[] = [];
  let exports = 0;
  const watched: SpanExporter = {
    export(spans, done) {
      exports++;
      exporter.export(spans, (result) => {
        if (result.code !== 0) failures.push(String(result.error));
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sdk' }),
    spanProcessors: [new BatchSpanProcessor(watched, { scheduledDelayMillis: 25 })],
  });
  const tracer = provider.getTracer('test');
  const timer = setInterval(() => tracer.startSpan('work', {}, ROOT_CONTEXT).end(), 5);
  return {
    count: () => exports,
    async stop() {
      clearInterval(timer);
      await provider.forceFlush();
      await provider.shutdown();
      return { exports, failures };
    },
  };
}

/** Like the Go SDK over a broken hop: one call with a deadline of 10 s, and no second try. */
function startSingleTries(send: () => Promise<boolean>): Sender {
  const failures: string[] = [];
  const calls: Promise<void>[] = [];
  const timer = setInterval(() => {
    calls.push(
      send().then(
        (ok) => void (ok || failures.push('refused')),
        (error: unknown) => void failures.push(String(error)),
      ),
    );
  }, 50);
  return {
    count: () => calls.length,
    async stop() {
      clearInterval(timer);
      await Promise.all(calls);
      return { exports: calls.length, failures };
    },
  };
}

describe.each(['otelcol', 'sluice'] as const)('a router in front of a gateway that is killed, run by %s', (by) => {
  const missing = by === 'otelcol' && otelcol.status === 'missing' ? otelcol.reason : undefined;
  let backend: Capture;
  let deployment: Deployment | undefined;

  beforeAll(async () => {
    if (missing !== undefined) return;
    backend = await startCapture();
    const endpoint = { value: `http://127.0.0.1:${backend.grpcPort}` };
    const manifest = {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name: 'kept' },
      spec: { output: { otlp: { compression: 'none', endpoint } } },
    };
    deployment = await deploy([manifest], { topology: 'PerSignal', distribution: by });
  }, 60_000);
  afterAll(async () => {
    await deployment?.stop();
    await backend?.stop();
  });

  it('fails no export of the stock Node SDK, nor of one that tries once within 10 s', { timeout: 90_000 }, async ({
    skip,
  }) => {
    if (missing !== undefined) return skip(missing);
    const { front } = deployment!;
    const { bytes } = plainInput('traces', 'single', { resources: 1, scopes: 1, items: 1 });
    const headers = { 'content-type': 'application/x-protobuf' };
    const senders = {
      'SDK over gRPC': startSdk(new GrpcTraceExporter({ url: `http://127.0.0.1:${front.grpc}` })),
      'SDK over HTTP': startSdk(new ProtoTraceExporter({ url: `http://127.0.0.1:${front.http}/v1/traces` })),
      'one gRPC call': startSingleTries(
        async () => (await sendGrpc(front.grpc, { path: GRPC_METHOD.traces, message: bytes })).grpcStatus === 0,
      ),
      'one HTTP request': startSingleTries(
        async () => (await sendHttp(front.http, { path: '/v1/traces', body: bytes, headers })).status === 200,
      ),
    };
    const spansArrived = () =>
      backend.accepted().flatMap(({ body }) => itemLines('traces', decodeRequest('traces', body))).length;
    const dataFlows = async (when: string) => {
      const [spans, counts] = [spansArrived(), Object.values(senders).map((sender) => sender.count())];
      await waitFor(`data to flow ${when}`, () => {
        const everyone = Object.values(senders).every((sender, index) => sender.count() > counts[index]! + 15);
        return everyone && spansArrived() > spans + 20;
      });
    };
    for (let kill = 0; kill < 2; kill++) {
      await dataFlows('before a kill');
      await deployment!.kill(GATEWAY);
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await deployment!.restart(GATEWAY);
    }
    await dataFlows('again');
    for (const [name, sender] of Object.entries(senders)) {
      const { exports, failures } = await sender.stop();
      expect(exports, name).toBeGreaterThan(40);
      expect(failures, name).toEqual([]);
    }
  });
});
