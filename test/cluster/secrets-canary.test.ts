import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import { mountedNames } from '../../src/operator/conditions/workload-health.ts';
import { webhookManifests } from '../../src/operator/index.ts';
import { unpacked } from '../../src/operator/kept/kept-codec.ts';
import { CANARY, leaksOf, plainCanary } from '../testkit/canary.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { type FailingBackends, startFailingBackends } from '../testkit/failing-backends.ts';
import { freePort } from '../testkit/free-port.ts';
import { kubeClient } from '../testkit/kube.ts';
import { OPERATOR_NAMESPACE, type PlayedNode, playNode, prepareForOperator } from '../testkit/operator.ts';
import { collectorMetrics, loopbackAddresses, type PodMetrics, startPodMetrics } from '../testkit/pod-metrics.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE } from '../testkit/sluice.ts';
import { selfSigned } from '../testkit/tls/authority.ts';
import { waitFor } from '../testkit/wait-for.ts';

/*
 * Secrets with a known word in every place where a pipeline can refer to one, right values and wrong ones; then everything that the
 * operator wrote, said and answered is searched for the word. What users wrote into their own resources as plain text has another
 * word, and must not get further than these resources and what is remembered of them.
 */

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const LITERAL = 'pl41nword';
/** Name of a key that no pipeline refers to: who reads a status may not be allowed to list the Secret. */
const OTHER_KEY = 'unm3ntioned';
const PIN = '4711';
const GATEWAY = 'telemetry-trace-gateway';
const { certPem, keyPem } = selfSigned({ notAfter: new Date(Date.now() + 365 * 86_400_000) });
const pem = (label: string) => `-----BEGIN ${label}-----\n${plainCanary('pem')}\n-----END ${label}-----\n`;

const from = (secret: string) => (key: string) => ({
  valueFrom: { secretKeyRef: { namespace: 'default', name: secret, key } },
});
const [good, bad] = [from('good'), from('bad')];
const secretOf = (name: string, stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  stringData,
});
const pipeline = (id: string, spec: object) => {
  const [kind, name] = id.split('/');
  return { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name }, spec };
};
const otlp = (rest: object) => ({
  output: { otlp: { endpoint: good('endpoint'), ...rest } },
  delivery: { buffer: { maxSize: '1Mi' } },
});
const write = (rest: object) => ({ output: { prometheusRemoteWrite: { endpoint: good('write-url'), ...rest } } });
const bit = (http: object, rest: object = {}) => ({ output: { http: { host: good('host'), ...http } }, ...rest });

const GOOD = (backends: FailingBackends) =>
  secretOf('good', {
    endpoint: `https://${plainCanary('endpoint')}.invalid:4317`,
    denying: `http://127.0.0.1:${backends.denying.httpPort}/${plainCanary('path')}`,
    'write-url': `http://${plainCanary('write')}.invalid/push?key=${plainCanary('query')}`,
    host: `${plainCanary('host')}.invalid`,
    uri: `/${plainCanary('uri')}`,
    user: plainCanary('user'),
    password: `${plainCanary('password')}"/+% &\\`,
    pin: PIN,
    token: plainCanary('token'),
    'token-url': `http://${plainCanary('token-url')}.invalid/token`,
    cert: certPem,
    key: keyPem,
    [OTHER_KEY]: 'nobody refers to it',
  });

/** What is wrong in the value alone, so that the schema cannot see it. */
const BAD = secretOf('bad', {
  word: plainCanary('no-url'),
  scheme: `ftp://${plainCanary('scheme')}:21`,
  port: `https://${plainCanary('port')}:99999`,
  path: `https://${plainCanary('grpc-path')}:4317/${plainCanary('in-path')}?a=%zz`,
  lines: `${plainCanary('line')}\nsecond: ${plainCanary('second')}`,
  spaces: `http://${plainCanary('with space')} :4318`,
  certificate: pem('CERTIFICATE'),
  key: pem('PRIVATE KEY'),
  empty: '',
  userinfo: `https://user:${plainCanary('userinfo')}@${plainCanary('behind-userinfo')}:4317`,
  [OTHER_KEY]: 'nobody refers to it',
});

