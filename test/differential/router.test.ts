import { afterEach, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { type Answer, type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { describeGrpcAnswer } from './answers.ts';
import { plainInput } from './inputs.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const START = { otelcol: startOtelcol, sluice: startSluiceEngine } as const;
type PeerName = keyof typeof START;

const running: (RunningProcess | Capture)[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

const receivers = (grpc: number, http: number, sizes: { readonly grpc: object; readonly http: object }) => ({
  otlp: {
    protocols: {
      grpc: { endpoint: `127.0.0.1:${grpc}`, ...sizes.grpc },
      http: { endpoint: `127.0.0.1:${http}`, ...sizes.http },
    },
  },
});

const service = (exporter: string) => ({
  telemetry: { metrics: { level: 'none' } },
  pipelines: { logs: { receivers: ['otlp'], exporters: [exporter] } },
});

/** Passes the sender's request on and waits; with a retry shorter than any test, so that answers come as they are. */
async function startRouter(name: PeerName, gateway: number) {
  const [grpc, http] = await Promise.all([freePort(), freePort()]);
  const config = {
    receivers: receivers(grpc, http, { grpc: { max_recv_msg_size_mib: 16 }, http: {} }),
    exporters: {
      otlp_grpc: {
        endpoint: `127.0.0.1:${gateway}`,
        tls: { insecure: true },
        timeout: '3s',
        retry_on_failure: { enabled: false },
        sending_queue: { wait_for_result: true, sizer: 'bytes', queue_size: 67_108_864, num_consumers: 100 },
      },
    },
    service: service('otlp_grpc'),
  };
  running.push(await START[name](JSON.stringify(config)));
  return { grpc, http };
}

/** Gives its sender the answer of its backend. */
async function startGateway(name: PeerName, backend: number): Promise<number> {
  const [grpc, http] = await Promise.all([freePort(), freePort()]);
  const config = {
    receivers: receivers(grpc, http, { grpc: { max_recv_msg_size_mib: 4 }, http: {} }),
    exporters: {
      otlp_http: {
        endpoint: `http://127.0.0.1:${backend}`,
        retry_on_failure: { enabled: false },
        sending_queue: { enabled: false },
      },
    },
    service: service('otlp_http'),
  };
  running.push(await START[name](JSON.stringify(config)));
  return grpc;
}

const failure = (grpc: number, http: number, retryAfterSeconds?: number): Answer => ({
  kind: 'error',
  grpc,
  http,
  message: 'no',
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

const small = plainInput('logs', 'small', { resources: 1, scopes: 1, items: 1 });
/** 5 MB: the router takes it, the gateway does not. */
const large = plainInput('logs', 'x'.repeat(5_000), { resources: 1, scopes: 1, items: 1_000 });

interface Situation {
  readonly name: string;
  readonly answer: Answer;
  readonly input: typeof small;
}

const SITUATIONS: readonly Situation[] = [
  { name: 'taken', answer: { kind: 'ok' }, input: small },
  { name: '503', answer: failure(14, 503), input: small },
  { name: '503 with a delay', answer: failure(14, 503, 7), input: small },
  { name: '429 with a delay', answer: failure(8, 429, 7), input: small },
  { name: '400', answer: failure(3, 400), input: small },
  { name: '401', answer: failure(16, 401), input: small },
  { name: 'too large for the gateway', answer: { kind: 'ok' }, input: large },
];

interface Told {
  readonly grpc: string;
  readonly http: string;
  readonly delaySeconds: string | undefined;
}

/** What senders of both protocols hear in each situation. */
async function hear(router: PeerName, gateway: PeerName): Promise<Readonly<Record<string, Told>>> {
  const backend = await startCapture();
  running.push(backend);
  const ports = await startRouter(router, await startGateway(gateway, backend.httpPort));
  const told: Record<string, Told> = {};
  for (const { name, answer, input } of SITUATIONS) {
    backend.script([answer, answer]);
    const grpc = await sendGrpc(ports.grpc, { path: GRPC_METHOD.logs, message: input.bytes });
    const headers = { 'content-type': 'application/x-protobuf' };
    const http = await sendHttp(ports.http, { path: '/v1/logs', body: input.bytes, headers });
    told[name] = {
      grpc: describeGrpcAnswer(grpc).status,
      http: `HTTP ${http.status}`,
      delaySeconds: http.headers['retry-after'],
    };
  }
  return told;
}

const CODES = {
  taken: ['gRPC 0', 'HTTP 200'],
  '503': ['gRPC 14', 'HTTP 503'],
  '503 with a delay': ['gRPC 14', 'HTTP 503'],
  '429 with a delay': ['gRPC 8', 'HTTP 429'],
  '400': ['gRPC 3', 'HTTP 400'],
  '401': ['gRPC 16', 'HTTP 401'],
};

/** The Collector lets its sender try again what can never be taken. */
const TOO_LARGE = { otelcol: ['gRPC 8', 'HTTP 429'], sluice: ['gRPC 0', 'HTTP 200'] };

describe.skipIf(peer.status === 'missing')(`a router that waits for its gateway${skipNote}`, () => {
  it.each<[PeerName, PeerName]>([
    ['otelcol', 'otelcol'],
    ['otelcol', 'sluice'],
    ['sluice', 'otelcol'],
    ['sluice', 'sluice'],
  ])('gives its sender the answer of the backend: %s before %s', async (router, gateway) => {
    const told = await hear(router, gateway);
    const codes = Object.fromEntries(Object.entries(told).map(([name, { grpc, http }]) => [name, [grpc, http]]));
    // The engine divides what the gateway does not take as a whole.
    expect(codes).toEqual({ ...CODES, 'too large for the gateway': TOO_LARGE[router] });
  });

  it.each<[PeerName, PeerName]>([
    ['otelcol', 'sluice'],
    ['sluice', 'sluice'],
  ])('passes the delay of the backend on: %s before %s', async (router, gateway) => {
    const told = await hear(router, gateway);
    expect([told['503 with a delay']?.delaySeconds, told['429 with a delay']?.delaySeconds]).toEqual(['7', '7']);
  });
});
