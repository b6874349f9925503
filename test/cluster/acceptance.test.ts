import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Signal } from '../../src/pdata/index.ts';
import { type PackedImage, packNamedImage } from '../../testbed/image/images.ts';
import { itemNamed, resourcesOf } from '../testkit/cluster/item.ts';
import { createTestPipeline, type TestPipeline } from '../testkit/cluster/pipelines.ts';
import { repositoryPod, type SenderPods, startSenderPods } from '../testkit/cluster/senders.ts';
import type { SentItem } from '../testkit/cluster/sent-items.ts';
import { BUSYBOX, type ClusterNode, requireClusterNode, startClusterNode } from '../testkit/cluster-node.ts';
import { type DynamicMessage, decodeRequest, encodeRequest } from '../testkit/otlp-proto.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { becomesTrue, waitFor } from '../testkit/wait-for.ts';

/*
 * One story on one real node, from an empty cluster to an empty cluster. Its parts build on each other: where one fails, those after
 * it may fail too.
 */

const NAMESPACE = 'kyma-system';
const HOST = `telemetry-otlp.${NAMESPACE}`;
const MINUTE_MS = 60_000;
/** Faults are this far apart, as planned replacements are: senders and routers look a name up again after 30 s at the latest. */
const APART_MS = 40_000;
const STORAGE_CLASS = 'kept';

const KEPT = {
  delivery: {
    guarantee: 'AtLeastOnce',
    buffer: { maxSize: '64Mi', volume: { storageClassName: STORAGE_CLASS } },
  },
};
const PUSHED_LOGS = { input: { runtime: { enabled: false } } };
const GATEWAY = { gateway: { memory: '1Gi' } };

const peer = requireClusterNode();

