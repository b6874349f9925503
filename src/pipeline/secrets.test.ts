// biome-ignore-all lint/suspicious/noTemplateCurlyInString: user text that looks like a reference
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResources } from '../apis/index.ts';
import { type ResolveOptions, resolve } from './resolve.ts';

const tls = join(import.meta.dirname, '../../test/testkit/tls');
const CERT = readFileSync(join(tls, 'localhost.cert.pem'), 'utf8');
const KEY = readFileSync(join(tls, 'localhost.key.pem'), 'utf8');

const ENDPOINT = { value: 'https://backend:4317' };
const from = (key: string, name = 'jaeger') => ({ valueFrom: { secretKeyRef: { name, namespace: 'obs', key } } });
const ref = (key: string) => ({ namespace: 'obs', name: 'jaeger', key });

/** A TracePipeline with this output, and the Secret obs/jaeger beside it. */
function resolved(output: object, secret: Readonly<Record<string, string>> = {}, options: ResolveOptions = {}) {
  const documents = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'jaeger', namespace: 'obs' }, stringData: secret },
    {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name: 'p' },
      spec: { output: { otlp: output } },
    },
  ];
  const text = documents.map((document) => JSON.stringify(document, null, 1)).join('\n---\n');
  const read = readResources([{ file: 'a.yaml', text }]);
  expect(read.issues).toEqual([]);
  return resolve(read.resources[0]!, { secrets: read.secrets, ...options });
}

function exporterOf(...args: Parameters<typeof resolved>) {
  const { graph, issues } = resolved(...args);
  expect(issues).toEqual([]);
  if (graph?.exporter.type !== 'otlp') throw new Error('no OTLP exporter');
  return graph.exporter;
}

describe('values from Secrets', () => {
  it('are taken as they are: `$$` stays `$$`', () => {
    const headers = [{ name: 'x', ...from('token') }];
    expect(exporterOf({ endpoint: ENDPOINT, headers }, { token: '$$1 ${env:HOME}' }).headers).toEqual([
      { name: 'x', value: { text: '$$1 ${env:HOME}', from: [ref('token')] } },
    ]);
  });

  it('are left to the running process when the Secret is not at hand', () => {
    const output = { endpoint: from('endpoint', 'other'), headers: [{ name: 'x', ...from('token', 'other') }] };
    const { endpoint, headers, tls } = exporterOf(output);
    expect(endpoint).toEqual({ from: [{ namespace: 'obs', name: 'other', key: 'endpoint' }] });
    expect(headers[0]!.value).not.toHaveProperty('text');
    expect(tls.insecure).toBe(false);
  });

  it('are missed when whoever compiles also runs it', () => {
    const { graph, issues } = resolved({ endpoint: from('endpoint', 'other') }, {}, { secretsRequired: true });
    expect(graph).toBeUndefined();
    expect(issues).toMatchObject([
      {
        code: 'SL0401',
        message: 'Secret `obs/other` not found (ReferencedSecretMissing)',
        path: ['spec', 'output', 'otlp', 'endpoint', 'valueFrom', 'secretKeyRef', 'name'],
      },
    ]);
  });

  it('are missed when the Secret has no such key, which lists its keys and never a value', () => {
    const { issues } = resolved({ endpoint: from('endpont') }, { user: 'CANARY', endpoint: 'CANARY' });
    expect(issues).toMatchObject([
      {
        code: 'SL0402',
        message: 'key `endpont` not found in Secret `obs/jaeger` (ReferencedSecretMissing)',
        label: 'the Secret has: `endpoint`, `user`',
        help: 'did you mean `endpoint`?',
        span: { line: 28 },
      },
    ]);
    expect(JSON.stringify(issues)).not.toContain('CANARY');
  });

  it('of many keys list ten', () => {
    const keys = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`key-${String(i).padStart(2, '0')}`, 'x']));
    expect(resolved({ endpoint: from('none') }, keys).issues[0]!.label).toMatch(/`key-09`, and 2 more$/);
    expect(resolved({ endpoint: from('none') }).issues[0]!.label).toBe('the Secret has no keys');
  });

  it.each([
    ['http://CANARY:4317', 'grpc', true],
    ['CANARY:4317', 'grpc', false],
    ['http://CANARY', 'http', true],
  ])('decide by their scheme whether %s over %s is plain text: %s', (value, protocol, insecure) => {
    expect(exporterOf({ protocol, endpoint: from('e') }, { e: value }).tls.insecure).toBe(insecure);
  });

  it.each([
    [{ endpoint: from('bad') }, 'CANARY', 'SL0110'],
    [{ endpoint: from('bad') }, 'CANARY:4317\n', 'SL0110'],
    [{ protocol: 'http', endpoint: from('bad') }, 'CANARY:4318', 'SL0110'],
    [{ protocol: 'http', endpoint: from('bad') }, 'http://h/CANARY%', 'SL0110'],
    [{ endpoint: from('bad') }, 'https://user:CANARY@h:4317', 'SL0110'],
    [{ endpoint: ENDPOINT, headers: [{ name: 'x', ...from('bad') }] }, 'CANARY\n', 'SL0111'],
    [{ endpoint: ENDPOINT, tls: { ca: from('bad') } }, 'CANARY', 'SL0407'],
    [{ endpoint: ENDPOINT, tls: { ca: from('bad') } }, CERT.slice(0, -40), 'SL0407'],
    [{ endpoint: ENDPOINT, tls: { ca: from('bad') } }, CERT.replace(/\n[^-]{20}/, '\n'), 'SL0407'],
    [{ endpoint: ENDPOINT, tls: { cert: { value: CERT }, key: from('bad') } }, CERT, 'SL0407'],
    [
      { endpoint: ENDPOINT, tls: { cert: { value: CERT }, key: from('bad') } },
      KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'),
      'SL0407',
    ],
    [{ endpoint: ENDPOINT, authentication: { oauth2: oauth2({ clientSecret: from('bad') }) } }, '', 'SL0408'],
    [{ endpoint: ENDPOINT, authentication: { oauth2: oauth2({ tokenURL: from('bad') }) } }, 'ftp://CANARY', 'SL0110'],
    [{ endpoint: from('bad'), authentication: { oauth2: oauth2({}) } }, 'http://CANARY:4317', 'SL0110'],
    [
      { protocol: 'http', endpoint: from('bad'), tls: { ca: { value: CERT } }, authentication: { oauth2: oauth2({}) } },
      'http://CANARY:4318',
      'SL0110',
    ],
    [{ endpoint: ENDPOINT, authentication: { oauth2: oauth2({ params: { 'a::b': 'x' } }) } }, '', 'SL0105'],
  ])('that cannot be used are refused, and nothing of them is shown: %#', (output, bad, code) => {
    const { graph, issues } = resolved(output, { bad });
    expect(graph).toBeUndefined();
    expect(issues.map((issue) => issue.code)).toEqual([code]);
    expect(issues[0]!.span).toBeDefined();
    const shown = JSON.stringify(issues);
    for (const part of ['CANARY', ...bad.split('\n').filter((line) => line.length > 12)])
      expect(shown).not.toContain(part);
  });
});

