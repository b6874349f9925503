import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packNamedImage } from '../../testbed/image/images.ts';
import {
  BUSYBOX,
  type ClusterNode,
  lockNode,
  NODE_LOCK,
  type PodState,
  requireClusterNode,
  startClusterNode,
} from '../testkit/cluster-node.ts';
import { NODE_BRIDGE, NODE_DATA, NODE_STATE } from '../testkit/cluster-node-config.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireClusterNode();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 10001,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const SERVER = 'echo serving as $(hostname); while true; do echo "from $(hostname)" | nc -l -p 8080; done';
const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'server', image: BUSYBOX, imagePullPolicy: 'Never', command: ['sh', '-c', SERVER] }],
      },
    },
  },
};
const service = (name: string, fields: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...fields },
});

describe.skipIf(peer.status === 'missing')(`a node${skipNote}`, () => {
  let node: ClusterNode;
  let pods: readonly PodState[];
  const inPod = (...command: readonly string[]) => node.run(['exec', pods[0]!.name, '--', ...command]);

  beforeAll(async () => {
    node = await startClusterNode();
    await node.apply([web, service('web', {}), service('web-pods', { clusterIP: 'None' })]);
    pods = await node.waitForPods({ selector: 'app=web', count: 2 });
  });
  afterAll(() => node?.stop());

  it('shows what a container writes, and has it as a file where agents look for it', async () => {
    const [pod] = pods;
    const line = `serving as ${pod!.name}`;
    await waitFor('the line', async () => (await node.run(['logs', pod!.name])).includes(line));
    const path = `/var/log/pods/default_${pod!.name}_${pod!.uid}/server/0.log`;
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^\\S+ stdout F ${line}$`, 'm'));
  });

  it('leads a Service to its pods, from a pod by name and from this machine by address', async () => {
    const { spec } = JSON.parse(await node.run(['get', 'service', 'web', '-o', 'json']));
    const answers = /^from web-/;
    await waitFor('an answer in the pod', async () => answers.test(await inPod('nc', '-w', '5', 'web', '80')));
    const answer = () =>
      spawnSync('/bin/busybox', ['nc', '-w', '5', spec.clusterIP, '80'], { encoding: 'utf8' }).stdout;
    await waitFor('an answer here', () => answers.test(answer()));
  });

  it('resolves a headless Service to the addresses of its pods', async () => {
    // A Pod is Ready a moment before DNS knows it.
    await waitFor('the addresses of both', async () => {
      const answer = await inPod('nslookup', 'web-pods.default.svc.cluster.local');
      return pods.every(({ ip }) => answer.includes(`Address: ${ip}\n`));
    });
  });

  it('lets pods reach the API server by the address of its Service', async () => {
    const answer = await inPod(
      'sh',
      '-c',
      'nc -w 3 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT < /dev/null && echo reached',
    );
    expect(answer).toContain('reached');
  });

  it("has the kubelet's figures of pods, and cAdvisor's", async () => {
    const kubelet = `/api/v1/nodes/${node.nodeName}/proxy`;
    await waitFor('figures of both pods', async () => {
      const summary = JSON.parse(await node.run(['get', '--raw', `${kubelet}/stats/summary`]));
      const names = summary.pods.map(({ podRef }: { readonly podRef: { readonly name: string } }) => podRef.name);
      return pods.every(({ name }) => names.includes(name));
    });
    expect(await node.run(['get', '--raw', `${kubelet}/metrics/cadvisor`])).toContain(
      'container_memory_working_set_bytes',
    );
  });

  it('gives a Pod a volume that is a folder of the node', async () => {
    await node.addVolumes('local', { count: 2 });
    await node.apply([claim('data', 'local'), podWithVolume('writer', 'data')]);
    await node.waitForPods({ selector: 'app=writer', count: 1 });
    const written = readdirSync(join(NODE_DATA, 'volumes')).filter((name) =>
      existsSync(join(NODE_DATA, 'volumes', name, 'written')),
    );
    expect(written).toHaveLength(1);
  });

  it('runs a Collector from its image as nobody in particular, with nothing to write to', async () => {
    const image = await packNamedImage('sluice-otelcol');
    await node.importImages(image);
    await runRestricted(node, { name: 'collector', image: image.tag, folder: '/etc/otelcol' });
  });

  it('runs Sluice from its image as nobody in particular, with nothing to write to', async () => {
    const image = await packNamedImage('sluice');
    await node.importImages(image);
    const args = ['engine', '--config', '/etc/sluice/config.yaml'];
    await runRestricted(node, { name: 'sluice', image: image.tag, args, folder: '/etc/sluice' });
  });
});

describe.skipIf(peer.status === 'missing')(`the machine after a node${skipNote}`, () => {
  const leftovers = () => ({
    bridge: existsSync(`/sys/class/net/${NODE_BRIDGE}`),
    folders: [NODE_STATE, NODE_DATA].filter(existsSync),
    mounts: readFileSync('/proc/mounts', 'utf8').includes(NODE_DATA),
    chains: spawnSync('iptables-save', { encoding: 'utf8' }).stdout.includes('KUBE-'),
    groups: readdirSync('/sys/fs/cgroup', { recursive: false }).some((name) =>
      existsSync(join('/sys/fs/cgroup', String(name), 'kubepods')),
    ),
    elsewhere: ['/var/lib/cni', '/var/lib/kubelet', '/run/containerd', '/var/log/pods'].filter(existsSync),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  });
  /** While no other process has a node here. */
  const lookAlone = async () => {
    const release = await lockNode();
    try {
      return leftovers();
    } finally {
      release();
    }
  };
  const hasLock = (pid: number | undefined) => existsSync(NODE_LOCK) && readFileSync(NODE_LOCK, 'utf8') === String(pid);

  it('is as before, even when the process that had the node was killed', async () => {
    const before = await lookAlone();
    expect(before).toMatchObject({ bridge: false, folders: [], mounts: false, chains: false, groups: false });
    const module = join(import.meta.dirname, '../testkit/cluster-node.ts');
    const script = `
      const { startClusterNode, BUSYBOX } = await import(${JSON.stringify(module)});
      const node = await startClusterNode();
      await node.run(['run', 'sleeper', '--image', BUSYBOX, '--image-pull-policy=Never', '--labels=app=sleeper', '--', 'sleep', '600']);
      await node.waitForPods({ selector: 'app=sleeper', count: 1 });
      console.log('runs');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error('the process with the node ended')));
    });
    expect(leftovers()).toMatchObject({ bridge: true, mounts: true, chains: true, groups: true });
    child.kill('SIGKILL');
    await waitFor('somebody cleans up', () => !hasLock(child.pid));
    expect(await lookAlone()).toEqual(before);
  });
});

