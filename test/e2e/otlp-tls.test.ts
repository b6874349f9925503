import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { systemClock } from '../../src/lib/index.ts';
import {
  createOtlpGrpcClient,
  createOtlpHttpClient,
  createOtlpServer,
  defaultGrpcAccept,
  defaultHttpAccept,
  type IngestAttempt,
  type OtlpClient,
} from '../../src/otlp/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { encodeRequest } from '../testkit/otlp-proto.ts';
import { createAuthority } from '../testkit/tls/authority.ts';
import { waitFor } from '../testkit/wait-for.ts';

const otelcol = requirePeer('otelcol');
const reason = otelcol.status === 'missing' ? `: skipped, ${otelcol.reason}` : '';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const CA = createAuthority();
const SERVER = CA.issue();
const CLIENT = CA.issue({ commonName: 'client' });
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const files = {
  ca: file('ca.pem', CA.certPem),
  cert: file('server.pem', SERVER.certPem),
  key: file('server.key', SERVER.keyPem),
  clientCert: file('client.pem', CLIENT.certPem),
  clientKey: file('client.key', CLIENT.keyPem),
};
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => rmSync(folder, { recursive: true }));

function closing(client: OtlpClient): OtlpClient {
  cleanUps.push(() => client.close());
  return client;
}

function send(client: OtlpClient) {
  return client.export('traces', TRACE, { signal: new AbortController().signal, timeoutMs: 10_000 });
}

describe.skipIf(otelcol.status === 'missing')(`TLS with client certificates and the real Collector${reason}`, () => {
  it('takes what it sends over gRPC and HTTP', async () => {
    const attempts: IngestAttempt[] = [];
    const server = createOtlpServer(
      {
        accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept },
        clock: systemClock,
        onAttempt: (attempt) => attempts.push(attempt),
      },
      () => ({ status: 'ok' }),
    );
    const tls = { ...SERVER, clientCaPem: CA.certPem };
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 }, { tls });
    cleanUps.push(() => server.shutdown({ graceMs: 0 }));
    const grpcPort = await freePort();
    const settings = `{ ca_file: ${files.ca}, cert_file: ${files.clientCert}, key_file: ${files.clientKey} }`;
    const collector = await startOtelcol(`
receivers: { otlp: { protocols: { grpc: { endpoint: 127.0.0.1:${grpcPort} } } } }
exporters:
  otlp: { endpoint: "dns:///localhost:${port}", tls: ${settings} }
  otlphttp: { endpoint: "https://localhost:${port}", tls: ${settings} }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp, otlphttp] } }
`);
    cleanUps.push(() => collector.stop());
    const client = closing(
      createOtlpGrpcClient({
        endpoint: `http://127.0.0.1:${grpcPort}`,
        headers: {},
        compression: 'none',
        clock: systemClock,
      }),
    );
    expect((await send(client)).status).toBe('delivered');
    await waitFor('both exporters', () => attempts.length >= 2);
    expect(attempts.map(({ protocol, outcome }) => `${protocol} ${outcome}`).sort()).toEqual([
      'grpc accepted',
      'http accepted',
    ]);
  });

  it('delivers to it over gRPC and HTTP, and says when it wants a certificate', async () => {
    const [grpcPort, httpPort] = [await freePort(), await freePort()];
    const settings = `{ cert_file: ${files.cert}, key_file: ${files.key}, client_ca_file: ${files.ca} }`;
    const collector = await startOtelcol(`
receivers:
  otlp:
    protocols:
      grpc: { endpoint: 127.0.0.1:${grpcPort}, tls: ${settings} }
      http: { endpoint: 127.0.0.1:${httpPort}, tls: ${settings} }
exporters: { debug: {} }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [debug] } }
`);
    cleanUps.push(() => collector.stop());
    const common = { headers: {}, compression: 'gzip', clock: systemClock } as const;
    const grpc = (tls: object) =>
      closing(createOtlpGrpcClient({ ...common, endpoint: `dns:///localhost:${grpcPort}`, tls }));
    const http = (tls: object) =>
      closing(createOtlpHttpClient({ ...common, endpoint: `https://localhost:${httpPort}`, encoding: 'proto', tls }));
    for (const create of [grpc, http]) {
      expect(await send(create({ caPem: CA.certPem, ...CLIENT }))).toEqual({ status: 'delivered', rejectedCount: 0 });
      expect(await send(create({ caPem: CA.certPem }))).toMatchObject({
        status: 'retryable',
        failure: { kind: 'certificate', message: expect.stringContaining('asks for a client certificate') },
      });
    }
  });
});
