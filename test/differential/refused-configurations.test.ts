import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from '../../src/cli/compile.ts';
import { requirePeer } from '../../testbed/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { localhostCertificate } from '../testkit/tls/certificate.ts';

const { cert } = localhostCertificate();
const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const OAUTH2 = { token_url: 'http://localhost:1', client_id: 'a', client_secret: 'b' };
const oauth2 = (rest: object = {}) => ({
  oauth2: {
    tokenURL: { value: 'http://localhost:1' },
    clientID: { value: 'a' },
    clientSecret: { value: 'b' },
    ...rest,
  },
});

/** What one pipeline could ask for that stops the stock Collector, and with it every other pipeline. */
const CASES = {
  'a key of another certificate': {
    exporter: { tls: { cert_pem: cert, key_pem: foreignKey } },
    says: 'private key does not match public key',
    output: { tls: { cert: { value: cert }, key: { value: foreignKey } } },
    code: 'SL0407',
  },
  'an authority that is no certificate': {
    exporter: { tls: { ca_pem: 'nonsense' } },
    says: 'failed to parse cert',
    output: { tls: { ca: { value: 'nonsense' } } },
    code: 'SL0407',
  },
  'a token over plain text gRPC': {
    exporter: { tls: { insecure: true }, auth: { authenticator: 'oauth2client' } },
    says: 'credentials require transport level security',
    output: { endpoint: { value: 'http://localhost:1' }, authentication: oauth2() },
    code: 'SL0110',
  },
  'a parameter whose name is a path': {
    extension: { ...OAUTH2, endpoint_params: { 'a::b': ['x'] } },
    says: 'source data must be an array or slice, got map',
    output: { authentication: oauth2({ params: { 'a::b': 'x' } }) },
    code: 'SL0105',
  },
} as const;

const otelcol = requirePeer('otelcol');
const skipNote = otelcol.status === 'missing' ? ` (skipped: ${otelcol.reason})` : '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-refused-'));
let port: number;
beforeAll(async () => {
  port = await freePort();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the Collector writes when it is started; it is ended when it does not end by itself. */
function start(exporter: object, extension: object): { readonly code: number | null; readonly stderr: string } {
  if (otelcol.status === 'missing') throw new Error(otelcol.reason);
  const config = {
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { otlp_grpc: { endpoint: 'localhost:1', ...exporter } },
    extensions: { oauth2client: extension },
    service: {
      extensions: ['oauth2client'],
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_grpc'] } },
    },
  };
  const file = join(folder, 'config.yaml');
  writeFileSync(file, JSON.stringify(config));
  const { status, stderr } = spawnSync(otelcol.path, ['--config', file], { encoding: 'utf8', timeout: 3000 });
  return { code: status, stderr };
}

function issuesOf(output: object) {
  const manifests = [
    { endpoint: { value: 'https://localhost:1' } },
    { endpoint: { value: 'https://localhost:1' }, ...output },
  ];
  const files = manifests.map((otlp, i) => ({
    file: `${i}.yaml`,
    text: JSON.stringify({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name: `p${i}` },
      spec: { output: { otlp } },
    }),
  }));
  const options = { distribution: 'otelcol', capBytes: 2 ** 31, addresses: () => STOCK_ADDRESSES } as const;
  const { rendered, issues } = compileFiles(files, options);
  return { running: rendered.flatMap(({ pipelines }) => pipelines.map(({ name }) => name)), issues };
}

describe.each(Object.entries(CASES))(`%s${skipNote}`, (_, { says, output, code, ...broken }) => {
  const { exporter = {}, extension = OAUTH2 } = broken as { exporter?: object; extension?: object };

  it.skipIf(otelcol.status === 'missing')('stops the Collector', () => {
    const { code: exit, stderr } = start(exporter, extension);
    expect(exit).toBe(1);
    expect(stderr).toContain(says);
  });

  it('leaves out one pipeline of ours, and no other', () => {
    const { running, issues } = issuesOf(output);
    expect(running).toEqual(['p0']);
    expect(issues.map((issue) => [issue.code, issue.span?.file])).toEqual([[code, '1.yaml']]);
  });
});
