import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { requirePeer } from '../../../testbed/index.ts';
import { startCapture } from '../../testkit/capture.ts';
import { listen } from '../../testkit/free-port.ts';
import { waitFor } from '../../testkit/wait-for.ts';
import { createFolder, namesOf, pipelineOf, pointsOf, removeFolder, renderAgent, startAgent } from './agent-process.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const time = '2026-11-22T10:00:00Z';
const cpu = { time, usageNanoCores: 1000, usageCoreNanoSeconds: 1000 };
const memory = {
  time,
  availableBytes: 1,
  usageBytes: 1,
  workingSetBytes: 1,
  rssBytes: 1,
  pageFaults: 1,
  majorPageFaults: 1,
};
const fs = { time, availableBytes: 1, capacityBytes: 1, usedBytes: 1, inodes: 1, inodesFree: 1, inodesUsed: 1 };
const network = (...names: readonly string[]) => ({
  time,
  name: names[0],
  rxBytes: 1,
  txBytes: 1,
  rxErrors: 0,
  txErrors: 0,
  interfaces: names.map((name) => ({ name, rxBytes: 1, txBytes: 1, rxErrors: 0, txErrors: 0 })),
});
const volumes = ['data', 'scratch', 'settings'];

const summaryOf = (namespace: string) => ({
  podRef: { name: `${namespace}-pod`, namespace, uid: `uid-${namespace}` },
  startTime: time,
  containers: [{ name: 'app', startTime: time, cpu, memory, rootfs: fs }],
  cpu,
  memory,
  network: network('eth0'),
  'ephemeral-storage': fs,
  volume: volumes.map((name) => ({ ...fs, name })),
});

const podOf = (namespace: string) => ({
  metadata: { name: `${namespace}-pod`, namespace, uid: `uid-${namespace}` },
  spec: {
    containers: [{ name: 'app', resources: { limits: { cpu: '1' } } }],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-claim' } },
      { name: 'scratch', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
    ],
  },
  status: { containerStatuses: [{ name: 'app', containerID: 'containerd://1' }] },
});