describe.skipIf(peer.status === 'missing')('telemetry in a cluster', () => {
  let home: Home;
  let cluster: ClusterNode;
  let image: PackedImage;
  let pipelines: readonly TestPipeline[];
  let objectsBefore: readonly string[];

  const sluice = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runSluice(home, [...args, '--kubeconfig', cluster.kubeconfig]);
    expect(code, `${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const backendOf = (name: string) => pipelines.find((one) => one.name === name)!.backend;
  /** Those that get what is pushed through the endpoint, all of it. */
  const pushed = () => pipelines.filter(({ name }) => !['collected', 'stdout'].includes(name));
  const kept = () => pipelines.filter(({ name }) => name.endsWith('-kept'));
  const startSenders = (name: string) => startSenderPods(cluster, { name, image: image.tag, host: HOST });
  const setTopology = (type: string) => {
    const spec = { topology: { type }, trace: GATEWAY, metric: GATEWAY, log: GATEWAY };
    const metadata = { name: 'default', namespace: NAMESPACE };
    return cluster.apply([{ apiVersion: 'operator.kyma-project.io/v1beta1', kind: 'Telemetry', metadata, spec }]);
  };
  const whenReady = (...resources: readonly string[]) =>
    cluster.run(['wait', '--for=condition=Ready', '--timeout=180s', ...resources]);
  const readyOf = async (workload: string) => {
    const exists = async () => (await cluster.kubectl(['get', '-n', NAMESPACE, workload])).code === 0;
    await waitFor(`${workload} is there`, exists, { timeoutMs: MINUTE_MS, pollMs: 250 });
    await cluster.run(['rollout', 'status', '-n', NAMESPACE, '--timeout=180s', workload]);
  };

  beforeAll(async () => {
    home = createHome();
    image = await packNamedImage('sluice');
    const collector = await packNamedImage('sluice-otelcol');
    cluster = await startClusterNode({ images: [image, collector] });
    await cluster.addVolumes(STORAGE_CLASS, { count: 24, size: '2Gi' });
    objectsBefore = await objectsOf(cluster);
    const create = (options: Parameters<typeof createTestPipeline>[1]) => createTestPipeline(cluster.address, options);
    const inDefault = { namespaces: { include: ['default'] } };
    pipelines = await Promise.all([
      create({ name: 'traces', signal: 'traces' }),
      create({ name: 'traces-kept', signal: 'traces', protocol: 'grpc', spec: KEPT }),
      create({ name: 'metrics', signal: 'metrics', protocol: 'grpc' }),
      create({ name: 'metrics-kept', signal: 'metrics', spec: KEPT }),
      create({ name: 'logs', signal: 'logs', spec: PUSHED_LOGS }),
      create({ name: 'logs-kept', signal: 'logs', spec: { ...KEPT, ...PUSHED_LOGS } }),
      create({
        name: 'collected',
        signal: 'metrics',
        spec: {
          input: { otlp: { enabled: false }, runtime: { enabled: true }, prometheus: { enabled: true, ...inDefault } },
        },
      }),
      create({
        name: 'stdout',
        signal: 'logs',
        spec: { input: { otlp: { enabled: false }, runtime: { enabled: true, ...inDefault } } },
      }),
    ]);
  }, 10 * MINUTE_MS);

  afterAll(async () => {
    await cluster?.stop();
    await Promise.all((pipelines ?? []).map(({ backend }) => backend.stop()));
    home?.remove();
  }, 5 * MINUTE_MS);

  it('is installed by one command', { timeout: 5 * MINUTE_MS }, async () => {
    await sluice('check', '--pre');
    const { tag } = await packNamedImage('sluice-otelcol');
    const images = ['--image', `sluice=${image.tag}`, '--image', `otelcol=${tag}`, '--image-pull-policy', 'Never'];
    await sluice('cluster', 'install', '--yes', ...images);
    await sluice('check');
  });

  it('makes every pipeline Ready, but those on Fluent Bit, whose image this node has not', {
    timeout: 6 * MINUTE_MS,
  }, async () => {
    await setTopology('PerSignal');
    await cluster.apply([...pipelines.map(({ manifest }) => manifest), ...FLUENT_BIT]);
    await whenReady(...pipelines.map(({ kind, name }) => `${kind}/${name}`.toLowerCase()));
    const line = () => cluster.run(['get', 'logpipeline', 'files', '--no-headers']);
    await waitFor('the status says what Fluent Bit lacks', async () => /False\s+AgentNotReady/.test(await line()), {
      timeoutMs: MINUTE_MS,
      pollMs: 500,
    });
  });

  it('takes traces, metrics and logs of an SDK in a Pod through the single endpoint, and says which Pod it was', {
    timeout: 4 * MINUTE_MS,
  }, async () => {
    const env = { NAME: 'sdk', HOST };
    await cluster.apply([
      repositoryPod({ pod: 'sdk', image: image.tag, folder: home.path, env, program: 'sdk-pod.ts' }),
    ]);
    const podsAt = ({ signal, backend }: TestPipeline) =>
      backend.accepted().flatMap(({ body }) => resourcesOf(signal, body, 'sdk').map((found) => found['k8s.pod.name']));
    await becomesTrue(() => pushed().every((one) => podsAt(one).includes('sdk')), {
      timeoutMs: MINUTE_MS,
      pollMs: 500,
    });
    for (const one of pushed()) {
      const named = podsAt(one).filter((pod) => pod !== undefined);
      expect([one.name, new Set(named)]).toEqual([one.name, new Set(['sdk'])]);
    }
  });

  it('takes a steady stream over both protocols, all of it', { timeout: 3 * MINUTE_MS }, async () => {
    const senders = await startSenders('first');
    const attempts = await waitForMore(senders, 60);
    await senders.stop();
    expect(attempts.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await everythingArrives(pushed(), senders.attempts());
    senders.remove();
  });

  it('collects what Pods print, what they serve, and what the kubelet says of them', {
    timeout: 4 * MINUTE_MS,
  }, async () => {
    await cluster.apply([TALKATIVE, SCRAPED]);
    await waitFor(
      'the line is in the backend',
      () => logBodies(backendOf('stdout').accepted()).includes('hello from a pod'),
      {
        timeoutMs: 2 * MINUTE_MS,
        pollMs: 500,
      },
    );
    const wanted = ['k8s.pod.cpu.time', 'k8s.node.memory.usage', 'k8s.deployment.available', 'answers_total'];
    const arrived = () => metricNames(backendOf('collected').accepted());
    const missing = () => wanted.filter((name) => !arrived().has(name));
    await becomesTrue(() => missing().length === 0, { timeoutMs: 2 * MINUTE_MS, pollMs: 500 });
    expect(missing(), [...arrived()].join(', ')).toEqual([]);
  });

  it('changes its topology under traffic, and every acknowledged item arrives', {
    timeout: 15 * MINUTE_MS,
  }, async () => {
    await setTopology('Shared');
    await readyOf('statefulset/telemetry-otlp-engine-gateway');
    const senders = await startSenders('moving');
    for (const topology of ['PerSignal', 'PerPipeline']) {
      await setTopology(topology);
      await delay(APART_MS);
      await whenReady(...pipelines.map(({ kind, name }) => `${kind}/${name}`.toLowerCase()));
    }
    const attempts = await senders.stop();
    expect(attempts.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await everythingArrives(pushed(), attempts);
    senders.remove();
  });

  it('loses nothing that it promised to keep, and refuses no export, when gateway Pods are killed', {
    timeout: 10 * MINUTE_MS,
  }, async () => {
    await setTopology('PerSignal');
    await readyOf('statefulset/telemetry-trace-engine-gateway');
    await delay(APART_MS);
    const senders = await startSenders('killing');
    for (const pod of [
      'telemetry-trace-engine-gateway-0',
      'telemetry-trace-engine-gateway-1',
      'telemetry-log-engine-gateway-0',
    ]) {
      await kill(cluster, pod);
      await delay(APART_MS);
    }
    const attempts = await senders.stop();
    expect(attempts.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await everythingArrives(kept(), attempts);
    senders.remove();
  });

  it('goes on when a router is killed: other connections do not notice, and new ones succeed within a second', {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const routers = JSON.parse(
      await cluster.run([
        'get',
        'pods',
        '-n',
        NAMESPACE,
        '-l',
        'app.kubernetes.io/name=telemetry-otlp-router',
        '-o',
        'json',
      ]),
    ) as { readonly items: readonly { metadata: { name: string }; status: { podIP: string } }[] };
    const [victim, survivor] = routers.items;
    const service = await cluster.run([
      'get',
      'service',
      '-n',
      NAMESPACE,
      'telemetry-otlp',
      '-o',
      'jsonpath={.spec.clusterIP}',
    ]);
    const steady = startTrickle(survivor!.status.podIP, { keepAlive: true });
    const fresh = startTrickle(service, { keepAlive: false });
    await delay(2_000);
    await kill(cluster, victim!.metadata.name);
    const killedMs = performance.now();
    await delay(5_000);
    expect(await steady.stop()).toEqual([]);
    const late = (await fresh.stop()).filter(({ begunMs }) => begunMs > killedMs + 1_000);
    expect(late).toEqual([]);
  });

  it('says who is to blame within a minute when a backend is dead, before anything is lost', {
    timeout: 5 * MINUTE_MS,
  }, async () => {
    const senders = await startSenders('blaming');
    const victim = pipelines.find(({ name }) => name === 'traces-kept')!;
    await victim.backend.stop();
    const started = performance.now();
    const status = () =>
      cluster.run([
        'get',
        'tracepipeline',
        victim.name,
        '-o',
        'jsonpath={.status.conditions[?(@.type=="TelemetryFlowHealthy")]}',
      ]);
    await waitFor('the failure is named', async () => /refuse/.test(await status()), {
      timeoutMs: 2 * MINUTE_MS,
      pollMs: 1000,
    });
    expect(performance.now() - started).toBeLessThan(90_000);
    expect(await status()).toContain('"status":"False"');
    await senders.stop();
    senders.remove();
  });

  it('leaves nothing but custom resources when it is uninstalled', { timeout: 5 * MINUTE_MS }, async () => {
    await sluice('cluster', 'uninstall', '--yes', '--delete-backlog');
    await waitFor(
      'all Pods are gone',
      async () => (await cluster.run(['get', 'pods', '-n', NAMESPACE, '-o', 'name'])) === '',
      {
        timeoutMs: 2 * MINUTE_MS,
        pollMs: 500,
      },
    );
    await cluster.run(['delete', 'deployment', 'talkative']);
    const isGone = async () => !(await objectsOf(cluster)).some((one) => one.startsWith('replicaset/default/'));
    await waitFor('the application is gone, too', isGone, { timeoutMs: MINUTE_MS, pollMs: 500 });
    const left = (await objectsOf(cluster)).filter((one) => !objectsBefore.includes(one));
    const stays = [
      ...['logparser//', 'logpipeline//', 'metricpipeline//', 'tracepipeline//', 'telemetry/kyma-system/'],
      ...['customresourcedefinition//', 'apiservice//'],
      // It holds the Telemetry resource; Kubernetes itself puts the others there.
      ...['namespace//kyma-system', 'serviceaccount/kyma-system/default', 'configmap/kyma-system/kube-root-ca.crt'],
    ];
    expect(left.filter((one) => !stays.some((start) => one.startsWith(start)))).toEqual([]);
  });
});

const FLUENT_BIT = [
  {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name: 'files' },
    spec: { output: { http: { host: { value: 'logs.example.com' } } } },
  },
  {
    apiVersion: 'telemetry.kyma-project.io/v1alpha1',
    kind: 'LogParser',
    metadata: { name: 'words' },
    spec: { parser: 'Format regex\nRegex ^(?<word>\\w+)$\n' },
  },
];

const TALKATIVE = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'talkative', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'talkative' } },
    template: {
      metadata: { labels: { app: 'talkative' } },
      spec: podSpec({ command: ['sh', '-c', 'while true; do echo hello from a pod; sleep 1; done'] }),
    },
  },
};

const SCRAPED = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'scraped',
    namespace: 'default',
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
  },
  spec: podSpec({
    command: [
      'sh',
      '-c',
      'mkdir /tmp/w; echo "# TYPE answers_total counter\nanswers_total 42" > /tmp/w/metrics; httpd -f -p 8080 -h /tmp/w',
    ],
    ports: [{ containerPort: 8080 }],
  }),
};

function podSpec(container: object): object {
  return { containers: [{ name: 'main', image: BUSYBOX, imagePullPolicy: 'Never', ...container }] };
}

async function waitForMore(senders: SenderPods, count: number): Promise<readonly SentItem[]> {
  const acknowledged = () => senders.attempts().filter(({ outcome }) => outcome === 'acknowledged').length;
  await waitFor(`${count} items are acknowledged`, () => acknowledged() >= count, {
    timeoutMs: MINUTE_MS,
    pollMs: 250,
  });
  return senders.attempts();
}

function acknowledgedIds(attempts: readonly SentItem[], signal: Signal): readonly string[] {
  return attempts.filter((one) => one.signal === signal && one.outcome === 'acknowledged').map(({ id }) => id);
}

/** What was acknowledged is in the backend of every pipeline of its signal, in the end. */
async function everythingArrives(pipelines: readonly TestPipeline[], attempts: readonly SentItem[]): Promise<void> {
  const lost = () =>
    Object.fromEntries(
      pipelines.flatMap((pipeline) => {
        const arrived = pipeline.arrived();
        const missing = acknowledgedIds(attempts, pipeline.signal).filter((id) => !arrived.has(id));
        return missing.length === 0 ? [] : [[pipeline.name, missing] as const];
      }),
    );
  await becomesTrue(() => Object.keys(lost()).length === 0, { timeoutMs: MINUTE_MS, pollMs: 1000 });
  expect(lost()).toEqual({});
}

interface Failure {
  readonly begunMs: number;
  readonly message: string;
}

/** A request every 50 ms, on one connection or each on its own; answers with those that failed. */
function startTrickle(host: string, { keepAlive }: { readonly keepAlive: boolean }) {
  const agent = new Agent({ keepAlive, maxSockets: keepAlive ? 1 : Number.POSITIVE_INFINITY });
  const failures: Failure[] = [];
  const pending = new Set<Promise<void>>();
  const body = encodeRequest('traces', itemNamed('traces', 'trickle'));
  const headers = { 'content-type': 'application/x-protobuf' };
  const send = () => {
    const begunMs = performance.now();
    const fail = (message: string) => failures.push({ begunMs, message });
    const done = new Promise<void>((resolve) => {
      const options = { method: 'POST', agent, headers, timeout: 3_000 };
      const sent = request(`http://${host}:4318/v1/traces`, options, (answer) => {
        if (answer.statusCode !== 200) fail(`HTTP ${answer.statusCode}`);
        answer.resume().once('close', resolve);
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.once('error', (error) => {
        fail(error.message);
        resolve();
      });
      sent.end(body);
    });
    pending.add(done);
    void done.then(() => pending.delete(done));
  };
  const timer = setInterval(send, 50);
  return {
    async stop(): Promise<readonly Failure[]> {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
      return failures;
    },
  };
}

