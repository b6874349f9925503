import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OverviewDocument } from '../../src/server/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { launchBrowser, openPage } from '../testkit/browser.ts';
import { CANARY, canary, leaksOf, plainCanary, secretsShown } from '../testkit/canary.ts';
import { type EchoBackends, startEchoBackends } from '../testkit/echo-backends.ts';
import { firstEvents, processesOf } from '../testkit/engine-traces.ts';
import { freePort } from '../testkit/free-port.ts';
import { sendHttp } from '../testkit/senders.ts';
import { createHome, type Home, printedAddress, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { selfSigned } from '../testkit/tls/authority.ts';
import { waitFor } from '../testkit/wait-for.ts';

const { certPem, keyPem } = selfSigned();

const plain = plainCanary;
const shown = (text: string) => secretsShown(text, keyPem);

const inSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'secrets', namespace: 'test', key } } });

function secretOf(backends: EchoBackends, suffix = '') {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'secrets', namespace: 'test' },
    data: { unused: Buffer.from(canary(`unused${suffix}`)).toString('base64') },
    stringData: {
      header: plain(`secret-header${suffix}`),
      password: canary(`secret-password${suffix}`),
      clientSecret: canary(`secret-client${suffix}`),
      endpoint: `${backends.http}/${CANARY}-path${suffix}`,
      host: `http://${CANARY}-host${suffix}.invalid:4317`,
      tokenUrl: `${backends.tokens}/${CANARY}-token-url${suffix}`,
      key: keyPem,
      'also unused': canary(`also${suffix}`),
    },
  };
}

/** Every place of the API that a secret can stand in, toward backends that quote what they are sent. */
function outputs(backends: EchoBackends, closedPort: number): Readonly<Record<string, object>> {
  const at = (value: string) => ({ endpoint: { value } });
  const headers = [
    { name: 'x-literal', value: plain('header') },
    { name: 'authorization', prefix: plain('prefix'), value: plain('after-prefix') },
    { name: 'x-secret', prefix: 'Token', ...inSecret('header') },
  ];
  const basic = (user: object, password: object) => ({ authentication: { basic: { user, password } } });
  const literalBasic = basic({ value: canary('user') }, { value: canary('password') });
  const oauth2 = (tokenURL: object, clientSecret: object = inSecret('clientSecret')) => ({
    authentication: {
      oauth2: { tokenURL, clientID: { value: canary('id') }, clientSecret, params: { audience: canary('param') } },
    },
  });
  const http = { protocol: 'http', compression: 'none' };
  return {
    'http-json': { ...http, ...at(backends.http), headers },
    'http-plain': { ...http, ...at(backends.http), path: '/plain', headers },
    grpc: { ...at(backends.grpc), headers },
    redirect: { ...http, ...at(backends.redirect), headers },
    'basic-http': { ...http, ...at(backends.http), ...literalBasic },
    'basic-grpc': { ...at(backends.grpc), ...basic({ value: canary('user') }, inSecret('password')) },
    'oauth2-refused': { ...http, ...at(backends.http), ...oauth2({ value: backends.tokens }) },
    'oauth2-literal': { ...http, ...at(backends.http), ...oauth2({ value: backends.tokens }, { value: canary('cs') }) },
    'oauth2-token': { ...http, ...at(backends.http), ...oauth2({ value: `${backends.goodTokens}/t` }) },
    'oauth2-secret': { ...http, ...at(backends.http), ...oauth2(inSecret('tokenUrl')) },
    'endpoint-path': { ...http, endpoint: inSecret('endpoint') },
    'endpoint-host': { endpoint: inSecret('host') },
    'tls-key': { ...at(`https://127.0.0.1:${closedPort}`), tls: { cert: { value: certPem }, key: { value: keyPem } } },
    'tls-secret': { ...at(`https://127.0.0.1:${closedPort}`), tls: { cert: { value: certPem }, key: inSecret('key') } },
  };
}

const pipelineOf = (name: string, otlp: object) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind: 'TracePipeline',
  metadata: { name, annotations: { note: JSON.stringify({ password: plain('annotation') }) } },
  spec: { output: { otlp } },
});

const toText = (documents: readonly object[]) => documents.map((one) => JSON.stringify(one, null, 2)).join('\n---\n');

