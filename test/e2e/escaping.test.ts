// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCE_KINDS, RESOURCES, type ResourceKind } from '../../src/apis/index.ts';
import { laterFields } from '../../src/apis/later.ts';
import { compileFiles, STOCK_ADDRESSES } from '../../src/cli/compile.ts';
import type { JsonSchema } from '../../src/diagnostics/index.ts';
import { renderedYaml } from '../../src/render/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { listen } from '../testkit/free-port.ts';
import { requestToOtlpJson } from '../testkit/otlp-json.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
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
/** A part of an endpoint. */
const BASE = '/base$1/$$1/${env:SLUICE_CANARY}';
/** What HTTP allows in the name of a header. */
const NAMES = ['x-$1', 'x-$$', 'x-%41', 'x-$sluice_canary', 'x-`id`'];
const USER = '${env:SLUICE_CANARY}$$1';
const PASSWORD = '$$${file:/etc/passwd}:ü';

/** As a manifest says it: there `$$` means one `$`, as manifests written for upstream expect. */
const literal = (value: string) => ({ value: value.replaceAll('$', '$$$$') });
/** A Secret's value is taken as it is. */
const inSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'canaries', namespace: 'test', key } } });

interface Backends {
  readonly capture: Capture;
  readonly tokenUrl: string;
  readonly remoteWriteUrl: string;
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
  const params = {
    ...Object.fromEntries(CANARIES.map((value, i) => [`p ${i}`, literal(value).value])),
    ...Object.fromEntries(CANARIES.map((value, i) => [value, `name ${i}`])),
  };
  const prefixes = headers((value, i) => ({ prefix: literal(value).value, value: `after ${i}` }));
  const otlp = {
    'headers-grpc': { ...grpc, headers: headers(literal) },
    'headers-http': { ...http, path, headers: headers(literal) },
    'prefix-grpc': { ...grpc, headers: prefixes },
    'prefix-http': { ...http, endpoint: literal(`${http.endpoint.value}${BASE}`), headers: prefixes },
    names: { ...http, headers: NAMES.map((name) => ({ name: literal(name).value, value: 'here' })) },
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
    rules: { otlp: { ...http, compression: 'none', headers: [{ name: 'x-case', value: 'rules' }] } },
    file: { file: { path: literal(join(folder, '$1', '${env:SLUICE_CANARY}', '$$.jsonl')).value, rotation: {} } },
  };
}

/** Outputs of remote write, as those above. */
function remoteWrites({ tokenUrl, remoteWriteUrl }: Backends): Readonly<Record<string, object>> {
  const base = (name: string) => ({ ...literal(`${remoteWriteUrl}${BASE}/${name}`) });
  return {
    'write-headers': {
      endpoint: base('write-headers'),
      headers: [
        ...CANARIES.map((value, i) => ({ name: `x-canary-${i}`, ...literal(value) })),
        ...CANARIES.map((value, i) => ({ name: `x-prefix-${i}`, prefix: literal(value).value, value: `after ${i}` })),
        ...NAMES.map((name) => ({ name: literal(name).value, value: 'here' })),
      ],
    },
    'write-basic': {
      endpoint: base('write-basic'),
      authentication: { basic: { user: { value: USER }, password: { value: PASSWORD } } },
    },
    'write-oauth2': {
      endpoint: base('write-oauth2'),
      authentication: {
        oauth2: {
          tokenURL: literal(`${tokenUrl}/$$1?a=$\{env:SLUICE_CANARY}`),
          clientID: literal(USER),
          clientSecret: literal(PASSWORD),
          scopes: CANARIES.filter((value) => !value.includes(' ')).map((value) => literal(value).value),
          params: {
            case: 'write-oauth2',
            ...Object.fromEntries(CANARIES.map((value) => [value, literal(value).value])),
          },
        },
      },
    },
  };
}

/** A text in OTTL, in a manifest. */
const inRule = (before: string, text: string, after = '') => `${before}${literal(JSON.stringify(text)).value}${after}`;

/** Rules that write each text as a value and as a key, under conditions that hold; and a filter whose conditions never do. */
const RULES = {
  transform: [
    {
      conditions: CANARIES.map((value) => inRule('log.attributes["none"] != ', value)),
      statements: CANARIES.flatMap((value, i) => [
        inRule(`set(log.attributes["value-${i}"], `, value, ')'),
        inRule('set(log.attributes[', `key-${value}`, `], "${i}")`),
      ]),
    },
  ],
  filter: [{ conditions: CANARIES.map((value) => inRule('log.body == ', value)) }],
};

