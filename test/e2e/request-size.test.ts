import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { renderedYaml } from '../../src/render/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { decodeRequest, itemsOf } from '../testkit/otlp-proto.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** What a gRPC server takes unless it is told otherwise. */
const GRPC_LIMIT = 4 * 2 ** 20;
const RECORDS = 120;
const RECORD_BYTES = 100_000;
const REQUESTS = 3;

async function rendered(capture: Capture, distribution: 'otelcol' | 'sluice') {
  const spec = {
    output: { otlp: { endpoint: { value: `http://127.0.0.1:${capture.grpcPort}` }, compression: 'none' } },
  };
  const manifest = {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name: 'big' },
    spec,
  };
  const [grpc, http, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const { rendered } = compileFiles([{ file: 'big.yaml', text: JSON.stringify(manifest) }], {
    distribution,
    capBytes: 2 ** 31,
    addresses: () => ({
      otlpGrpc: `127.0.0.1:${grpc}`,
      otlpHttp: `127.0.0.1:${http}`,
      metrics: { host: '127.0.0.1', port: metrics },
    }),
  });
  return { yaml: renderedYaml(rendered[0]!), http };
}

function bigRequest(): string {
  const logRecords = Array.from({ length: RECORDS }, (_, i) => ({
    body: { stringValue: `${i} `.padEnd(RECORD_BYTES, 'x') },
  }));
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

function recordCount(body: Uint8Array): number {
  return itemsOf('logs', decodeRequest('logs', body)).length;
}

const otelcol = requirePeer('otelcol');

describe.each([
  { name: 'the real Collector', start: startOtelcol, distribution: 'otelcol', missing: otelcol.status === 'missing' },
  { name: "Sluice's engine", start: startSluiceEngine, distribution: 'sluice', missing: false },
] as const)('a backend behind $name', ({ start, distribution, missing }) => {
  let capture: Capture;
  let process: RunningProcess | undefined;
  let http: number;

  beforeAll(async () => {
    if (missing) return;
    capture = await startCapture();
    const prepared = await rendered(capture, distribution);
    http = prepared.http;
    process = await start(prepared.yaml);
  });

  afterAll(async () => {
    await process?.stop();
    await capture?.stop();
  });

  it.skipIf(missing)('gets all of large requests in parts that any gRPC server takes', async () => {
    const body = bigRequest();
    const received = () => capture.requests.reduce((sum, request) => sum + recordCount(request.body), 0);
    for (let i = 1; i <= REQUESTS; i++) {
      const { status } = await sendHttp(http, {
        path: '/v1/logs',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(status).toBe(200);
      await waitFor(`request ${i} has arrived`, () => received() >= i * RECORDS);
    }
    expect(received()).toBe(REQUESTS * RECORDS);
    expect(Math.max(...capture.requests.map((request) => request.body.length))).toBeLessThan(GRPC_LIMIT);
  });
});
