import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { encodeEnvValue } from '../../src/otelcol/index.ts';
import { renderedYaml } from '../../src/render/index.ts';
import type { DistributionName } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { localhostCertificate } from '../testkit/tls/certificate.ts';
import { waitFor } from '../testkit/wait-for.ts';

const { cert, key } = localhostCertificate();

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'tls', namespace: 'test' },
  // One of them as programs write it that put a text on one line.
  stringData: { 'ca.crt': cert, 'tls.crt': cert, 'tls.key': key.replaceAll('\n', '\\n') },
};

const from = (name: string) => ({ valueFrom: { secretKeyRef: { name: 'tls', namespace: 'test', key: name } } });
const client = { cert: from('tls.crt'), key: from('tls.key') };

/** The backend's certificate is its own authority, and it takes no client without a certificate. */
function pipelines({ grpcPort, httpPort }: Capture) {
  const grpc = { protocol: 'grpc', endpoint: { value: `localhost:${grpcPort}` } };
  const http = { protocol: 'http', endpoint: { value: `https://localhost:${httpPort}` } };
  const outputs = {
    'grpc-mutual': { ...grpc, tls: { ca: from('ca.crt'), ...client } },
    'http-mutual': { ...http, tls: { ca: from('ca.crt'), ...client } },
    'literal-authority': { ...http, tls: { ca: { value: cert }, ...client } },
    'any-authority': { ...grpc, tls: { insecureSkipVerify: true, ...client } },
    'unknown-authority': { ...http, tls: client },
    'without-certificate': { ...grpc, tls: { ca: from('ca.crt') } },
  };
  return Object.entries(outputs).map(([name, output]) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name },
    spec: { output: { otlp: { ...output, compression: 'none', headers: [{ name: 'x-case', value: name }] } } },
  }));
}

const TRUSTED = ['any-authority', 'grpc-mutual', 'http-mutual', 'literal-authority'];

async function rendered(backend: Capture, distribution: DistributionName) {
  const text = pipelines(backend)
    .map((manifest) => JSON.stringify(manifest))
    .join('\n---\n');
  const [grpc, http, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const compiled = compileFiles([{ file: 'tls.yaml', text }], {
    distribution,
    capBytes: 2 ** 31,
    secretFiles: [{ file: 'secrets.yaml', text: JSON.stringify(SECRET) }],
    secretsRequired: true,
    addresses: () => ({
      otlpGrpc: `127.0.0.1:${grpc}`,
      otlpHttp: `127.0.0.1:${http}`,
      metrics: { host: '127.0.0.1', port: metrics },
    }),
  });
  expect(compiled.issues).toEqual([]);
  const [config] = compiled.rendered;
  const env = Object.entries(config!.secrets).map(([name, value]) => [name, encodeEnvValue(value)] as const);
  return { yaml: renderedYaml(config!), env: Object.fromEntries(env), http };
}

const otelcol = requirePeer('otelcol');

describe.each([
  { by: 'otelcol', start: startOtelcol, missing: otelcol.status === 'missing' ? otelcol.reason : undefined },
  { by: 'sluice', start: startSluiceEngine, missing: undefined },
] as const)('certificates of Secrets, rendered and run by $by', ({ by, start, missing }) => {
  let backend: Capture;
  let process: RunningProcess | undefined;

  beforeAll(async () => {
    if (missing !== undefined) return;
    backend = await startCapture({ tls: { cert, key, ca: cert } });
    const { yaml, env, http } = await rendered(backend, by);
    process = await start(yaml, { env });
    const span = { name: 'x', traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const { status } = await sendHttp(http, {
      path: '/v1/traces',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(200);
  });
  afterAll(async () => {
    await process?.stop({ graceMs: 0 });
    await backend?.stop();
  });

  it.skipIf(missing !== undefined)('reach a backend that asks for them, and no other pipeline does', async () => {
    const arrived = () => backend.requests.map(({ headers }) => headers['x-case'] ?? '').sort();
    await waitFor('the trusted to arrive', () => arrived().length >= TRUSTED.length);
    expect(arrived()).toEqual(TRUSTED);
  });
});