function manifests(backends: Backends): readonly object[] {
  const written = Object.entries(remoteWrites(backends)).map(([name, prometheusRemoteWrite]) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'MetricPipeline',
    metadata: { name },
    spec: { output: { prometheusRemoteWrite }, delivery: { buffer: { maxSize: '1Mi' } } },
  }));
  return [...written, ...logManifests(backends)];
}

function logManifests(backends: Backends): readonly object[] {
  return Object.entries(outputs(backends)).map(([name, output]) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name },
    spec: {
      input: { runtime: { enabled: false } },
      ...(name === 'rules' ? RULES : {}),
      output,
      // Room for all of them in one process.
      ...(name === 'file' ? {} : { delivery: { buffer: { maxSize: '1Mi' } } }),
    },
  }));
}

interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
      }[];
    }[];
  }[];
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

type WriteRequest = Pick<IncomingMessage, 'headers'> & { readonly url: string };

/** Takes remote write, and keeps what was asked. */
function remoteWriteEndpoint(requests: WriteRequest[]): Server {
  return createServer((request, response) => {
    requests.push({ headers: request.headers, url: request.url ?? '' });
    request.resume().on('end', () => response.writeHead(204).end());
  });
}

const otelcol = requirePeer('otelcol');
const withoutCollector = otelcol.status === 'missing' ? otelcol.reason : undefined;