/** Answers as a kubelet of one node does, with a Pod in each of these namespaces. */
async function startKubelet(namespaces: readonly string[]): Promise<number> {
  const node = { nodeName: 'node-1', startTime: time, cpu, memory, fs, network: network('eth0', 'cali12ab', 'ens5') };
  const server = createServer((request, response) => {
    const isPods = (request.url ?? '').startsWith('/pods');
    const body = isPods
      ? { kind: 'PodList', apiVersion: 'v1', items: namespaces.map(podOf) }
      : { node, pods: namespaces.map(summaryOf) };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  const port = await listen(server);
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

interface Collector {
  readonly receivers: Record<string, Record<string, unknown>>;
  readonly extensions: Record<string, unknown>;
  readonly service: { readonly extensions: string[]; readonly pipelines: Record<string, { receivers: string[] }> };
}

/** The kubelet is here and asks for no token; there is no API server. */
function withKubelet(port: number): (yaml: string) => string {
  return (yaml) => {
    const config = parse(yaml) as Collector;
    Object.assign(config.receivers['kubeletstats']!, { auth_type: 'none', endpoint: `127.0.0.1:${port}` });
    delete config.receivers['k8s_cluster'];
    delete config.extensions['k8s_leader_elector'];
    const { extensions, pipelines } = config.service;
    for (const pipeline of Object.values(pipelines)) {
      pipeline.receivers = pipeline.receivers.filter((id) => id !== 'k8s_cluster');
    }
    return stringify({
      ...config,
      service: { ...config.service, extensions: extensions.filter((id) => id !== 'k8s_leader_elector') },
    });
  };
}

async function collect(inputs: readonly object[], namespaces: readonly string[]) {
  const backends = await Promise.all(inputs.map(() => startCapture()));
  for (const backend of backends) ends.push(() => backend.stop());
  const port = await startKubelet(namespaces);
  const folder = createFolder();
  ends.push(() => removeFolder(folder));
  const pipelines = inputs.map((runtime, index) =>
    pipelineOf('MetricPipeline', `p${index}`, { runtime: { enabled: true, ...runtime } }, backends[index]!.grpcPort),
  );
  const telemetry = {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'kyma-system' },
    spec: { metric: { runtime: { collectionInterval: '500ms' } } },
  };
  const agent = await startAgent(renderAgent([telemetry, ...pipelines]), { folder, change: withKubelet(port) });
  ends.push(() => agent.stop());
  await waitFor('two rounds', () => backends.every((backend) => backend.accepted().length >= 4));
  return backends;
}

const ONLY = (...kinds: readonly string[]) =>
  Object.fromEntries(
    ['pod', 'container', 'node', 'volume', 'daemonset', 'deployment', 'statefulset', 'job'].map((kind) => [
      kind,
      { enabled: kinds.includes(kind) },
    ]),
  );

describe.skipIf(peer.status === 'missing')(`the input runtime, run by the real Collector${skipNote}`, () => {
  it('takes what upstream takes, of claims alone and of real interfaces', async () => {
    const [backend] = await collect([{}], ['shop', 'kube-system']);
    const points = pointsOf(backend!);
    expect(namesOf(backend!).filter((name) => name.startsWith('k8s.node.'))).toEqual([
      'k8s.node.cpu.usage',
      'k8s.node.filesystem.available',
      'k8s.node.filesystem.capacity',
      'k8s.node.filesystem.usage',
      'k8s.node.memory.available',
      'k8s.node.memory.rss',
      'k8s.node.memory.usage',
      'k8s.node.memory.working_set',
      'k8s.node.network.errors',
      'k8s.node.network.io',
    ]);
    expect(namesOf(backend!).filter((name) => name.startsWith('container.'))).toHaveLength(11);
    expect(namesOf(backend!).filter((name) => name.startsWith('k8s.pod.'))).toHaveLength(13);
    const valuesOf = (key: string) => [...new Set(points.map(({ resource }) => resource[key]))].filter(Boolean);
    expect(valuesOf('k8s.volume.name')).toEqual(['data']);
    expect(valuesOf('k8s.namespace.name')).toEqual(['shop']);
    const interfaces = points
      .filter(({ name }) => name === 'k8s.node.network.io')
      .map((one) => one.attributes['interface']);
    expect([...new Set(interfaces)].sort()).toEqual(['ens5', 'eth0']);
    expect(new Set(points.map(({ scope }) => scope))).toEqual(new Set(['io.kyma-project.telemetry/runtime']));
  });

  it('finds the service of what has a Pod, and leaves the node without one', async () => {
    const [backend] = await collect([{ resources: ONLY('pod', 'node') }], ['shop']);
    const points = pointsOf(backend!);
    const ofPod = points.find(({ name }) => name === 'k8s.pod.cpu.usage');
    expect(ofPod?.resource).toMatchObject({ 'k8s.pod.name': 'shop-pod', 'service.name': 'shop-pod' });
    const ofNode = points.find(({ name }) => name === 'k8s.node.cpu.usage');
    expect(ofNode?.resource).toEqual({ 'k8s.node.name': 'node-1' });
  });

  it('gives each pipeline the resources, metrics and namespaces it takes; what has no namespace is never left out', async () => {
    const [pods, nodes, rest] = await collect(
      [
        {
          resources: ONLY('pod'),
          namespaces: { include: ['shop'] },
          additionalMetrics: ['k8s.pod.cpu_limit_utilization'],
        },
        { resources: ONLY('node'), namespaces: { include: ['none'] }, additionalMetrics: ['k8s.node.cpu.time'] },
        { resources: ONLY('container', 'volume'), namespaces: {} },
      ],
      ['shop', 'billing', 'kube-system'],
    );
    const namespacesOf = (backend: typeof pods) =>
      [...new Set(pointsOf(backend!).map(({ resource }) => resource['k8s.namespace.name']))].sort();
    expect(namesOf(pods!)).toHaveLength(14);
    expect(namesOf(pods!).every((name) => name.startsWith('k8s.pod.'))).toBe(true);
    expect(namesOf(pods!)).toContain('k8s.pod.cpu_limit_utilization');
    expect(namespacesOf(pods)).toEqual(['shop']);
    expect(namesOf(nodes!)).toHaveLength(11);
    expect(namesOf(nodes!)).toContain('k8s.node.cpu.time');
    expect(namespacesOf(nodes)).toEqual([undefined]);
    expect(namesOf(rest!)).toHaveLength(16);
    expect(namespacesOf(rest)).toEqual(['billing', 'kube-system', 'shop']);
  });
});
