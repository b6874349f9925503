import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { launchBrowser, openPage } from '../testkit/browser.ts';
import { canary, leaksOf, plainCanary, secretsShown } from '../testkit/canary.ts';
import { firstEvents, processesOf } from '../testkit/engine-traces.ts';
import { createHome, type Home, printedAddress, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { selfSigned } from '../testkit/tls/authority.ts';

const { certPem, keyPem } = selfSigned();
const ref = (key: string) => ({ secretKeyRef: { name: 'secrets', namespace: 'test', key } });

const SECRETS = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'secrets', namespace: 'test' },
  stringData: {
    password: canary('secret-password'),
    token: plainCanary('secret-token'),
    url: `http://user:${plainCanary('secret-url')}@127.0.0.1:1/write`,
    key: keyPem,
  },
};

const pipeline = (kind: string, name: string, spec: object) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind,
  metadata: { name },
  spec,
});

const HTTP_SECTION = [
  'Name http',
  'Host backend.example.com',
  `http_passwd ${plainCanary('passwd')}`,
  `Header Authorization Bearer ${plainCanary('bearer')}`,
  `Header X-Any ${plainCanary('any')}`,
  `Proxy http://user:${plainCanary('proxy')}@proxy:80`,
  `Uri /in?api_key=${plainCanary('query')}`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Fluent Bit
  'http_user ${TOKEN}',
].join('\n');

/** Outputs that the engine lacks or a machine cannot run, with a secret in every place of theirs. */
const RESOURCES = [
  pipeline('MetricPipeline', 'write', {
    output: {
      prometheusRemoteWrite: {
        endpoint: { value: `http://user:${plainCanary('write-url')}@127.0.0.1:1/write` },
        headers: [
          { name: 'x-literal', prefix: plainCanary('prefix'), value: plainCanary('header') },
          { name: 'x-secret', valueFrom: ref('token') },
        ],
        tls: { cert: { value: certPem }, key: { value: keyPem } },
      },
    },
  }),
  pipeline('MetricPipeline', 'write-basic', {
    output: {
      prometheusRemoteWrite: {
        endpoint: { value: 'http://127.0.0.1:1/write' },
        authentication: { basic: { user: { value: canary('user') }, password: { valueFrom: ref('password') } } },
      },
    },
  }),
  pipeline('LogPipeline', 'bit-http', {
    output: {
      http: {
        host: { value: 'backend.example.com' },
        user: { value: canary('bit-user') },
        password: { valueFrom: ref('password') },
        tls: { cert: { value: certPem }, key: { valueFrom: ref('key') } },
      },
    },
  }),
  pipeline('LogPipeline', 'bit-literal', {
    output: {
      http: {
        host: { value: 'backend.example.com' },
        password: { value: canary('bit-password') },
        tls: { cert: { value: certPem }, key: { value: keyPem } },
      },
    },
  }),
  pipeline('LogPipeline', 'bit-section', {
    filters: [{ custom: `Name nightfall\nnightfall_api_key ${plainCanary('nightfall')}\npolicy_id x` }],
    output: { custom: HTTP_SECTION },
    variables: [{ name: 'TOKEN', valueFrom: ref('token') }],
    files: [{ name: 'client.key', content: keyPem }],
  }),
  pipeline('LogPipeline', 'bit-es', { output: { custom: `Name es\nCloud_Auth elastic:${plainCanary('cloud')}` } }),
];

const SECTION = (custom: string) => pipeline('LogPipeline', 'broken', { output: { custom } });
const secret = plainCanary('broken');
const BROKEN: Readonly<Record<string, object>> = {
  'an option misspelt': SECTION(`Name http\nhttp_pasword ${secret}`),
  'a header misspelt': SECTION(`Name http\nHeadr Authorization ${secret}`),
  'a key and an equals sign': SECTION(`Name http\nhttp_passwd=${secret}`),
  'a key and a colon': SECTION(`Name http\nhttp_passwd: ${secret}`),
  'a folded text': SECTION(`Name http Host x http_passwd ${secret}`),
  'a wrong plugin': SECTION(`Name htpp\nshared_key ${secret}`),
  'a wrong value beside it': SECTION(`Name http\nPort https\nwebhook x\napi_key ${secret}`),
  'a section header': SECTION(`[OUTPUT]\n  Name http\n  http_passwd ${secret}`),
  'an unknown variable': SECTION(`Name http\nhttp_passwd ${secret}\nUri $\{NOBODY}`),
  'a mapping': pipeline('LogPipeline', 'broken', { output: { custom: { name: 'http', http_passwd: secret } } }),
  'a list of lines': pipeline('LogPipeline', 'broken', { output: { custom: ['Name http', `http_passwd ${secret}`] } }),
  'a filter misspelt': pipeline('LogPipeline', 'broken', {
    filters: [{ costum: `Name nightfall\nnightfall_api_key ${secret}` }],
    output: { stdout: {} },
  }),
  'a variable with its value': pipeline('LogPipeline', 'broken', {
    output: { custom: 'Name null' },
    variables: [{ name: 'A', value: secret }],
  }),
  'a bare password': pipeline('LogPipeline', 'broken', {
    output: { http: { host: { value: 'a' }, password: secret } },
  }),
  'remote write misspelt': pipeline('MetricPipeline', 'broken', {
    output: { prometheusRemotewrite: { endpoint: { value: 'x' }, headers: [{ name: 'x', value: secret }] } },
  }),
};