/** What people get wrong near a secret. */
function broken(backends: EchoBackends): Readonly<Record<string, string>> {
  const head = 'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: broken}\n';
  const otlp = (rest: string) =>
    `${head}spec:\n  output:\n    otlp:\n      endpoint: {value: '${backends.http}'}\n${rest}\n`;
  return {
    'typo beside': otlp(`      headers: [{name: x, value: ${plain('a')}, typo: 1}]`),
    'typo of the field': otlp(`      headers: [{name: x, valeu: ${plain('a')}}]`),
    'typo of the block': otlp(`      authentification: {basic: {user: {value: ${plain('a')}}}}`),
    'a number': otlp('      headers: [{name: x, value: HERE}]\n      tls: {key: 3}').replace(
      'HERE',
      `{a: ${plain('a')}}`,
    ),
    'a text': otlp(`      authentication: {basic: "${plain('a')}:${plain('b')}"}`),
    'the wrong key': otlp(`      authentication: {basic: {user: {value: u}, token: ${plain('a')}}}`),
    'a reference that is a value': otlp(`      headers: [{name: x, valueFrom: {secretKeyRef: ${plain('a')}}}]`),
    'an open quote': otlp(`      headers:\n      - name: x\n        value: "${plain('a')}\n      - name: y`),
    'an open bracket': otlp(`      headers: [{name: x, value: ${plain('a')}\n      compression: gzip`),
    'a tab': otlp(`      headers:\n\t- name: x\n\t  value: ${plain('a')}`),
    'no colon': otlp(`      headers:\n      - name: x\n        value ${plain('a')}`),
    'a doubled key': otlp(`      headers: [{name: x, value: ${plain('a')}, value: ${plain('b')}}]`),
    'an alias': `${head}x-all: &all ${plain('a')}\n${otlp('      headers: [{name: x, value: *all}]').slice(head.length)}`,
    'CRLF and a block': otlp(`      headers:\n      - value: |\n          ${plain('a')}\n        nme: x`).replaceAll(
      '\n',
      '\r\n',
    ),
    'a URL': otlp('').replace("'http://", `'http://user:${plain('a')}@`),
    'another version': otlp(`      compresion: gzip\n      headers: [{name: x, value: ${plain('a')}}]`).replace(
      'v1beta1',
      'v1alpha1',
    ),
    'a Secret': `apiVersion: v1\nkind: Secret\nmetadata: {name: other}\ndata: {a: "${plain('a')}!"}\nvalue: ${plain('b')}\n`,
    'no Secret': `apiVersion: v1\nkind: Secrt\nmetadata: {name: other}\nstringData: {a: ${plain('a')}}\n`,
    'two Secrets': `{apiVersion: v1, kind: Secret, metadata: {name: x}, stringData: {a: ${plain('a')}}}\n---\n{apiVersion: v1, kind: Secret, stringData: {a: ${plain('b')}}, metadata: {name: x}}\n`,
  };
}

const TRACES = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: '1'.repeat(32),
              spanId: '2'.repeat(16),
              name: 's',
              startTimeUnixNano: '1',
              endTimeUnixNano: '2',
            },
          ],
        },
      ],
    },
  ],
});

const DOCUMENTS = ['overview', 'ledger', 'graph', 'configuration', 'pipelines', 'ingest/attempts', 'explore/traces'];

let home: Home;
let backends: EchoBackends;
let names: readonly string[];
const INPUTS = new Set(['telemetry.yaml', 'secrets.yaml', 'changed.yaml', 'broken', 'secrets.env']);

beforeAll(async () => {
  home = createHome();
  backends = await startEchoBackends(plain('issued-token'));
  const all = outputs(backends, await freePort());
  names = Object.keys(all);
  const pipelines = names.map((name) => pipelineOf(name, all[name]!));
  const inTheSameFile = {
    ...secretOf(backends),
    metadata: { name: 'beside', namespace: 'test' },
    stringData: { a: canary('beside') },
  };
  home.write('telemetry.yaml', toText([...pipelines, inTheSameFile]));
  writeFileSync(join(home.path, 'secrets.yaml'), toText([secretOf(backends)]), { mode: 0o600 });
  const others = JSON.parse(JSON.stringify(pipelines).replaceAll(`${CANARY}-`, `${CANARY}-2-`)) as object[];
  home.write('changed.yaml', toText([...others, secretOf(backends, '-2')]));
  mkdirSync(join(home.path, 'broken'));
  for (const [name, text] of Object.entries(broken(backends))) home.write(`broken/${name}.yaml`, text);
});

afterAll(() => {
  backends?.stop();
  home?.remove();
});

