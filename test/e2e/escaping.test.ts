// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { encodeEnvValue } from '../../src/otelcol/index.ts';
import { renderedYaml } from '../../src/render/index.ts';
import type { DistributionName } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort, listen } from '../testkit/free-port.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** Texts that a Collector would expand, read as YAML of another kind, or refuse to start with. */
const CANARIES = [
  '${env:SLUICE_CANARY}',
  '${SLUICE_CANARY}',
  '$${env:SLUICE_CANARY}',
  '${env:SLUICE_CANARY:-x}',
  '${file:/etc/passwd}',
  '${yaml:a}',
  'a${env:SLUICE_CANARY}b',
  '$1',
  '$$1',
  '$$',
  '$',
  'yes',
  'no',
  'true',
  'null',
  'nan',
  '00123',
  '1e3',
  '0x1F',
  '18446744073709551616',
  '1: 2',
  '{1: 2}',
  '[1, 2]',
  '2001-01-01',
  '"quoted"',
  "it's",
  '# no comment',
  '- a',
  '*alias',
  '!tag x',
  '%41',
  'back\\slash',
  'Bearer abc.def-_~+/==',
] as const;

const PATH = '/$1/$$1/${env:SLUICE_CANARY}/v1';
const USER = '${env:SLUICE_CANARY}$$1';
const PASSWORD = '$$${file:/etc/passwd}:ü';

/** As a manifest says it: there `$$` means one `$`, as manifests written for upstream expect. */
const literal = (value: string) => ({ value: value.replaceAll('$', '$$$$') });
/** A Secret's value is taken as it is. */
const inSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'canaries', namespace: 'test', key } } });

interface Backends {
  readonly capture: Capture;
  readonly tokenUrl: string;
  readonly folder: string;
}

function secretOf({ capture, tokenUrl }: Backends) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'canaries', namespace: 'test' },
    stringData: {
      grpc: `http://127.0.0.1:${capture.grpcPort}`,
      http: `http://127.0.0.1:${capture.httpPort}/base$1`,
      tokenUrl: `${tokenUrl}/$$1?a=$\{env:SLUICE_CANARY}`,
      user: USER,
      password: PASSWORD,
      ...Object.fromEntries(CANARIES.map((value, i) => [`canary-${i}`, value])),
    },
  };
}

/** Every output by the name of its pipeline. Requests say it in the header x-case. */
function outputs({ capture, tokenUrl, folder }: Backends): Readonly<Record<string, object>> {
  const grpc = { protocol: 'grpc', endpoint: { value: `http://127.0.0.1:${capture.grpcPort}` } };
  const http = { protocol: 'http', endpoint: { value: `http://127.0.0.1:${capture.httpPort}` } };
  const headers = (given: (value: string, i: number) => object) =>
    CANARIES.map((value, i) => ({ name: `x-canary-${i}`, ...given(value, i) }));
  const path = literal(PATH).value;
  const secretHeaders = headers((_, i) => inSecret(`canary-${i}`));
  const params = Object.fromEntries(CANARIES.map((value, i) => [`p ${i}`, literal(value).value]));
  const otlp = {
    'headers-grpc': { ...grpc, headers: headers(literal) },
    'headers-http': { ...http, path, headers: headers(literal) },
    'secrets-grpc': { ...grpc, endpoint: inSecret('grpc'), headers: secretHeaders },
    'secrets-http': { ...http, endpoint: inSecret('http'), path, headers: secretHeaders },
    // In upstream these reach the Collector in base64, so nothing in them was ever escaped.
    'basic-literal': { ...http, authentication: { basic: { user: { value: USER }, password: { value: PASSWORD } } } },
    'basic-secret': { ...grpc, authentication: { basic: { user: inSecret('user'), password: inSecret('password') } } },
    'oauth2-literal': {
      ...http,
      authentication: {
        oauth2: {
          tokenURL: literal(`${tokenUrl}/$$1?a=$\{env:SLUICE_CANARY}`),
          clientID: literal(USER),
          clientSecret: literal(PASSWORD),
          scopes: CANARIES.filter((value) => !value.includes(' ')).map((value) => literal(value).value),
          params: { case: 'oauth2-literal', ...params },
        },
      },
    },
    'oauth2-secret': {
      ...http,
      authentication: {
        oauth2: {
          tokenURL: inSecret('tokenUrl'),
          clientID: inSecret('user'),
          clientSecret: inSecret('password'),
          params: { case: 'oauth2-secret' },
        },
      },
    },
  };
  return {
    ...Object.fromEntries(
      Object.entries(otlp).map(([name, output]) => {
        const more = 'headers' in output ? output.headers : [];
        return [
          name,
          { otlp: { ...output, compression: 'none', headers: [{ name: 'x-case', value: name }, ...more] } },
        ];
      }),
    ),
    file: { file: { path: literal(join(folder, '$1', '${env:SLUICE_CANARY}', '$$.jsonl')).value } },
  };
}