const RULES = pipeline('LogPipeline', 'tried', {
  transform: [{ statements: ['set(log.attributes["a"], ParseJSON(log.body)["a"])'] }],
  output: {
    otlp: {
      endpoint: { value: 'http://127.0.0.1:1' },
      headers: [{ name: 'x', value: plainCanary('tried') }],
      authentication: { basic: { user: { value: canary('a') }, password: { valueFrom: ref('password') } } },
    },
  },
});
const TEST = (expected: string) => ({
  apiVersion: 'sluice.io/v1alpha1',
  kind: 'PipelineTest',
  metadata: { name: 'one' },
  spec: {
    pipeline: 'LogPipeline/tried',
    input: [{ log: { body: 'no JSON' } }],
    expect: [{ log: { attributes: { a: expected } } }],
  },
});

const toText = (documents: readonly object[]) => documents.map((one) => JSON.stringify(one, null, 2)).join('\n---\n');

let home: Home;
const INPUTS = new Set(['telemetry.yaml', 'secrets.yaml', 'broken', 'tests', 'secrets.env', 'bit.env', 'k8s.env']);

beforeAll(() => {
  home = createHome();
  home.write('telemetry.yaml', toText([...RESOURCES, RULES]));
  home.write('secrets.yaml', toText([SECRETS]));
  for (const folder of ['broken', 'tests']) mkdirSync(join(home.path, folder));
  for (const [name, document] of Object.entries(BROKEN)) home.write(`broken/${name}.yaml`, toText([document]));
  home.write('tests/fails.test.yaml', toText([TEST('x'), SECRETS, RULES]));
});

afterAll(() => home?.remove());

function expectNothingShown(texts: Readonly<Record<string, string>>): void {
  expect(leaksOf(texts, keyPem)).toEqual([]);
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

function writtenFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(home.path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !INPUTS.has(path.slice(home.path.length + 1).split('/')[0]!))
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );
}

