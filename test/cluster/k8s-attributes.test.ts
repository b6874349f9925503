import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject, ResourceType } from '../../src/kube/index.ts';
import { DIRECT, podAttributes, ROUTED } from '../../src/render/otelcol/pod-attributes.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { DEPLOYMENTS, kubeClient, NAMESPACES, STATEFUL_SETS } from '../testkit/kube.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

/**
 * The engine beside the real Collector, both watching one real API server: the same Pods and the same data give the same
 * attributes. No Pod runs; the test writes what kubelets and controllers would.
 */
const peers = [requireControlPlane(), requirePeer('otelcol')];
const missing = peers.find((one) => one.status === 'missing');
const skipNote = missing?.status === 'missing' ? ` (skipped: ${missing.reason})` : '';

const core = { group: '', version: 'v1' } as const;
const PODS: ResourceType = { ...core, kind: 'Pod', plural: 'pods', namespaced: true };
const NODES: ResourceType = { ...core, kind: 'Node', plural: 'nodes', namespaced: false };
const ACCOUNTS: ResourceType = { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true };
const apps = { group: 'apps', version: 'v1', namespaced: true } as const;
const REPLICA_SETS: ResourceType = { ...apps, kind: 'ReplicaSet', plural: 'replicasets' };
const DAEMON_SETS: ResourceType = { ...apps, kind: 'DaemonSet', plural: 'daemonsets' };
const batch = { group: 'batch', version: 'v1', namespaced: true } as const;
const JOBS: ResourceType = { ...batch, kind: 'Job', plural: 'jobs' };

const ALL_METADATA = [
  ...['namespace.name', 'pod.name', 'pod.uid', 'pod.hostname', 'pod.start_time', 'pod.ip', 'deployment.name'],
  ...['deployment.uid', 'replicaset.name', 'replicaset.uid', 'daemonset.name', 'daemonset.uid', 'statefulset.name'],
  ...['statefulset.uid', 'job.name', 'job.uid', 'cronjob.name', 'cronjob.uid', 'node.name', 'node.uid'],
  ...['container.name', 'cluster.uid'],
].map((name) => `k8s.${name}`);
const CONTAINERS = ['container.id', 'container.image.name', 'container.image.tag', 'container.image.repo_digests'];
const SERVICES = ['service.namespace', 'service.name', 'service.version', 'service.instance.id'];

const resource = (...names: string[]) => ({ sources: names.map((name) => ({ from: 'resource_attribute', name })) });
const connection = { sources: [{ from: 'connection' }] };
const direct = [resource('k8s.pod.ip'), resource('k8s.pod.uid'), connection];