const RIGHT: Readonly<Record<string, object>> = {
  'TracePipeline/endpoint': otlp({}),
  'TracePipeline/denied': otlp({ protocol: 'http', endpoint: good('denying') }),
  'TracePipeline/basic': otlp({ authentication: { basic: { user: good('user'), password: good('password') } } }),
  'TracePipeline/pin': otlp({ headers: [{ name: 'x-pin', ...good('pin') }] }),
  'TracePipeline/headers': otlp({
    headers: [
      { name: 'authorization', prefix: 'Bearer', ...good('token') },
      { name: 'x-literal', value: LITERAL },
    ],
  }),
  'TracePipeline/oauth': otlp({
    authentication: {
      oauth2: { tokenURL: good('token-url'), clientID: good('user'), clientSecret: good('password') },
    },
  }),
  'TracePipeline/tls': otlp({ tls: { ca: good('cert'), cert: good('cert'), key: good('key') } }),
  'MetricPipeline/write': write({
    headers: [{ name: 'x-token', ...good('token') }],
    tls: { ca: good('cert'), cert: good('cert'), key: good('key') },
  }),
  'MetricPipeline/write-basic': write({
    authentication: { basic: { user: good('user'), password: good('password') } },
  }),
  'LogPipeline/bit': bit({
    uri: '/in',
    user: good('user'),
    password: good('password'),
    tls: { ca: good('cert'), cert: good('cert'), key: good('key') },
  }),
  'LogPipeline/bit-literal': bit({ user: { value: 'me' }, password: { value: LITERAL } }),
  'LogPipeline/bit-custom': {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Fluent Bit
    output: { custom: 'Name http\nHost logs.example.com\nhttp_passwd ${TOKEN}\n' },
    variables: [{ name: 'TOKEN', ...good('token') }],
    files: [{ name: 'client.key', content: pem('PRIVATE KEY').replace(plainCanary('pem'), LITERAL) }],
  },
};

const WRONG: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    ['word', 'scheme', 'port', 'path', 'userinfo', 'lines', 'spaces', 'empty', 'no-such-key'].flatMap((key) => [
      [`TracePipeline/wrong-grpc-${key}`, otlp({ endpoint: bad(key) })],
      [`TracePipeline/wrong-http-${key}`, otlp({ protocol: 'http', endpoint: bad(key) })],
      [`TracePipeline/wrong-header-${key}`, otlp({ headers: [{ name: 'x-any', ...bad(key) }] })],
      [
        `TracePipeline/wrong-oauth-${key}`,
        otlp({ authentication: { oauth2: { tokenURL: bad(key), clientID: bad(key), clientSecret: bad(key) } } }),
      ],
      [`MetricPipeline/wrong-write-${key}`, write({ endpoint: bad(key) })],
      [`LogPipeline/wrong-host-${key}`, bit({ host: bad(key), user: bad(key), password: bad(key) })],
    ]),
  ),
  'TracePipeline/wrong-ca': otlp({ tls: { ca: bad('certificate') } }),
  'TracePipeline/wrong-pair': otlp({ tls: { cert: good('cert'), key: bad('key') } }),
  'TracePipeline/wrong-cert': otlp({ tls: { cert: bad('certificate'), key: good('key') } }),
  'TracePipeline/swapped': otlp({ tls: { cert: good('key'), key: good('cert') } }),
  'TracePipeline/half': otlp({ tls: { key: good('key') } }),
  'LogPipeline/wrong-bit-tls': bit({ tls: { ca: bad('certificate'), cert: bad('word'), key: bad('key') } }),
};

/** Refused at the door, or not; with the plain word where a value is. */
const REFUSED: readonly object[] = [
  pipeline('TracePipeline/refused-credentials', otlp({ endpoint: { value: `https://u:${LITERAL}@host:4317/p` } })),
  pipeline('TracePipeline/refused-rule', {
    ...otlp({ headers: [{ name: 'x', value: LITERAL }] }),
    transform: [{ statements: ['sett(span.name, "x")'] }],
  }),
  pipeline('TracePipeline/refused-pem', otlp({ tls: { ca: { value: 'no PEM' } } })),
  pipeline('TracePipeline/refused-key', otlp({ tls: { cert: { value: certPem }, key: { value: LITERAL } } })),
  pipeline('LogPipeline/refused-section', { output: { custom: `Name http\nMatch *\nhttp_passwd ${LITERAL}` } }),
  pipeline('LogPipeline/refused-option', { output: { custom: `Name http\nhttp_pasword ${LITERAL}` } }),
  pipeline('MetricPipeline/refused-url', write({ endpoint: { value: 'nothing at all' } })),
];