describe.each([
  { distribution: 'otelcol', topology: 'Shared', missing: withoutCollector },
  { distribution: 'otelcol', topology: 'PerSignal', missing: withoutCollector },
  { distribution: 'sluice', topology: 'Shared', missing: undefined },
  { distribution: 'sluice', topology: 'PerPipeline', missing: undefined },
] as const)('user text rendered for $distribution, $topology', ({ distribution, topology, missing }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-escaping-'));
  const tokenRequests: TokenRequest[] = [];
  const tokens = tokenEndpoint(tokenRequests);
  const writeRequests: WriteRequest[] = [];
  const writes = remoteWriteEndpoint(writeRequests);
  let capture: Capture;
  let deployment: Deployment | undefined;

  const writeTo = (name: string) => writeRequests.find(({ url }) => url.endsWith(`/${name}`));
  const requestOf = (name: string) => capture.requests.find(({ headers }) => headers['x-case'] === name);
  const file = join(folder, '$1', '${env:SLUICE_CANARY}', '$$.jsonl');

  beforeAll(async () => {
    if (missing !== undefined) return;
    capture = await startCapture();
    const tokenUrl = `http://127.0.0.1:${await listen(tokens)}`;
    const remoteWriteUrl = `http://127.0.0.1:${await listen(writes)}`;
    const backends = { capture, tokenUrl, remoteWriteUrl, folder };
    deployment = await deploy(manifests(backends), {
      topology,
      distribution,
      secrets: [secretOf(backends)],
      env: { SLUICE_CANARY: 'EXPANDED' },
    });
    const body = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }],
    });
    const answer = await sendHttp(deployment.front.http, {
      path: '/v1/logs',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    const point = { asDouble: 1, timeUnixNano: `${Date.now()}000000` };
    const metrics = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'a', gauge: { dataPoints: [point] } }] }] }],
    };
    await sendHttp(deployment.front.http, {
      path: '/v1/metrics',
      body: JSON.stringify(metrics),
      headers: { 'content-type': 'application/json' },
    });
    await waitFor('every remote write came', () => Object.keys(remoteWrites(backends)).every((name) => writeTo(name)));
    const names = Object.keys(outputs(backends)).filter((name) => name !== 'file');
    await waitFor('every backend has the record', () => names.every((name) => requestOf(name) !== undefined));
  });

  afterAll(async () => {
    await deployment?.stop();
    await capture?.stop();
    tokens.close();
    writes.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(missing !== undefined).each(['headers-grpc', 'headers-http', 'secrets-grpc', 'secrets-http'])(
    'arrives character by character in headers: %s',
    (name) => {
      const { headers } = requestOf(name)!;
      expect(CANARIES.map((_, i) => headers[`x-canary-${i}`])).toEqual(CANARIES);
    },
  );

  it.skipIf(missing !== undefined).each(['prefix-grpc', 'prefix-http'])(
    'arrives character by character in front of headers: %s',
    (name) => {
      const { headers } = requestOf(name)!;
      expect(CANARIES.map((_, i) => headers[`x-canary-${i}`])).toEqual(CANARIES.map((text, i) => `${text} after ${i}`));
    },
  );

  it.skipIf(missing !== undefined)('arrives character by character in names of headers', () => {
    expect(NAMES.filter((name) => requestOf('names')!.headers[name] !== 'here')).toEqual([]);
  });

  it.skipIf(missing !== undefined)('arrives character by character in paths, and in endpoints of Secrets', () => {
    expect(decodeURIComponent(requestOf('headers-http')!.path)).toBe(PATH);
    expect(decodeURIComponent(requestOf('secrets-http')!.path)).toBe(`/base$1${PATH}`);
    expect(decodeURIComponent(requestOf('prefix-http')!.path)).toBe(`${BASE}/v1/logs`);
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
      expect(CANARIES.map((text) => form.get(text))).toEqual(CANARIES.map((_, i) => `name ${i}`));
      expect(form.get('scope')?.split(' ')).toEqual(CANARIES.filter((value) => !value.includes(' ')));
    },
  );

  it.skipIf(missing !== undefined)('arrives character by character with remote write', () => {
    const { headers, url } = writeTo('write-headers')!;
    expect(decodeURIComponent(url)).toBe(`${BASE}/write-headers`);
    expect(CANARIES.map((_, i) => headers[`x-canary-${i}`])).toEqual(CANARIES);
    expect(CANARIES.map((_, i) => headers[`x-prefix-${i}`])).toEqual(CANARIES.map((text, i) => `${text} after ${i}`));
    expect(NAMES.filter((name) => headers[name] !== 'here')).toEqual([]);
    const [, credentials = ''] = writeTo('write-basic')!.headers.authorization!.split(' ');
    expect(Buffer.from(credentials, 'base64').toString()).toBe(`${USER}:${PASSWORD}`);
    expect(writeTo('write-oauth2')!.headers.authorization).toBe('Bearer TOKEN');
    const { form } = tokenRequests.find((request) => request.form.get('case') === 'write-oauth2')!;
    expect(CANARIES.map((text) => form.get(text))).toEqual(CANARIES);
  });

  it.skipIf(missing !== undefined)('arrives character by character where rules write it', () => {
    const { body } = requestOf('rules')!;
    const { resourceLogs } = requestToOtlpJson('logs', decodeRequest('logs', body)) as unknown as LogsRequest;
    const { attributes } = resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
    const written = new Map(attributes.map(({ key, value }) => [key, value.stringValue]));
    expect(CANARIES.map((_, i) => written.get(`value-${i}`))).toEqual(CANARIES);
    expect(CANARIES.map((value) => written.get(`key-${value}`))).toEqual(CANARIES.map((_, i) => String(i)));
  });

  it.skipIf(missing !== undefined)('arrives character by character in the path of a file', async () => {
    await waitFor('the file is there', () => existsSync(file));
  });
});

/** Where a user can write what he likes: texts that neither words nor a pattern bound, and names of entries. */
function freeTexts(schema: JsonSchema, path: string): readonly string[] {
  const { properties = {}, items, additionalProperties: rest, anyOf = [schema], pattern } = schema;
  const isText = schema.enum === undefined && anyOf.some(({ type }) => type === 'string');
  const takes = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text);
  return [
    ...(isText && [USER, PATH].some(takes) ? [path] : []),
    ...Object.entries(properties).flatMap(([name, child]) => freeTexts(child, `${path}.${name}`)),
    ...(items === undefined ? [] : freeTexts(items, `${path}[]`)),
    ...(typeof rest === 'object' ? [`${path}.<name>`, ...freeTexts(rest, `${path}.<entry>`)] : []),
  ];
}