/** As a node does that runs out of memory: no signal to react to. */
async function kill(cluster: ClusterNode, pod: string): Promise<void> {
  await cluster.run(['delete', 'pod', '-n', NAMESPACE, pod, '--grace-period=0', '--force']);
}

async function objectsOf(cluster: ClusterNode): Promise<readonly string[]> {
  const kinds = await cluster.run(['api-resources', '--verbs=list', '-o', 'name']);
  const listed = kinds
    .split('\n')
    .filter((kind) => kind !== '' && !/^(events|pods|componentstatuses|leases|endpoints)/.test(kind));
  const all = await cluster.run([
    'get',
    '-A',
    '-o',
    'jsonpath={range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name}{"\\n"}{end}',
    listed.join(','),
  ]);
  return all
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => one.toLowerCase())
    .sort();
}

type Requests = ReturnType<TestPipeline['backend']['accepted']>;

function logBodies(requests: Requests): readonly string[] {
  return requests.flatMap(({ body }) =>
    decodeRequest('logs', body)['resourceLogs'].flatMap((resource: DynamicMessage) =>
      resource['scopeLogs'].flatMap((scope: DynamicMessage) =>
        scope['logRecords'].map((record: DynamicMessage) => record['body']?.value?.value),
      ),
    ),
  );
}

function metricNames(requests: Requests): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ body }) =>
      decodeRequest('metrics', body)['resourceMetrics'].flatMap((resource: DynamicMessage) =>
        resource['scopeMetrics'].flatMap((scope: DynamicMessage) =>
          scope['metrics'].map((metric: DynamicMessage) => metric['name']),
        ),
      ),
    ),
  );
}