async function rendered(backends: Backends, distribution: DistributionName) {
  const manifests = Object.entries(outputs(backends)).map(([name, output]) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name },
    spec: { input: { runtime: { enabled: false } }, output },
  }));
  const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  const [grpc, http, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const compiled = compileFiles([{ file: 'canaries.yaml', text: input }], {
    distribution,
    capBytes: 2 ** 31,
    secretFiles: [{ file: 'secrets.yaml', text: JSON.stringify(secretOf(backends)) }],
    secretsRequired: true,
    addresses: () => ({
      otlpGrpc: `127.0.0.1:${grpc}`,
      otlpHttp: `127.0.0.1:${http}`,
      metrics: { host: '127.0.0.1', port: metrics },
    }),
  });
  expect(compiled.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  const config = compiled.rendered[0]!;
  expect(config.pipelines).toHaveLength(manifests.length);
  const secrets = Object.entries(config.secrets).map(([name, value]) => [name, encodeEnvValue(value)]);
  return { yaml: renderedYaml(config), env: { ...Object.fromEntries(secrets), SLUICE_CANARY: 'EXPANDED' }, http };
}

interface TokenRequest {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** Gives everyone a token, and keeps what was asked. */
function tokenEndpoint(requests: TokenRequest[]): Server {
  return createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization, form });
    response.setHeader('content-type', 'application/json');
    response.end('{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600}');
  });
}

const otelcol = requirePeer('otelcol');

describe.each([
  {
    name: 'the real Collector',
    distribution: 'otelcol',
    start: startOtelcol,
    missing: otelcol.status === 'missing' ? otelcol.reason : undefined,
  },
  { name: "Sluice's engine", distribution: 'sluice', start: startSluiceEngine, missing: undefined },
] as const)('user text rendered for $name', ({ distribution, start, missing }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-escaping-'));
  const tokenRequests: TokenRequest[] = [];
  const tokens = tokenEndpoint(tokenRequests);
  let capture: Capture;
  let process: RunningProcess | undefined;

  const requestOf = (name: string) => capture.requests.find(({ headers }) => headers['x-case'] === name);
  const file = join(folder, '$1', '${env:SLUICE_CANARY}', '$$.jsonl');

  beforeAll(async () => {
    if (missing !== undefined) return;
    capture = await startCapture();
    const tokenUrl = `http://127.0.0.1:${await listen(tokens)}`;
    const backends = { capture, tokenUrl, folder };
    const { yaml, env, http } = await rendered(backends, distribution);
    process = await start(yaml, { env });
    const body = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }],
    });
    const answer = await sendHttp(http, { path: '/v1/logs', body, headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(200);
    const names = Object.keys(outputs(backends)).filter((name) => name !== 'file');
    await waitFor('every backend has the record', () => names.every((name) => requestOf(name) !== undefined));
  });

  afterAll(async () => {
    await process?.stop();
    await capture?.stop();
    tokens.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(missing !== undefined).each(['headers-grpc', 'headers-http', 'secrets-grpc', 'secrets-http'])(
    'arrives character by character in headers: %s',
    (name) => {
      const { headers } = requestOf(name)!;
      expect(CANARIES.map((_, i) => headers[`x-canary-${i}`])).toEqual(CANARIES);
    },
  );

  it.skipIf(missing !== undefined)('arrives character by character in paths, and in endpoints of Secrets', () => {
    expect(decodeURIComponent(requestOf('headers-http')!.path)).toBe(PATH);
    expect(decodeURIComponent(requestOf('secrets-http')!.path)).toBe(`/base$1${PATH}`);
    expect(requestOf('secrets-grpc')!.protocol).toBe('grpc');
  });

  it.skipIf(missing !== undefined).each(['basic-literal', 'basic-secret'])(
    'arrives character by character as user and password: %s',
    (name) => {
      const [scheme, credentials = ''] = requestOf(name)!.headers['authorization']!.split(' ');
      expect([scheme, Buffer.from(credentials, 'base64').toString()]).toEqual(['Basic', `${USER}:${PASSWORD}`]);
    },
  );

  it.skipIf(missing !== undefined).each(['oauth2-literal', 'oauth2-secret'])(
    'arrives character by character at the token endpoint: %s',
    (name) => {
      const { url, authorization = '', form } = tokenRequests.find((request) => request.form.get('case') === name)!;
      expect(decodeURIComponent(url)).toBe('/$$1?a=${env:SLUICE_CANARY}');
      const [id = '', secret = ''] = Buffer.from(authorization.split(' ')[1] ?? '', 'base64')
        .toString()
        .split(':');
      expect([id, secret].map((part) => decodeURIComponent(part))).toEqual([USER, PASSWORD]);
      expect(requestOf(name)!.headers['authorization']).toBe('Bearer TOKEN');
      if (name === 'oauth2-secret') return;
      expect(CANARIES.map((_, i) => form.get(`p ${i}`))).toEqual(CANARIES);
      expect(form.get('scope')?.split(' ')).toEqual(CANARIES.filter((value) => !value.includes(' ')));
    },
  );

  it.skipIf(missing !== undefined)('arrives character by character in the path of a file', async () => {
    await waitFor('the file is there', () => existsSync(file));
  });
});
