import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { renderedYaml } from '../../src/render/index.ts';
import type { DistributionName } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Answer, type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { plainInput } from './inputs.ts';

/** A gateway that answers so every time, and what the router makes of it for senders of both protocols. */
interface Case {
  readonly answer: Answer;
  readonly http: number;
  readonly grpc: number;
  readonly retryAfter?: string;
}

const error = (grpc: number, http: number, retryAfterSeconds?: number): Answer => ({
  kind: 'error',
  grpc,
  http,
  message: 'refused',
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const CASES: Readonly<Record<string, Case>> = {
  'an acknowledgement': { answer: { kind: 'ok' }, http: 200, grpc: 0 },
  'a delay longer than the router waits': { answer: error(14, 503, 30), http: 503, grpc: 14, retryAfter: '30' },
  'a limit with a delay': { answer: error(8, 429, 30), http: 429, grpc: 8, retryAfter: '30' },
  'a limit without a delay': { answer: error(8, 429), http: 429, grpc: 8 },
  'a request that no retry helps': { answer: error(3, 400), http: 400, grpc: 3 },
  'a failure inside': { answer: error(13, 500), http: 500, grpc: 13 },
};

const { bytes } = plainInput('traces', 'single', { resources: 1, scopes: 1, items: 1 });
const MANIFEST = {
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind: 'TracePipeline',
  metadata: { name: 'a' },
  spec: { output: { stdout: {} } },
};

/** Gateway and router as rendered; the router sends to the port given. */
function render(distribution: DistributionName, ports: readonly number[], gatewayPort: number): readonly string[] {
  const free = [...ports];
  const next = () => free.shift()!;
  const { rendered, issues } = compileFiles([{ file: 'a.yaml', text: JSON.stringify(MANIFEST) }], {
    distribution,
    topology: 'PerSignal',
    capBytes: 2 ** 30,
    addresses: ({ role }) => ({
      otlpGrpc: `127.0.0.1:${role === 'gateway' ? gatewayPort : next()}`,
      otlpHttp: `127.0.0.1:${next()}`,
      metrics: { host: '127.0.0.1', port: next() },
      peers: { 'trace-gateway': `127.0.0.1:${gatewayPort}` },
    }),
  });
  expect(issues).toEqual([]);
  return rendered.map((one) => renderedYaml(one));
}

const send = {
  http: (port: number) =>
    sendHttp(port, { path: '/v1/traces', body: bytes, headers: { 'content-type': 'application/x-protobuf' } }),
  grpc: (port: number) => sendGrpc(port, { path: GRPC_METHOD.traces, message: bytes }),
};

const otelcol = requirePeer('otelcol');

describe.each([
  { by: 'otelcol', start: startOtelcol, missing: otelcol.status === 'missing' ? otelcol.reason : undefined },
  { by: 'sluice', start: startSluiceEngine, missing: undefined },
] as const)('the answer of a router run by $by', ({ by, start, missing }) => {
  const running: RunningProcess[] = [];
  let gateway: Capture;
  let ports: readonly number[];

  beforeAll(async () => {
    if (missing !== undefined) return;
    gateway = await startCapture();
    ports = await Promise.all(Array.from({ length: 5 }, freePort));
    const [, router] = render(by, ports, gateway.grpcPort);
    running.push(await start(router!));
  });
  afterAll(async () => {
    for (const process of running.reverse()) await process.stop();
    await gateway?.stop();
  });

  // The gateway's HTTP and metrics ports come first in the list.
  const grpcPort = () => ports[2]!;
  const httpPort = () => ports[3]!;

  it.skipIf(missing !== undefined).each(Object.entries(CASES))("is the gateway's: %s", async (_, expected) => {
    gateway.script(Array.from({ length: 10 }, () => expected.answer));
    const before = gateway.requests.length;
    const http = await send.http(httpPort());
    const grpc = await send.grpc(grpcPort());
    expect({ http: http.status, grpc: grpc.grpcStatus, retryAfter: http.headers['retry-after'] }).toEqual({
      http: expected.http,
      grpc: expected.grpc,
      retryAfter: expected.retryAfter,
    });
    expect(gateway.requests.length - before).toBe(2);
    gateway.script([]);
  });

  it.skipIf(missing !== undefined)('comes from the gateway that is there again within 6 s', async () => {
    gateway.script(Array.from({ length: 3 }, () => error(14, 503)));
    expect((await send.http(httpPort())).status).toBe(200);
  });

  it.skipIf(missing !== undefined)('is 503 when the gateway has no memory left, after tries for 6 s', async () => {
    const own = await Promise.all(Array.from({ length: 6 }, freePort));
    const [rendered, router] = render(by, own.slice(1), own[0]!);
    const full = rendered!.replace(/limit_mib: \d+\n( +)spike_limit_mib: \d+/, 'limit_mib: 2\n$1spike_limit_mib: 1');
    running.push(await start(full), await start(router!));
    await waitFor('the gateway to refuse', async () => (await send.http(own[1]!)).status === 503);
    const startedAt = performance.now();
    const { status } = await send.http(own[4]!);
    expect(status).toBe(503);
    expect(performance.now() - startedAt).toBeGreaterThan(4000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