/** How kubectl shows what the webhooks answer, and the API server. */
const IS_REFUSED = ' is invalid: ';

describe.skipIf(peer.status === 'missing')(`secrets, with a real API server${skipNote}`, () => {
  const address = loopbackAddresses()();
  let plane: ControlPlane;
  let client: KubeClient;
  let node: PlayedNode;
  let backends: FailingBackends;
  let metrics: PodMetrics;
  let home: Home;
  let operator: RunningProcess;
  let metricsPort: number;
  const said: Record<string, string> = {};

  beforeAll(async () => {
    home = createHome();
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    client = await kubeClient(plane.kubeconfig);
    backends = await startFailingBackends(plainCanary('answer'));
    const stuck = { queueSize: 4096 };
    const exporters = {
      'otlp_grpc/tracepipeline-endpoint': stuck,
      'otlp_http/tracepipeline-denied': stuck,
      'otlp_grpc/tracepipeline-oauth': stuck,
      'otlp_grpc/tracepipeline-basic': stuck,
      'otlp_grpc/tracepipeline-tls': stuck,
    };
    metrics = await startPodMetrics(address, 8888, () => collectorMetrics({ signal: 'traces', exporters }));
    node = playNode(client);
    node.addressOf = ({ metadata }) => (metadata.labels?.['app.kubernetes.io/name'] === GATEWAY ? address : undefined);
    const webhookPort = await freePort();
    metricsPort = await freePort();
    await plane.apply(webhookManifests({ namespace: OPERATOR_NAMESPACE }));
    operator = await startProcess(
      SLUICE,
      [
        ...['operator', '--kubeconfig', plane.kubeconfig, '--metrics', `127.0.0.1:${metricsPort}`],
        ...['--webhooks', `127.0.0.1:${webhookPort}`, '--webhooks-url', `https://127.0.0.1:${webhookPort}`],
      ],
      { env: home.env, cwd: home.path, ready: { url: `http://127.0.0.1:${metricsPort}/readyz` } },
    );
    await plane.apply([
      { ...secretOf('good', {}), ...GOOD(backends) },
      BAD,
      {
        apiVersion: 'operator.kyma-project.io/v1beta1',
        kind: 'Telemetry',
        metadata: { name: 'default', namespace: OPERATOR_NAMESPACE },
        spec: {},
      },
    ]);
  });
  afterAll(async () => {
    await operator?.stop();
    await node?.stop();
    await metrics?.stop();
    await backends?.stop();
    await client?.close();
    await plane?.stop();
    home?.remove();
  });

  interface Told {
    readonly name: string;
    readonly words: readonly string[];
    readonly message: string;
  }
  const told = async (): Promise<readonly Told[]> => {
    const { items } = JSON.parse(await plane.run(['get', 'kyma-telemetry-pipelines', '-o', 'json'])) as {
      readonly items: readonly KubeObject[];
    };
    return items.map(({ metadata, status = {} }) => {
      const { conditions = [] } = status as {
        readonly conditions?: readonly { type: string; reason: string; message: string }[];
      };
      return {
        name: metadata.name,
        words: conditions.map(({ type, reason }) => `${type} ${reason}`),
        message: conditions.map(({ message }) => message).join(' '),
      };
    });
  };
  const becomes = (what: string, probe: (all: readonly Told[]) => boolean, timeoutMs = 30_000) =>
    waitFor(what, async () => probe(await told()), { timeoutMs, pollMs: 300 });
  const applied = async (objects: readonly object[]): Promise<string> => {
    const answers = await Promise.all(
      objects.map((object) =>
        plane.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(object) }),
      ),
    );
    return answers.map(({ stdout, stderr }) => stdout + stderr).join('');
  };

  it('are used in every place where a pipeline can refer to one', async () => {
    said['answers to right ones'] = await applied(Object.entries(RIGHT).map(([id, spec]) => pipeline(id, spec)));
    const configured = ({ words }: Told) => words.some((word) => /^ConfigurationGenerated \w+Configured$/.test(word));
    await becomes('all are configured', (all) => all.filter(configured).length === Object.keys(RIGHT).length).catch(
      async () => expect((await told()).filter((one) => !configured(one))).toEqual([]),
    );
    await becomes('the gateway runs', (all) =>
      all.some(({ name, words }) => name === 'denied' && words.includes('GatewayHealthy GatewayReady')),
    );
    const values = (await list('secrets')).flatMap((one) =>
      Object.values((one['data'] ?? {}) as Readonly<Record<string, string>>).map((text) =>
        Buffer.from(text, 'base64').toString(),
      ),
    );
    expect(values.filter((value) => value.includes(plainCanary('token'))).length).toBeGreaterThan(2);
  });

  it('are wrong in every way, and each pipeline says so', async () => {
    said['answers to wrong ones'] = await applied(Object.entries(WRONG).map(([id, spec]) => pipeline(id, spec)));
    await becomes('all are judged', (all) => all.every(({ words }) => words.length > 0));
    const wrong = (await told()).filter(({ words }) => words.includes('ConfigurationGenerated EndpointInvalid'));
    expect(wrong.length).toBeGreaterThan(5);
    const tls = (await told()).filter(({ words }) => words.includes('ConfigurationGenerated TLSConfigurationInvalid'));
    expect(tls.length).toBeGreaterThanOrEqual(4);
  });

  it('are not told by a hash in a name to whoever tries values', async () => {
    const deployment = (await list('deployments')).find(({ metadata }) => metadata.name === GATEWAY);
    const names = [...mountedNames(deployment?.['spec'])];
    const dataOf = (objects: readonly KubeObject[]) =>
      objects
        .filter(({ metadata }) => names.includes(metadata.name))
        .flatMap((object) => Object.entries((object['data'] ?? {}) as Readonly<Record<string, string>>))
        .sort(([a], [b]) => (a < b ? -1 : 1));
    const environment = dataOf(await list('secrets')).map(([key, text]) => [
      key,
      Buffer.from(text, 'base64').toString(),
    ]);
    expect(environment.filter(([, value]) => value?.endsWith(PIN))).toHaveLength(1);
    const content = JSON.stringify([dataOf(await list('configmaps')), [], environment]);
    const guessed = createHash('sha256').update(content).digest('hex').slice(0, 10);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name.includes(guessed))).toEqual([]);
    expect(JSON.stringify(deployment)).not.toContain(guessed);
  });

  it('are refused by webhooks without a word of them', async () => {
    await waitFor('the webhooks are called', async () => (await applied([REFUSED[1]!])).includes(IS_REFUSED), {
      timeoutMs: 20_000,
      pollMs: 300,
    });
    const answers = await applied(REFUSED);
    said['answers of webhooks'] = answers;
    expect(answers.split(IS_REFUSED).length - 1, answers).toBe(REFUSED.length);
  });

  it('are not in the way back after a crash whose last words hold them', async () => {
    const known = new Set((await list('configmaps')).map(({ metadata }) => metadata.name));
    node.crash = (pod) => {
      const mounted = JSON.stringify(pod['spec']);
      const isOld = [...known].some((name) => name.startsWith(GATEWAY) && mounted.includes(name));
      if (pod.metadata.labels?.['app.kubernetes.io/name'] !== GATEWAY || isOld) return undefined;
      return { exitCode: 1, message: `otlp_grpc/tracepipeline-headers: bad ${plainCanary('last-words')}` };
    };
    await plane.apply([pipeline('TracePipeline/headers', otlp({ headers: [{ name: 'x-new', ...good('token') }] }))]);
    await becomes('it is taken back', (all) =>
      all.some(({ words }) => words.includes('ConfigurationGenerated CollectorCrashed')),
    );
    node.crash = () => undefined;
    // An edit that is invalid on top: the generation before it is remembered.
    const denied = otlp({ protocol: 'http', endpoint: bad('word') });
    await plane.apply([pipeline('TracePipeline/denied', denied)]);
    await becomes('the one before it keeps running', (all) =>
      all.some(({ name, message }) => name === 'denied' && message.includes('generation 1 keeps running')),
    );
  });

  it('are not in what is said of backends that do not take data', { timeout: 90_000 }, async () => {
    const flow = ({ words }: Told) => words.includes('TelemetryFlowHealthy GatewayBufferFillingUp');
    await becomes(
      'the causes are named',
      (all) => all.filter((one) => flow(one) && /SL05\d\d/.test(one.message)).length >= 3,
      75_000,
    );
    expect((await told()).find(({ name }) => name === 'denied')!.message).toContain('SL0506');
    expect((await told()).find(({ name }) => name === 'endpoint')!.message).toContain('SL0502');
  });

  it('are not in what the verbs of the command line say', async () => {
    const files = home.write(
      'pipelines.json',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [...Object.entries({ ...RIGHT, ...WRONG }).map(([id, spec]) => pipeline(id, spec))],
      }),
    );
    const secrets = home.write(
      'secrets.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [GOOD(backends), BAD] }),
    );
    const verbs = {
      check: ['check', '--kubeconfig', plane.kubeconfig],
      status: ['cluster', 'status', '--kubeconfig', plane.kubeconfig, '-o', 'json'],
      render: ['render', '-f', files, '--for', 'k8s', '--secrets', secrets],
      'render without Secrets': ['render', '-f', files, '--for', 'k8s'],
      validate: ['validate', '-f', files, '--secrets', secrets],
    };
    for (const [name, args] of Object.entries(verbs)) {
      const { stdout, stderr } = await runSluice(home, args);
      expect(`${stdout}${stderr}`.length, name).toBeGreaterThan(50);
      said[`sluice ${name}`] = stdout + stderr;
    }
  });

  it('are in no object but Secrets, in no log, event, status, metric or answer', async () => {
    said['the metrics of the operator'] = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    await operator.stop();
    said['the output of the operator'] = operator.stdout() + operator.stderr();
    expect(said['the output of the operator']).toContain('configuration taken back');
    const kinds = (await plane.run(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
    for (const kind of kinds.filter((one) => one !== 'secrets')) {
      for (const object of await list(kind)) said[`${kind} ${object.metadata.name}`] = textOf(object);
    }
    expect(Object.keys(said).filter((name) => name.startsWith('events'))).not.toEqual([]);
    expect(Object.keys(said).filter((name) => name.startsWith(`configmaps ${GATEWAY}`)).length).toBeGreaterThan(1);
    expect(said['configmaps telemetry-last-valid']).toContain('secretKeyRef');
    expect(leaksOf(said, keyPem)).toEqual([]);
    expect(otherSpellings(said, CANARY)).toEqual([]);
    // `sluice validate` reads Secrets with the rights of whoever runs it, and may help.
    const listing = Object.entries(said).filter(
      ([name, text]) => !name.startsWith('sluice ') && text.includes(OTHER_KEY),
    );
    expect(listing.map(([name]) => name)).toEqual([]);
    const { 'configmaps telemetry-last-valid': remembered = '', ...others } = said;
    expect(remembered).toContain(LITERAL); // as it stands in the resource of its user
    const shown = Object.entries(others).flatMap(([name, text]) =>
      textsAround(text, LITERAL).map((part) => `${name}: ${part}`),
    );
    expect(shown).toEqual([]);
  });

  async function list(kind: string): Promise<readonly KubeObject[]> {
    const { code, stdout } = await plane.kubectl(['get', kind, '-A', '-o', 'json']);
    return code === 0 ? (JSON.parse(stdout) as { readonly items: readonly KubeObject[] }).items : [];
  }
});