function claim(name: string, storageClassName: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

function podWithVolume(name: string, claimName: string): object {
  const script = 'touch /data/written && sleep 600';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name,
          image: BUSYBOX,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', script],
          readinessProbe: { exec: { command: ['test', '-e', '/data/written'] }, periodSeconds: 1 },
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  };
}

const CONFIG = `
receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}}}}
exporters: {debug: {}}
service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}
`;

interface Program {
  /** Of its namespace, Pod and container. */
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  /** Where it has config.yaml. */
  readonly folder: string;
}

/** A Collector's Pod that receives at 4317, in a namespace that takes restricted Pods only; resolves once it is Ready. */
async function runRestricted(node: ClusterNode, { name, image, args, folder }: Program): Promise<void> {
  const metadata = { name, namespace: name, labels: { app: name } };
  const container = {
    name,
    image,
    ...(args === undefined ? {} : { args }),
    securityContext: RESTRICTED,
    readinessProbe: { tcpSocket: { port: 4317 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'config', mountPath: folder }],
  };
  const volumes = [{ name: 'config', configMap: { name } }];
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await node.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': CONFIG } },
  ]);
  const spec = { automountServiceAccountToken: false, containers: [container], volumes };
  await node.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
  await node.waitForPods({ namespace: name, selector: `app=${name}`, count: 1 });
}