/** Everything under the home that is no input, by name. */
function writtenFiles(folder = home.path): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !INPUTS.has(path.slice(home.path.length + 1).split('/')[0]!))
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );
}

async function documentsOf(api: string): Promise<Record<string, string>> {
  const read = async (path: string) => (await fetch(`${api}${path}`)).text();
  const paths = [
    '/metrics',
    '/',
    ...DOCUMENTS.map((name) => `/api/v1/${name}`),
    ...names.map((name) => `/api/v1/pipelines/TracePipeline/${name}`),
  ];
  const texts = await Promise.all(paths.map(async (path) => [path, await read(path)] as const));
  return { ...Object.fromEntries(texts), stream: await firstEvents(api) };
}

async function failing(api: string): Promise<readonly string[]> {
  const { pipelines } = (await (await fetch(`${api}/api/v1/overview`)).json()) as OverviewDocument;
  return pipelines
    .filter(({ backend }) => backend.failedTries > 0 || backend.failure !== undefined)
    .map(({ name }) => name);
}

/** What the verbs print, by their command line. */
async function outputsOf(verbs: readonly (readonly string[])[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const verb of verbs) {
    const { stdout, stderr } = await runSluice(home, verb);
    expect(`${stdout}${stderr}`, verb.join(' ')).not.toMatch(/SL0000|internal error|Error:/);
    texts[verb.join(' ')] = stdout + stderr;
  }
  return texts;
}

function expectNothingShown(texts: Readonly<Record<string, string>>): void {
  expect(leaksOf(texts, keyPem)).toEqual([]);
}

describe('the search for secrets', () => {
  it('finds one in plain text, in an escape, within base64 and in a private key', () => {
    for (const text of [canary('x'), encodeURIComponent(canary('x')), keyPem]) expect(shown(text)).not.toEqual([]);
    for (const before of ['', 'a', 'ab', 'abc:']) {
      expect(shown(Buffer.from(`${before}${canary('x')}`).toString('base64'))).not.toEqual([]);
    }
  });
});

describe.each(['shared', 'per-signal', 'per-pipeline'])('secrets of a topology that is %s', (topology) => {
  let up: RunningUp;

  beforeAll(async () => {
    const files = ['-f', 'telemetry.yaml', '--secrets', 'secrets.yaml', '--data', `data-${topology}`];
    up = await startUp(home, [...files, '--topology', topology, '--max-memory', '1GB']);
    const headers = { 'content-type': 'application/json' };
    expect(await sendHttp(up.ports.http, { path: '/v1/traces', body: TRACES, headers })).toMatchObject({ status: 200 });
    await waitFor('every backend has failed', async () => (await failing(up.api)).length === names.length);
  });

  afterAll(() => up?.stop());

  it('reach the backends', () => {
    const received = backends.received();
    for (const where of [
      'header-0',
      'prefix-0',
      'after-prefix-0',
      'secret-header-0',
      'issued-token',
      'user',
      'password',
      'secret-password',
      'id',
      'param',
      'path',
      'token-url',
    ])
      expect(received).toContain(`${CANARY}-${where}`);
  });

  it('are in no document, event, metric, log line, file or process', async () => {
    expectNothingShown({
      ...(await documentsOf(up.api)),
      stdout: up.process.stdout(),
      stderr: up.process.stderr(),
      processes: processesOf(up.process.pid),
      ...writtenFiles(),
    });
  });

  it('are in no answer of the verbs that ask it', async () => {
    const verbs = [
      ['status'],
      ['status', '-o', 'json'],
      ['graph'],
      ['graph', '--rates'],
      ['graph', '--format', 'json'],
      ['diff', '-f', 'changed.yaml'],
      ['diff', '-f', 'changed.yaml', '-o', 'json'],
      ['diff', '-f', 'broken'],
      ['apply', '-f', 'broken', '-o', 'json'],
      ['apply', '-f', 'changed.yaml', '--dry-run'],
    ];
    expectNothingShown(await outputsOf(verbs));
  });
});