/** Of both programs at once, by name; `auth_type` and waiting are added. */
const PROCESSORS: Readonly<Record<string, object>> = {
  everything: {
    extract: {
      metadata: [...ALL_METADATA, ...CONTAINERS, ...SERVICES],
      labels: [
        { from: 'pod', key: 'team' },
        { key: 'team', tag_name: 'the.team' },
        { key: 'absent', tag_name: 'absent' },
        { key_regex: 'app[.]kubernetes[.]io/(?P<what>.*)', tag_name: 'app.$what.$1' },
        { key_regex: 'te.m', tag_name: 'no.group' },
        { from: 'namespace', key: 'stage' },
        { from: 'namespace', key_regex: 'own(er)', tag_name: 'ns.$0.$1$$' },
        { from: 'node', key: 'topology.kubernetes.io/zone', tag_name: 'cloud.availability_zone' },
        { from: 'node', key_regex: 'kubernetes.*' },
        { from: 'deployment', key: 'tier' },
        { from: 'statefulset', key: 'tier' },
        { from: 'daemonset', key: 'tier' },
        { from: 'job', key: 'tier' },
      ],
      annotations: [
        { key: 'note' },
        { from: 'namespace', key: 'contact', tag_name: 'contact' },
        { from: 'node', key: 'rack' },
        { from: 'deployment', key: 'release' },
      ],
      otel_annotations: true,
    },
    pod_association: direct,
  },
  'as-rendered-legacy': podAttributes(
    { serviceEnrichment: 'kyma-legacy', podLabels: [{ key: 'team' }, { keyPrefix: 'app.' }] } as never,
    { associations: DIRECT },
  ).settings,
  'as-rendered-otel': podAttributes({ serviceEnrichment: 'otel', podLabels: [] } as never, { associations: ROUTED })
    .settings,
  defaults: {},
  passthrough: { passthrough: true },
  'node-alone': { filter: { node: 'node-b' }, extract: { metadata: ['k8s.pod.name', 'k8s.node.uid'] } },
  'node-of-the-environment': {
    filter: { node_from_env_var: 'SLUICE_TEST_NODE' },
    extract: { metadata: ['k8s.pod.name'] },
    pod_association: direct,
  },
  'namespace-alone': { filter: { namespace: 'other' }, pod_association: direct },
  labelled: {
    filter: {
      labels: [
        { key: 'team', value: 'shop' },
        { key: 'team', op: 'exists' },
        { key: 'gone', op: 'does-not-exist' },
        { key: 'team', value: 'x', op: 'not-equals' },
      ],
      fields: [{ key: 'spec.nodeName', value: 'node-b', op: 'not-equals' }],
    },
    pod_association: direct,
  },
  associated: {
    extract: {
      metadata: ['k8s.pod.name', 'container.id', 'k8s.deployment.name'],
      labels: [{ key: 'team', tag_name: 'team' }],
    },
    pod_association: [
      resource('k8s.namespace.name', 'k8s.pod.name'),
      resource('container.id'),
      resource('host.name'),
      resource('team'),
      { sources: [{ from: 'connection' }, { from: 'resource_attribute', name: 'k8s.pod.uid' }] },
      connection,
    ],
  },
  excluding: { exclude: { pods: [{ name: '^web' }, { name: 'pi$' }] }, pod_association: direct },
};

const CASES = Object.keys(PROCESSORS);
const NAMESPACE = 'shop';
const UID = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const owner = (kind: string, name: string, uid: string, apiVersion = 'apps/v1') => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
});

interface PodSpec {
  readonly name: string;
  readonly ip: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly owners?: readonly object[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  readonly hostname?: string;
  readonly images?: readonly string[];
  readonly startTime?: string;
}

const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Resources, by what is sent of them. */
type Attributes = Readonly<Record<string, unknown>>;

function otlpValue(value: unknown): object {
  if (typeof value === 'number') return { intValue: String(value) };
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value };
}

function requestOf(resources: readonly (readonly [mark: string, attributes: Attributes])[]): string {
  return JSON.stringify({
    resourceSpans: resources.map(([mark, attributes]) => ({
      resource: {
        attributes: Object.entries({ ...attributes, mark }).map(([key, value]) => ({ key, value: otlpValue(value) })),
      },
      scopeSpans: [{ spans: [{ traceId: '0'.repeat(31) + 1, spanId: '0'.repeat(15) + 1, name: 'x' }] }],
    })),
  });
}

interface Peer {
  readonly running: RunningProcess;
  readonly http: number;
  readonly folder: string;
}