function oauth2(rest: object) {
  return {
    tokenURL: { value: 'https://login/token' },
    clientID: { value: 'id' },
    clientSecret: { value: 's' },
    ...rest,
  };
}

describe('credentials', () => {
  it('of basic authentication are a header, of texts taken as they are written', () => {
    const basic = { user: { value: 'a$$' }, password: from('password') };
    const output = { endpoint: ENDPOINT, authentication: { basic } };
    expect(exporterOf(output, { password: 'ü$$' }).headers).toMatchObject([
      { name: 'Authorization', value: { text: `Basic ${btoa('a$$:\u00c3\u00bc$$')}`, from: [ref('password')] } },
    ]);
  });

  it('of basic authentication stand back behind a header, with a warning', () => {
    const headers = [{ name: 'authorization', value: 'Token x' }];
    const basic = { user: { value: 'a' }, password: { value: 'b' } };
    const { graph, issues } = resolved({ endpoint: ENDPOINT, headers, authentication: { basic } });
    expect(graph?.exporter).toMatchObject({ headers: [{ name: 'authorization', value: { text: 'Token x' } }] });
    expect(issues).toMatchObject([{ code: 'SL0306', severity: 'warning' }]);
  });

  it('of OAuth2 are a setting of their own', () => {
    const settings = oauth2({ clientSecret: from('secret'), scopes: ['a$$1'], params: { audience: '$${env:X}' } });
    expect(exporterOf({ endpoint: ENDPOINT, authentication: { oauth2: settings } }, { secret: 's' })).toMatchObject({
      oauth2: {
        tokenUrl: 'https://login/token',
        clientId: { text: 'id', from: [] },
        clientSecret: { text: 's', from: [ref('secret')] },
        scopes: ['a$1'],
        params: [{ name: 'audience', value: { text: '${env:X}' } }],
        source: { field: 'spec.output.otlp.authentication.oauth2' },
      },
    });
  });

  it('of TLS may have their line breaks written as `\\n`', () => {
    const tls = { cert: from('cert'), key: from('key') };
    const oneLine = (pem: string) => pem.replaceAll('\n', '\\n');
    expect(exporterOf({ endpoint: ENDPOINT, tls }, { cert: oneLine(CERT), key: oneLine(KEY) }).tls).toMatchObject({
      cert: { text: CERT },
      key: { text: KEY },
    });
  });

  it('of TLS must belong together, as far as somebody can tell', () => {
    const output = { endpoint: ENDPOINT, tls: { cert: { value: CERT }, key: { value: KEY } } };
    const facts = (read: boolean, together: boolean) => ({
      certificates: { canRead: () => read, belongTogether: () => together, expiries: () => [] },
    });
    expect(resolved(output, {}, facts(true, true)).issues).toEqual([]);
    expect(resolved(output, {}, facts(true, false)).issues).toMatchObject([
      {
        code: 'SL0407',
        message:
          '`spec.output.otlp.tls.key` does not belong to the certificate, or cannot be read (TLSConfigurationInvalid)',
      },
    ]);
    expect(resolved(output, {}, facts(false, false)).issues).toMatchObject([
      { code: 'SL0407', message: '`spec.output.otlp.tls.cert` cannot be read (TLSConfigurationInvalid)' },
    ]);
  });

  it('of TLS are not looked at where the connection is plain text', () => {
    const output = { endpoint: { value: 'http://h:4317' }, tls: { ca: { value: 'no PEM' } } };
    expect(exporterOf(output).tls).toEqual({ insecure: true, insecureSkipVerify: false });
  });
});