/** Where the manifests of this file write something that a Collector would expand. */
function coveredTexts(value: unknown, path: string): readonly string[] {
  if (typeof value === 'string') return value.includes('${') || value.includes('$$') ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item) => coveredTexts(item, `${path}[]`));
  return Object.entries(value ?? {}).flatMap(([name, child]) =>
    path.endsWith('.params')
      ? [...coveredTexts(name, `${path}.<name>`), ...coveredTexts(child, `${path}.<entry>`)]
      : coveredTexts(child, `${path}.${name}`),
  );
}

/** Texts that reach no configuration of a Collector outside a cluster; the last test holds them to it. Those of Fluent Bit
 * are its own matter: src/render/fluentbit. */
const NOT_RENDERED = [
  /\.secretKeyRef\.(name|namespace|key)$/,
  /^(Telemetry|LogParser)\./,
  /^\.spec\.(output\.(http|custom)|filters|files|variables)\b/,
  // Of the volume claim of a cluster.
  /^\.spec\.delivery\.buffer\.volume\b/,
];
/** Refused unless they are what they should be. */
const CHECKED = [
  /\.tls\.(ca|cert|key)\.value$/,
  /\.delivery\.buffer\.maxAge$/,
  /\.input\.runtime\.(additionalMetrics|containers\.(include|exclude))\[\]$/,
];

describe('the canaries', () => {
  const nowhere = {
    capture: { grpcPort: 1, httpPort: 2 } as Capture,
    tokenUrl: 'http://127.0.0.1:3',
    remoteWriteUrl: 'http://127.0.0.1:4',
    folder: '/tmp',
  };

  it('stand in every text of the API that reaches a configuration', () => {
    const covered = new Set(manifests(nowhere).flatMap((manifest) => coveredTexts(manifest, '')));
    const refused = laterFields()
      .filter(({ words }) => words === undefined)
      .map(({ path }) => `.${path.join('.')}`);
    const isRefused = (path: string) => refused.some((one) => `${path.replaceAll('[]', '')}.`.startsWith(`${one}.`));
    const isExempt = (path: string) => [...NOT_RENDERED, ...CHECKED].some((pattern) => pattern.test(path));
    const all = RESOURCE_KINDS.flatMap((kind: ResourceKind) =>
      Object.values(RESOURCES[kind].versions).flatMap((spec) => {
        const isPipeline = kind.endsWith('Pipeline');
        return freeTexts(spec as JsonSchema, `${isPipeline ? '' : kind}.spec`).map((path) =>
          // What v1alpha1 calls so.
          path.replace('.input.application', '.input.runtime'),
        );
      }),
    );
    const missing = new Set(all.filter((path) => !covered.has(path) && !isRefused(path) && !isExempt(path)));
    expect([...missing]).toEqual([]);
    expect(all.length).toBeGreaterThan(50);
  });

  it('reach no configuration from where nothing is taken', () => {
    const unseen = '${env:UNSEEN}';
    const ref = { name: `${unseen}\n`, namespace: unseen, key: unseen };
    const note = { labels: { unseen }, annotations: { unseen, [unseen]: unseen } };
    const documents = [
      {
        apiVersion: 'operator.kyma-project.io/v1beta1',
        kind: 'Telemetry',
        metadata: { name: 'default', namespace: 'kyma-system', ...note },
        spec: {
          enrichments: { cluster: { name: unseen }, extractPodLabels: [{ key: unseen }, { keyPrefix: unseen }] },
        },
      },
      {
        apiVersion: 'telemetry.kyma-project.io/v1beta1',
        kind: 'TracePipeline',
        metadata: { name: 'a', ...note },
        spec: {
          output: {
            otlp: {
              endpoint: { valueFrom: { secretKeyRef: ref } },
              headers: [{ name: 'x', valueFrom: { secretKeyRef: ref } }],
            },
          },
        },
      },
    ];
    for (const distribution of ['otelcol', 'sluice'] as const) {
      const { rendered, issues } = compileFiles(
        [{ file: `a${unseen}.yaml`, text: documents.map((one) => JSON.stringify(one)).join('\n---\n') }],
        { distribution, capBytes: 2 ** 30, addresses: () => STOCK_ADDRESSES },
      );
      expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(rendered[0]!.pipelines).toHaveLength(1);
      // In comments the Collector sees nothing.
      const yaml = renderedYaml(rendered[0]!).replace(/^\s*#.*$/gm, '');
      expect(yaml).not.toContain('UNSEEN');
    }
  });
});