/** Of what users, or the node that is played here, wrote: what the operator added to it. */
function textOf({ spec, ...object }: KubeObject): string {
  const { metadata, kind } = object;
  if (kind === 'Pod') return JSON.stringify({ metadata, spec });
  const isOfUsers = object.apiVersion.includes('kyma-project.io');
  const packed = Object.values((object['binaryData'] ?? {}) as Readonly<Record<string, string>>);
  return JSON.stringify({ ...object, ...(isOfUsers ? {} : { spec }), unpacked: packed.map((text) => unpacked(text)) });
}

/** Spellings that no search for the plain word finds. */
function otherSpellings(texts: Readonly<Record<string, string>>, word: string): readonly string[] {
  const hex = Buffer.from(word).toString('hex');
  const percent = hex.replace(/../g, '%$&');
  const escaped = [...word].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('');
  const reversed = [...word].reverse().join('');
  return Object.entries(texts).flatMap(([name, text]) =>
    [hex, percent, escaped, reversed]
      .filter((spelling) => text.toLowerCase().includes(spelling))
      .map((it) => `${name}: ${it}`),
  );
}

/** Each place of the word, with what stands before it. */
function textsAround(text: string, word: string): readonly string[] {
  return [...text.matchAll(new RegExp(word, 'g'))].map(({ index }) => text.slice(Math.max(0, index - 200), index + 40));
}