describe('secrets in files', () => {
  const GOOD = ['-f', 'telemetry.yaml', '--secrets', 'secrets.yaml'];
  const FORMATS = ['text', 'short', 'json', 'yaml', 'sarif', 'github', 'junit'];

  it('are in no finding, whatever its format', async () => {
    const findings = await outputsOf(FORMATS.map((format) => ['validate', '-f', 'broken', '-o', format]));
    expect(findings['validate -f broken -o short']!.match(/error SL\d+|SL\d{4}/g)!.length).toBeGreaterThan(15);
    expectNothingShown(findings);
    const swapped = [
      ['validate', '-f', 'telemetry.yaml', '--secrets', 'broken'],
      ['validate', '-f', 'telemetry.yaml', '--secrets', 'broken', '-o', 'json'],
      ['render', '-f', 'broken'],
      ['up', '-f', 'broken', '--otlp-grpc', '0', '--otlp-http', '0', '--ui', '0', '--no-open'],
    ];
    expectNothingShown(await outputsOf(swapped));
  });

  it('are in nothing that is rendered, drawn or asked of the backends', async () => {
    const topologies = ['shared', 'per-signal', 'per-pipeline'].flatMap((topology) =>
      ['otelcol', 'engine'].map((program) => ['render', ...GOOD, '--topology', topology, '--for', program]),
    );
    const pictures = ['tree', 'mermaid', 'dot', 'json', 'svg'].map((format) => {
      return ['graph', '-f', 'telemetry.yaml', '-f', 'secrets.yaml', '--format', format];
    });
    expectNothingShown(
      await outputsOf([
        ...topologies,
        ...pictures,
        ['render', '-f', 'telemetry.yaml', '--output-dir', 'rendered'],
        ['render', ...GOOD, '--env-file', 'secrets.env', '--output-dir', 'rendered'],
        ['validate', ...GOOD, '--online'],
        ['validate', ...GOOD, '--online', '-o', 'json'],
        ['explain', 'SL0506'],
      ]),
    );
    expectNothingShown(writtenFiles());
  });

  it('are in the file of secrets alone, which nobody else can read', () => {
    const file = join(home.path, 'secrets.env');
    expect(shown(readFileSync(file, 'utf8'))).not.toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('secrets of an engine that is given others', () => {
  const chromium = requirePeer('chromium');
  let up: RunningUp;
  let watched: string;

  beforeAll(async () => {
    watched = home.write(
      'watched.yaml',
      toText([pipelineOf('watched', outputs(backends, 1)['http-json']!), secretOf(backends)]),
    );
    INPUTS.add('watched.yaml');
    up = await startUp(home, ['-f', 'watched.yaml', '--data', 'data', '--max-memory', '2GB']);
  });

  afterAll(() => up?.stop());

  it('keeps what stands in a Secret in memory alone, and the rest for its owner', async () => {
    expectNothingShown(
      await outputsOf([
        ['apply', '-f', 'changed.yaml'],
        ['apply', '-f', 'changed.yaml', '-o', 'json'],
      ]),
    );
    const applied = join(home.path, 'data', 'applied.yaml');
    expect(statSync(applied).mode & 0o077).toBe(0);
    const text = readFileSync(applied, 'utf8');
    for (const where of ['secret-header', 'secret-password', 'secret-client', 'unused', 'also', 'path', 'token-url'])
      expect(text).not.toContain(`${CANARY}-${where}`);
  });

  it.skipIf(chromium.status === 'missing')('shows none on any page', async () => {
    if (chromium.status !== 'ready') return;
    const browser = await launchBrowser(chromium.path);
    try {
      const origin = `http://localhost:${up.ports.ui}`;
      const { page } = await openPage(browser, origin);
      await page.goto(await printedAddress(up));
      const pages = ['', 'graph', 'pipelines', 'explore/traces'];
      for (const tab of ['status', 'yaml', 'rendered', 'draft'])
        pages.push(`pipelines/TracePipeline/watched?tab=${tab}`);
      for (const path of pages) {
        await page.goto(`${origin}/${path}`);
        await page.locator('main').filter({ hasText: /\w/ }).waitFor();
        expectNothingShown({ [path]: await page.content() });
      }
      await page.goto(`${origin}/pipelines/TracePipeline/watched?tab=yaml`);
      await page.getByText('‹hidden›').first().waitFor();
    } finally {
      await browser.close();
    }
  });

  it('hides those of every edit that is broken', async () => {
    const configuration = async () => (await fetch(`${up.api}/api/v1/configuration`)).text();
    let before = await configuration();
    for (const [name, text] of Object.entries(broken(backends))) {
      writeFileSync(watched, text);
      let now = before;
      await waitFor(`the edit is looked at: ${name}`, async () => {
        now = await configuration();
        return now !== before;
      });
      expectNothingShown({ [name]: now, stderr: up.process.stderr(), stdout: up.process.stdout() });
      before = now;
    }
  });
});