describe.skipIf(missing !== undefined)(`k8s_attributes of the engine and of the real Collector${skipNote}`, () => {
  let plane: ControlPlane;
  let client: KubeClient;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-k8s-attributes-'));
  const running: Partial<Record<'otelcol' | 'sluice', Peer>> = {};
  const uids = new Map<string, string>();

  const addPod = async (pod: PodSpec) => {
    const { name, ip, namespace = NAMESPACE, node = 'node-a', hostNetwork = false, images = ['nginx:1.27'] } = pod;
    const created = await client.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        ...(pod.labels !== undefined && { labels: pod.labels }),
        ...(pod.annotations !== undefined && { annotations: pod.annotations }),
        ...(pod.owners !== undefined && { ownerReferences: pod.owners as never }),
      },
      spec: {
        nodeName: node,
        hostNetwork,
        automountServiceAccountToken: false,
        ...(pod.hostname !== undefined && { hostname: pod.hostname }),
        containers: images.map((image, i) => ({ name: `c${i}`, image })),
      },
    } as KubeObject);
    uids.set(name, created.metadata.uid!);
    const status = {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: pod.startTime ?? '2026-11-22T10:00:00Z',
      containerStatuses: images.map((image, i) => ({
        name: `c${i}`,
        image,
        imageID: `docker.io/library/nginx@${DIGEST}`,
        containerID: `containerd://${name}-${i}`,
        restartCount: i,
        ready: true,
        state: { running: { startedAt: '2026-11-22T10:00:00Z' } },
      })),
    };
    await client.mergePatch(PODS, { namespace, name }, { status }, 'status');
  };

  const add = async (
    type: ResourceType,
    name: string,
    rest: object = {},
    namespace: string | undefined = NAMESPACE,
  ) => {
    const { metadata = {}, ...body } = rest as { readonly metadata?: object };
    const made = await client.create(type, {
      apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
      kind: type.kind,
      metadata: { name, ...(type.namespaced && { namespace }), ...metadata },
      ...body,
    } as KubeObject);
    return made.metadata.uid!;
  };

  const start = async (name: 'otelcol' | 'sluice'): Promise<Peer> => {
    const http = await freePort();
    const own = join(folder, name);
    const auth = { auth_type: 'kubeConfig', wait_for_metadata: true, wait_for_metadata_timeout: '30s' };
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` } } } },
      processors: Object.fromEntries(
        CASES.map((id, i) => [
          `${i % 2 === 0 ? 'k8s_attributes' : 'k8sattributes'}/${id}`,
          { ...PROCESSORS[id], ...auth },
        ]),
      ),
      exporters: Object.fromEntries(CASES.map((id) => [`file/${id}`, { path: join(own, id), create_directory: true }])),
      service: {
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
        pipelines: Object.fromEntries(
          CASES.map((id, i) => [
            `traces/${id}`,
            {
              receivers: ['otlp'],
              processors: [`${i % 2 === 0 ? 'k8s_attributes' : 'k8sattributes'}/${id}`],
              exporters: [`file/${id}`],
            },
          ]),
        ),
      },
    };
    // A `$` of a name is doubled, as renderers do.
    const yaml = JSON.stringify(config).replaceAll('$', '$$$$');
    const env = { KUBECONFIG: plane.kubeconfig, SLUICE_TEST_NODE: 'node-b' };
    return { running: await (name === 'otelcol' ? startOtelcol : startSluiceEngine)(yaml, { env }), http, folder: own };
  };

  const both = () => Object.values(running) as readonly Peer[];

  const send = async (resources: readonly (readonly [string, Attributes])[], localAddress?: string) => {
    for (const { http } of both()) {
      const answer = await sendHttp(http, {
        path: '/v1/traces',
        body: requestOf(resources),
        headers: { 'content-type': 'application/json' },
        ...(localAddress !== undefined && { localAddress }),
      });
      expect(answer.status).toBe(200);
    }
  };

  /** The attributes of the last resource with this mark, sorted. */
  const outcome = ({ folder: own }: Peer, id: string, mark: string): readonly string[] | undefined => {
    let text = '';
    try {
      text = readFileSync(join(own, id), 'utf8');
    } catch {
      return undefined;
    }
    let found: readonly string[] | undefined;
    for (const line of text.split('\n').slice(0, -1)) {
      for (const { resource: one } of JSON.parse(line).resourceSpans) {
        const pairs = one.attributes as readonly { readonly key: string; readonly value: object }[];
        const isOurs = pairs.some(
          ({ key, value }) => key === 'mark' && (value as { stringValue: string }).stringValue === mark,
        );
        if (isOurs) found = pairs.map(({ key, value }) => `${key}=${JSON.stringify(value)}`).sort();
      }
    }
    return found;
  };

  const compare = async (marks: readonly string[]) => {
    const [collector, engine] = [running.otelcol!, running.sluice!];
    const outcomes: { readonly [mark: string]: readonly string[] }[] = [];
    for (const id of CASES) {
      for (const peer of [collector, engine]) {
        await waitFor(`${id} in the file`, () => marks.every((mark) => outcome(peer, id, mark) !== undefined));
      }
      const told = (peer: Peer) => Object.fromEntries(marks.map((mark) => [mark, outcome(peer, id, mark)!]));
      expect({ id, ...told(engine) }).toEqual({ id, ...told(collector) });
      outcomes.push(told(collector));
    }
    return Object.fromEntries(CASES.map((id, i) => [id, outcomes[i]!]));
  };

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    client = await kubeClient(plane.kubeconfig);
    const labels = { stage: 'test', owner: 'us' };
    for (const name of [NAMESPACE, 'other']) {
      await add(NAMESPACES, name, { metadata: { labels, annotations: { contact: 'shop@example.com' } } });
      await add(ACCOUNTS, 'default', {}, name);
    }
    for (const name of ['node-a', 'node-b']) {
      const nodeLabels = {
        'topology.kubernetes.io/zone': `zone-of-${name}`,
        'topology.kubernetes.io/region': 'eu',
        'kubernetes.io/arch': 'amd64',
      };
      await add(NODES, name, { metadata: { labels: nodeLabels, annotations: { rack: '7' } } });
    }
    const template = {
      selector: { matchLabels: { team: 'shop' } },
      template: {
        metadata: { labels: { team: 'shop' } },
        spec: { containers: [{ name: 'c', image: 'nginx' }], restartPolicy: 'Always' },
      },
    };
    const tier = { metadata: { labels: { tier: 'front' }, annotations: { release: '12' } } };
    const deployment = await add(DEPLOYMENTS, 'web', { ...tier, spec: template });
    const owners = [owner('Deployment', 'web', deployment)];
    const replicaSet = await add(REPLICA_SETS, 'web-6d4cf56db6', {
      metadata: { ownerReferences: owners },
      spec: template,
    });
    const alone = await add(REPLICA_SETS, 'alone', { spec: template });
    const statefulSet = await add(STATEFUL_SETS, 'db', { ...tier, spec: { ...template, serviceName: 'db' } });
    const daemonSet = await add(DAEMON_SETS, 'agent', { ...tier, spec: template });
    const jobSpec = { template: { spec: { containers: [{ name: 'c', image: 'nginx' }], restartPolicy: 'Never' } } };
    const job = await add(JOBS, 'pi', { ...tier, spec: jobSpec });
    const cronJobs = [owner('CronJob', 'nightly', UID(9), 'batch/v1')];
    const nightly = await add(JOBS, 'nightly-28931040', { metadata: { ownerReferences: cronJobs }, spec: jobSpec });

    const app = {
      'app.kubernetes.io/name': 'front',
      'app.kubernetes.io/instance': 'front-1',
      'app.kubernetes.io/version': '3',
    };
    await addPod({
      name: 'web-6d4cf56db6-x2x4z',
      ip: '127.0.0.11',
      owners: [owner('ReplicaSet', 'web-6d4cf56db6', replicaSet)],
      labels: { team: 'shop', ...app },
      annotations: {
        note: 'hello',
        'resource.opentelemetry.io/service.name': 'annotated',
        'resource.opentelemetry.io/foo': 'bar',
      },
      hostname: 'web-host',
    });
    await addPod({
      name: 'alone-abcde',
      ip: '127.0.0.12',
      owners: [owner('ReplicaSet', 'alone', alone)],
      labels: { team: 'shop', app: 'alone' },
      images: [`example.com:5000/team/alone:1.2@${DIGEST}`, 'sidecar'],
    });
    await addPod({ name: 'db-0', ip: '127.0.0.13', node: 'node-b', owners: [owner('StatefulSet', 'db', statefulSet)] });
    await addPod({
      name: 'agent-q',
      ip: '127.0.0.14',
      owners: [owner('DaemonSet', 'agent', daemonSet)],
      images: ['Bad:'],
    });
    await addPod({ name: 'pi-x', ip: '127.0.0.15', owners: [owner('Job', 'pi', job, 'batch/v1')] });
    await addPod({
      name: 'nightly-28931040-y',
      ip: '127.0.0.16',
      owners: [owner('Job', 'nightly-28931040', nightly, 'batch/v1')],
      images: [`nginx@${DIGEST}`],
    });
    await addPod({ name: 'static-node-a', ip: '127.0.0.17', owners: [owner('Node', 'node-a', UID(1), 'v1')] });
    await addPod({ name: 'on-host', ip: '127.0.0.1', hostNetwork: true, labels: { team: 'shop' } });
    await addPod({ name: 'elsewhere', ip: '127.0.0.18', namespace: 'other', labels: { team: 'other' } });
    await addPod({ name: 'jaeger-agent', ip: '127.0.0.19' });
    for (const name of ['otelcol', 'sluice'] as const) running[name] = await start(name);
  }, 120_000);
  afterAll(async () => {
    for (const peer of both()) await peer.running.stop();
    await client?.close();
    await plane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('give data the same attributes, whatever Pod it is of and however that is known', async () => {
    const addresses = Array.from({ length: 10 }, (_, i) => `127.0.0.${i + 10}`);
    const byAddress = addresses.map((ip) => [`ip ${ip}`, { 'k8s.pod.ip': ip }] as const);
    const byUid = [...uids].map(([name, uid]) => [`uid ${name}`, { 'k8s.pod.uid': uid }] as const);
    const ip = '127.0.0.12';
    const others: readonly (readonly [string, Attributes])[] = [
      [
        'keeps what is there',
        { 'k8s.pod.ip': ip, 'k8s.pod.name': 'mine', 'service.name': 'mine', 'k8s.node.name': 'x' },
      ],
      ['fills what is empty', { 'k8s.pod.ip': ip, 'k8s.pod.name': '', 'service.name': '' }],
      ['keeps a number', { 'k8s.pod.ip': ip, 'k8s.pod.name': 7, 'k8s.namespace.name': false }],
      ['an address that is a number', { 'k8s.pod.ip': 7 }],
      ['container by name', { 'k8s.pod.ip': ip, 'k8s.container.name': 'c1' }],
      ['container by unknown name', { 'k8s.pod.ip': ip, 'k8s.container.name': 'c9' }],
      ['container by id', { 'k8s.pod.ip': ip, 'container.id': 'alone-abcde-0' }],
      ['container by restart', { 'k8s.pod.ip': ip, 'k8s.container.name': 'c1', 'k8s.container.restart_count': 1 }],
      [
        'container by other restart',
        { 'k8s.pod.ip': ip, 'k8s.container.name': 'c1', 'k8s.container.restart_count': '4' },
      ],
      ['namespace and name', { 'k8s.namespace.name': 'other', 'k8s.pod.name': 'elsewhere' }],
      ['a namespace alone', { 'k8s.namespace.name': 'other' }],
      ['a node alone', { 'k8s.node.name': 'node-b' }],
      ['host name', { 'host.name': '127.0.0.13' }],
      ['host name that is a name', { 'host.name': 'db-0' }],
      ['a label', { team: 'other' }],
      ['ip', { ip: '127.0.0.14' }],
      ['unknown address', { 'k8s.pod.ip': '10.9.9.9' }],
      ['nothing', {}],
    ];
    const resources = [...byAddress, ...byUid, ...others];
    await send(resources);
    const marks = resources.map(([mark]) => mark);
    for (const address of addresses) {
      await send(
        [
          [`from ${address}`, {}],
          [`from ${address} with uid`, { 'k8s.pod.uid': uids.get('db-0')! }],
        ],
        address,
      );
      marks.push(`from ${address}`, `from ${address} with uid`);
    }
    const told = await compare(marks);
    // That both say nothing would be the same, too.
    const web = told['everything']!['from 127.0.0.11']!;
    expect(web).toEqual(
      expect.arrayContaining([
        'k8s.pod.name={"stringValue":"web-6d4cf56db6-x2x4z"}',
        'k8s.deployment.name={"stringValue":"web"}',
        'k8s.deployment.label.tier={"stringValue":"front"}',
        'service.name={"stringValue":"front-1"}',
        'foo={"stringValue":"bar"}',
      ]),
    );
    expect(told['as-rendered-otel']!['ip 127.0.0.16']).toContain('k8s.cronjob.name={"stringValue":"nightly"}');
    expect(told['passthrough']!['from 127.0.0.13']).toContain('k8s.pod.ip={"stringValue":"127.0.0.13"}');
    expect(told['node-of-the-environment']!['ip 127.0.0.13']).toContain('k8s.pod.name={"stringValue":"db-0"}');
    expect(told['node-of-the-environment']!['ip 127.0.0.12']).toEqual(
      expect.not.arrayContaining(['k8s.pod.name={"stringValue":"alone-abcde"}']),
    );
    expect(told['associated']!['container by id']).toContain('k8s.pod.name={"stringValue":"alone-abcde"}');
    expect(told['excluding']!['from 127.0.0.11']!.join()).not.toContain('k8s.pod.name');
  }, 60_000);

  it('tell of a Pod that is gone until another one has its address, and of a label as soon as it changes', async () => {
    const probe = async (mark: string, expected: string) => {
      const data = [[mark, { 'k8s.pod.ip': '127.0.0.15' }]] as const;
      await waitFor(`${mark} at both`, async () => {
        await send(data);
        return both().every(
          (peer) => outcome(peer, 'everything', mark)?.some((one) => one.includes(expected)) === true,
        );
      });
      await compare([mark]);
    };
    await client.mergePatch(PODS, { namespace: NAMESPACE, name: 'pi-x' }, { metadata: { labels: { team: 'new' } } });
    await probe('labelled anew', 'the.team={"stringValue":"new"}');
    await plane.run(['delete', 'pod', 'pi-x', '-n', NAMESPACE, '--grace-period=0', '--force']);
    await probe('gone', 'k8s.pod.name={"stringValue":"pi-x"}');
    await addPod({ name: 'successor', ip: '127.0.0.15', startTime: '2026-11-22T11:00:00Z' });
    await probe('address taken over', 'k8s.pod.name={"stringValue":"successor"}');
    await addPod({ name: 'older', ip: '127.0.0.15', startTime: '2026-11-22T09:00:00Z' });
    await addPod({ name: 'later', ip: '127.0.0.21' });
    await waitFor('what came after the older one', async () => {
      await send([['later', { 'k8s.pod.ip': '127.0.0.21' }]]);
      return both().every((peer) => outcome(peer, 'everything', 'later')?.join().includes('"later"') === true);
    });
    await probe('not by one that started before', 'k8s.pod.name={"stringValue":"successor"}');
  }, 60_000);
});

describe('the engine without a cluster', () => {
  const startWith = async (settings: object, env: Readonly<Record<string, string>>) => {
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${await freePort()}` } } } },
      processors: { k8s_attributes: settings },
      exporters: { debug: {} },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: { receivers: ['otlp'], processors: ['k8s_attributes'], exporters: ['debug'] } },
      },
    };
    return startSluiceEngine(JSON.stringify(config), { env });
  };
  const nowhere = { KUBERNETES_SERVICE_HOST: '', KUBECONFIG: '' };

  it('says at once that it runs in no Pod, whatever kubeconfig there is', async () => {
    await expect(startWith({}, { ...nowhere, KUBECONFIG: '/dev/null' })).rejects.toThrow(
      /SL0710.*no cluster is configured: this process runs in no Pod/s,
    );
  });

  it('says that nothing could be read where it is to wait for that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-no-cluster-'));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${await freePort()}` } }],
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        users: [{ name: 'a', user: {} }],
        'current-context': 'a',
      }),
    );
    const settings = { auth_type: 'kubeConfig', wait_for_metadata: true, wait_for_metadata_timeout: '1s' };
    await expect(startWith(settings, { ...nowhere, KUBECONFIG: kubeconfig })).rejects.toThrow(
      /SL0710.*not read from http:\/\/127.0.0.1:\d+ within 1 s/s,
    );
    rmSync(folder, { recursive: true, force: true });
  });

  it('needs none to pass on where data comes from', async () => {
    const running = await startWith({ passthrough: true }, nowhere);
    await running.stop();
  });
});