describe('secrets of what runs in a cluster', () => {
  const GOOD = ['-f', 'telemetry.yaml', '--secrets', 'secrets.yaml'];

  it('are in nothing that is rendered, whatever it is for, and in the files of secrets alone', async () => {
    const targets = ['fluentbit', 'k8s', 'otelcol', 'engine'];
    const texts = await outputsOf([
      ...targets.map((target) => ['render', ...GOOD, '--for', target]),
      ['render', ...GOOD, '--for', 'otelcol', '--cluster'],
      ['render', ...GOOD, '--cluster', '--topology', 'per-pipeline'],
      ['render', '-f', 'telemetry.yaml', '--for', 'k8s'],
      ['render', ...GOOD, '--for', 'fluentbit', '--output-dir', 'out-bit', '--env-file', 'bit.env'],
      ['render', ...GOOD, '--for', 'k8s', '--output-dir', 'out-k8s', '--env-file', 'k8s.env'],
      ['render', ...GOOD, '--cluster', '--output-dir', 'out', '--env-file', 'secrets.env'],
      ...['tree', 'mermaid', 'dot', 'json', 'svg'].map((format) => [
        ...['graph', '-f', 'telemetry.yaml', '-f', 'secrets.yaml', '--format', format],
      ]),
    ]);
    expectNothingShown({ ...texts, ...writtenFiles() });
    expect(texts['render -f telemetry.yaml --secrets secrets.yaml --for fluentbit']).toContain('http_passwd');
    for (const file of ['bit.env', 'k8s.env', 'secrets.env']) {
      expect(secretsShown(readFileSync(join(home.path, file), 'utf8'), keyPem), file).not.toEqual([]);
      expect(statSync(join(home.path, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('are in no finding about them, nor in what a test of a pipeline says', async () => {
    const formats = ['text', 'short', 'json', 'yaml', 'sarif', 'github', 'junit'];
    const texts = await outputsOf([
      ...formats.map((format) => ['validate', '-f', 'broken', '-o', format]),
      ...formats.map((format) => ['validate', ...GOOD, '-o', format]),
      ['validate', '-f', 'broken', '--upstream'],
      ...['text', 'json', 'yaml', 'junit'].map((format) => ['test', 'tests', '-f', 'telemetry.yaml', '-o', format]),
      ['test', 'tests', '-f', 'broken'],
      ['render', '-f', 'broken', '--for', 'fluentbit'],
      ['render', '-f', 'broken', '--for', 'k8s'],
    ]);
    expectNothingShown(texts);
    for (const name of Object.keys(BROKEN)) expect(texts['validate -f broken -o text'], name).toContain(`${name}.yaml`);
    expect(texts['test tests -f telemetry.yaml -o text']).toContain('FAIL');
  });
});

describe('secrets of what runs in a cluster, given to an engine', () => {
  const chromium = requirePeer('chromium');
  let up: RunningUp;

  beforeAll(async () => {
    up = await startUp(home, ['-f', 'telemetry.yaml', '--secrets', 'secrets.yaml', '--data', 'data']);
  });

  afterAll(() => up?.stop());

  it('are in no document, event, log line, file, process or answer to a verb', async () => {
    const documents = ['overview', 'ledger', 'graph', 'configuration', 'pipelines'];
    const pages = ['LogPipeline/bit-section', 'LogPipeline/bit-http', 'MetricPipeline/write', 'LogPipeline/tried'];
    const paths = [
      ...['/metrics', ...documents.map((name) => `/api/v1/${name}`)],
      ...pages.map((path) => `/api/v1/pipelines/${path}`),
    ];
    const texts = await Promise.all(
      paths.map(async (path) => [path, await (await fetch(`${up.api}${path}`)).text()] as const),
    );
    expectNothingShown({
      ...Object.fromEntries(texts),
      ...(await outputsOf([
        ['status'],
        ['status', '-o', 'json'],
        ['diff', '-f', 'broken'],
        ['diff', '-f', 'telemetry.yaml', '-o', 'json'],
        ['apply', '-f', 'broken'],
        ['apply', '-f', 'broken', '-o', 'json'],
      ])),
      stream: await firstEvents(up.api),
      stdout: up.process.stdout(),
      stderr: up.process.stderr(),
      processes: processesOf(up.process.pid),
      ...writtenFiles(),
    });
  });

  it('are in no answer to who tries rules', async () => {
    const token = new URL(await printedAddress(up)).searchParams.get('t');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const tryText = async (text: string) => {
      const body = JSON.stringify({ text, input: { last: 10 } });
      const answer = await fetch(`${up.api}/api/v1/preview`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return answer.text();
    };
    const texts = Object.entries({ good: toText([...RESOURCES, RULES]), rules: toText([RULES]) });
    const broken = Object.entries(BROKEN).map(([name, document]) => [name, toText([document])] as const);
    for (const [name, text] of [...texts, ...broken]) expectNothingShown({ [name]: await tryText(text) });
  });

  it.skipIf(chromium.status === 'missing')('are on no page', async () => {
    if (chromium.status !== 'ready') return;
    const browser = await launchBrowser(chromium.path);
    try {
      const origin = `http://localhost:${up.ports.ui}`;
      const { page } = await openPage(browser, origin);
      await page.goto(await printedAddress(up));
      for (const path of ['LogPipeline/bit-section', 'LogPipeline/bit-http', 'MetricPipeline/write']) {
        for (const tab of ['status', 'yaml', 'rendered', 'draft']) {
          await page.goto(`${origin}/pipelines/${path}?tab=${tab}`);
          await page.locator('main').filter({ hasText: /\w/ }).waitFor();
          expectNothingShown({ [`${path} ${tab}`]: await page.content() });
        }
      }
      await page.goto(`${origin}/pipelines/LogPipeline/tried?tab=yaml`);
      await page.getByText('‹hidden›').first().waitFor();
    } finally {
      await browser.close();
    }
  });
});
