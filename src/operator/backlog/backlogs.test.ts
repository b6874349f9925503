import { beforeEach, describe, expect, it } from 'vitest';
import type { MetricsSample } from '../../flow/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { PipelineGraph } from '../../pipeline/index.ts';
import type { Topology } from '../../topology/index.ts';
import type { CompiledCluster } from '../compile/cluster-compiler.ts';
import type { ObservedWorkload } from '../rollout/observe-rollout.ts';
import { Backlogs, type BacklogsOptions } from './backlogs.ts';
import { queueKey, type RememberedQueue, type RememberedQueues } from './remembered-queue.ts';
import { backlogConditions, backlogEvents, backlogsOf, givenUpWorkloads } from './told-backlogs.ts';

const graph = (name: string) =>
  ({
    kind: 'TracePipeline',
    name,
    signal: 'traces',
    exporter: { type: 'otlp', protocol: 'grpc' },
    queue: { sizeBytes: 1, disk: {} },
  }) as unknown as PipelineGraph;

const gateway = (name: string, { fills = [] as string[], drains = [] as string[] } = {}) => ({
  role: 'gateway',
  name,
  pipelines: fills.map(graph),
  ...(drains.length === 0 ? {} : { draining: drains.map(graph) }),
});
const topologyOf = (...workloads: readonly object[]) => ({ workloads, agents: [] }) as unknown as Topology;
const compiledOf = (topology: Topology) => ({ rendering: { topology } }) as unknown as CompiledCluster;

const remembered = (workload: string, name: string, emptied = false): RememberedQueue => ({
  workload,
  identity: `otlp_grpc/tracepipeline-${name}`,
  manifest: { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind: 'TracePipeline', metadata: { name } },
  ...(emptied && { emptied }),
});
const queuesOf = (...queues: readonly RememberedQueue[]): RememberedQueues =>
  new Map(queues.map((queue) => [queueKey(queue), queue]));

const CONFIG = { hash: 'h', files: [{ name: 'config-h' }], environment: [] };
const mounts = { volumes: [{ configMap: { name: 'config-h' } }, { persistentVolumeClaim: { claimName: 'c' } }] };

function statefulSet(workload: string): KubeObject {
  const name = `telemetry-${workload}`;
  const metadata = { name, namespace: 'n', generation: 1, labels: { 'app.kubernetes.io/name': name } };
  const status = { observedGeneration: 1, updatedReplicas: 1, availableReplicas: 1 };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { replicas: 1, template: { spec: mounts } },
    status,
  };
}

function pod(workload: string, { uid = 'u', spec = mounts as object, isEndpoint = false } = {}): KubeObject {
  const labels = {
    'app.kubernetes.io/name': `telemetry-${workload}`,
    ...(isEndpoint && { 'telemetry.kyma-project.io/otlp-endpoint': 'true' }),
  };
  const metadata = { name: `telemetry-${workload}-0`, namespace: 'n', uid, labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
}

describe('backlogs', () => {
  let controllers: KubeObject[];
  let pods: KubeObject[];
  let claims: KubeObject[];
  let deleted: string[];
  let samples: MetricsSample[];
  let backlogs: Backlogs;
  beforeEach(() => {
    [controllers, pods, claims, deleted, samples] = [[], [], [], [], []];
    backlogs = new Backlogs({
      namespace: 'n',
      log: { info: () => {}, warn: () => {}, error: () => {} },
      watch: { controllers: () => controllers, pods: { list: () => pods } },
      samplesOf: () => ({ 'telemetry-trace-gateway-0': samples }),
      client: {
        list: async () => ({ items: claims, resourceVersion: '1' }),
        delete: async (_type: unknown, { name }: { name: string }, { uid }: { uid?: string }) => {
          deleted.push(`${name} ${uid}`);
          return true;
        },
      },
    } as unknown as BacklogsOptions);
  });

  const observe = (workload: string, rest: Partial<ObservedWorkload> = {}): ObservedWorkload =>
    ({
      wanted: { workload, role: 'gateway', config: CONFIG, configHash: 'h', objects: [statefulSet(workload)] },
      health: { workload, role: 'gateway', state: 'ready', serving: true, message: '' },
      controller: controllers.find(({ metadata }) => metadata.name === `telemetry-${workload}`),
      pods,
      ...rest,
    }) as unknown as ObservedWorkload;
  const settle = (queues: RememberedQueues, topology: Topology, rest: object = {}) =>
    backlogs.settle(queues, {
      topology,
      observed: topology.workloads.map(({ name }) => observe(name)),
      givenUp: new Set(),
      nowMs: 0,
      signal: new AbortController().signal,
      ...rest,
    });
  const compile = (queues: RememberedQueues, topology: Topology) => {
    let drained: readonly RememberedQueue[] = [];
    backlogs.compile(queues, (draining) => {
      drained = draining;
      return compiledOf(topology);
    });
    return drained.map(queueKey);
  };
  const says = (atMs: number, queueSize: number, deadLetterBytes = 0): MetricsSample => ({
    atMs,
    exporters: {
      'otlp_grpc/tracepipeline-shop': {
        sent: 0,
        sendFailed: 0,
        enqueueFailed: 0,
        queueSize,
        queueCapacity: 9,
        deadLetterBytes,
      },
    },
    intake: {},
    usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0, uptimeSeconds: atMs / 1000 },
  });
  const shop = remembered('trace-gateway', 'shop');
  const drainsShop = topologyOf(gateway('trace-gateway', { fills: ['other'], drains: ['shop'] }));

  it('drains a queue that nothing fills any more in a workload that stays', () => {
    expect(compile(queuesOf(shop), topologyOf(gateway('trace-gateway')))).toEqual([queueKey(shop)]);
  });

  it('does not drain what is filled, or is known to be empty', () => {
    expect(compile(queuesOf(shop), topologyOf(gateway('trace-gateway', { fills: ['shop'] })))).toEqual([]);
    expect(compile(queuesOf({ ...shop, emptied: true }), topologyOf(gateway('trace-gateway')))).toEqual([]);
  });

  it('leaves a workload as it is until its place is taken, and then lets it drain', () => {
    controllers.push(statefulSet('trace-gateway'));
    const next = topologyOf(gateway('otlp-gateway'));
    expect(compile(queuesOf(shop), next)).toEqual([]);
    const keeps = backlogs.keeper([])(statefulSet('trace-gateway'));
    expect(keeps).toBe(true);
    const rolling = { health: { role: 'gateway', state: 'rolling' } } as unknown as Partial<ObservedWorkload>;
    expect(backlogs.release([observe('otlp-gateway', rolling)], 0)).toBe(false);
    expect(backlogs.release([observe('otlp-gateway')], 0)).toBe(true);
    expect(compile(queuesOf(shop), next)).toEqual([queueKey(shop)]);
    expect(backlogs.keeper([])(statefulSet('trace-gateway'))).toBe(false);
  });

  it('drains what only a volume is left of, so that a Secret that comes back is of use', () => {
    expect(compile(queuesOf(shop), topologyOf(gateway('otlp-gateway')))).toEqual([queueKey(shop)]);
  });

  it.each([
    ['0/1 nodes are available: 1 Insufficient memory.', true],
    ['0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.', false],
  ])('lets what runs go for a successor that is not scheduled because of "%s": %s', (message, is) => {
    controllers.push(statefulSet('trace-gateway'));
    compile(queuesOf(), topologyOf(gateway('otlp-gateway')));
    const waiting = pod('otlp-gateway');
    const problem = {
      cause: 'NotScheduled',
      message: 'cut',
      pod: {
        ...waiting,
        metadata: { ...waiting.metadata, creationTimestamp: '1970-01-01T00:00:00Z' },
        status: { conditions: [{ type: 'PodScheduled', status: 'False', message }] },
      },
    };
    const health = { workload: 'otlp-gateway', role: 'gateway', state: 'failing', problem };
    const failing = { health } as unknown as Partial<ObservedWorkload>;
    expect(backlogs.release([observe('otlp-gateway', failing)], 121_000)).toBe(is);
  });

  it('takes a queue for empty by what Pods said since they drain, and looks again while none did', async () => {
    controllers.push(statefulSet('trace-gateway'));
    pods.push(pod('trace-gateway'));
    samples = [says(30_000, 0), says(40_000, 0)];
    const queues = await settle(queuesOf(shop), drainsShop, { nowMs: 45_000 });
    expect(queues).toEqual(queuesOf(shop));
    expect(backlogs.isPending).toBe(true);
    samples.push(says(50_000, 1), says(60_000, 0));
    expect(await settle(queues, drainsShop, { nowMs: 61_000 })).toEqual(queuesOf(shop));
    samples.push(says(70_000, 0));
    const after = await settle(queues, drainsShop, { nowMs: 71_000 });
    expect(after.get(queueKey(shop))).toBeUndefined();
    expect(deleted).toEqual([]);
  });

  it.each([
    ['that goes', ['BacklogDelivered', 'DeadLettersRemoved'], {}],
    ['that stays for others', ['BacklogDelivered'], { fills: ['other'] }],
  ])('names the dead letters on a volume %s', async (_, reasons, stays) => {
    controllers.push(statefulSet('trace-gateway'));
    pods.push(pod('trace-gateway'));
    const topology = topologyOf(gateway('trace-gateway', { ...stays, drains: ['shop'] }));
    await settle(queuesOf(shop), topology, { nowMs: 45_000 });
    samples = [says(50_000, 0), says(60_000, 0, 4096)];
    const before = backlogsOf(queuesOf(shop), topology);
    const after = await settle(queuesOf(shop), topology, { nowMs: 61_000 });
    const { deadLetterBytes } = backlogs;
    const events = backlogEvents(before, backlogsOf(after, topology), { givenUp: new Set(), deadLetterBytes });
    expect(events.map(({ reason }) => reason)).toEqual(reasons);
    const [, removed] = events;
    if (removed === undefined) return;
    const note = '4 KiB of dead letters of TracePipeline/shop in `trace-gateway` go with its volumes';
    expect(removed).toMatchObject({ type: 'Warning', note });
  });

  it('remembers that a queue was the last on its volume until that is gone', async () => {
    controllers.push(statefulSet('trace-gateway'));
    const drainsAlone = topologyOf(gateway('trace-gateway', { drains: ['shop'] }));
    const after = await settle(queuesOf(shop), drainsAlone, { givenUp: new Set(['trace-gateway']) });
    expect(after).toEqual(queuesOf({ ...shop, emptied: true }));
    expect(backlogs.isPending).toBe(true);
  });

  it.each([
    ['Pending', true],
    ['Bound', false],
  ])('takes what waits for a volume that is %s for empty: %s', async (phase, is) => {
    controllers.push(statefulSet('trace-gateway'));
    const conditions = [{ type: 'PodScheduled', status: 'False', message: 'unbound PersistentVolumeClaims' }];
    pods.push({ ...pod('trace-gateway'), status: { conditions } });
    const metadata = { name: 'c-0', namespace: 'n', uid: 'x' };
    claims = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, status: { phase } }];
    const after = await settle(queuesOf(shop), topologyOf(gateway('trace-gateway', { drains: ['shop'] })));
    expect(after.get(queueKey(shop))?.emptied ?? false).toBe(is);
  });

  it('believes no Pod that runs another configuration, or one of another process under its name', async () => {
    controllers.push(statefulSet('trace-gateway'));
    const other = { volumes: [{ configMap: { name: 'config-before' } }] };
    pods.push(pod('trace-gateway', { spec: other }));
    await settle(queuesOf(shop), drainsShop, { nowMs: 10_000 });
    samples = [says(30_000, 0), says(40_000, 0)];
    expect(await settle(queuesOf(shop), drainsShop, { nowMs: 41_000 })).toEqual(queuesOf(shop));
    pods[0] = pod('trace-gateway', { uid: 'successor' });
    expect(await settle(queuesOf(shop), drainsShop, { nowMs: 41_000 })).toEqual(queuesOf(shop));
  });

  it('believes no workload that was pinned to the configuration before', async () => {
    controllers.push(statefulSet('trace-gateway'));
    pods.push(pod('trace-gateway'));
    const pinned = () => {
      const one = observe('trace-gateway');
      return { ...one, wanted: { ...one.wanted, configHash: 'refused' } };
    };
    await settle(queuesOf(shop), drainsShop, { observed: [pinned()] });
    samples = [says(30_000, 0), says(40_000, 0)];
    expect(await settle(queuesOf(shop), drainsShop, { observed: [pinned()], nowMs: 41_000 })).toEqual(queuesOf(shop));
  });

  it('removes volumes by uid when the workload is gone, and not before', async () => {
    claims = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c-0', namespace: 'n', uid: 'x' } }];
    const empty = queuesOf({ ...shop, emptied: true });
    const next = topologyOf(gateway('otlp-gateway'));
    controllers.push(statefulSet('trace-gateway'));
    pods.push(pod('trace-gateway'));
    expect(await settle(empty, next, { observed: [] })).toEqual(empty);
    controllers.length = 0;
    expect(await settle(empty, next, { observed: [] })).toEqual(empty);
    expect(deleted).toEqual([]);
    pods.length = 0;
    expect(await settle(empty, next, { observed: [] })).toEqual(queuesOf());
    expect(deleted).toEqual(['c-0 x']);
  });

  it('removes the volumes of a workload that goes on without any', async () => {
    claims = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c-0', namespace: 'n', uid: 'x' } }];
    const goesOn = topologyOf(gateway('trace-gateway'));
    const wanted = { ...observe('trace-gateway').wanted, objects: [{ kind: 'Deployment' }] };
    const observed = [{ ...observe('trace-gateway'), wanted }];
    compile(queuesOf({ ...shop, emptied: true }), goesOn);
    pods.push(pod('trace-gateway', { spec: { volumes: [{ configMap: { name: 'config-h' } }] } }));
    expect(await settle(queuesOf({ ...shop, emptied: true }), goesOn, { observed })).toEqual(queuesOf());
    expect(deleted).toEqual(['c-0 x']);
  });

  it('removes no volume of which one queue is not empty, nor after another one leads', async () => {
    claims = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c-0', namespace: 'n', uid: 'x' } }];
    const [empty, full] = [{ ...shop, emptied: true as const }, remembered('trace-gateway', 'other')];
    const next = topologyOf(gateway('otlp-gateway'));
    expect(await settle(queuesOf(empty, full), next)).toEqual(queuesOf(empty, full));
    const signal = AbortSignal.abort(new Error('another one leads'));
    await expect(settle(queuesOf(empty), next, { observed: [], signal })).rejects.toThrow('another one leads');
    expect(deleted).toEqual([]);
  });

  it('gives up what somebody gives up, and nothing that is still filled', async () => {
    const givenUp = givenUpWorkloads({
      metadata: {
        name: 'default',
        annotations: { 'telemetry.kyma-project.io/give-up-backlogs': ' trace-gateway , x,' },
      },
    });
    expect([...givenUp]).toEqual(['trace-gateway', 'x']);
    const other = remembered('trace-gateway', 'other');
    const after = await settle(queuesOf(shop, other), drainsShop, { givenUp });
    expect([...after.keys()]).toEqual([queueKey(other)]);
  });

  it('tells what is left, and how to give it up', () => {
    const waiting = remembered('otlp-gateway', 'gone');
    const left = backlogsOf(queuesOf(shop, waiting, remembered('trace-gateway', 'other')), drainsShop);
    expect(left).toEqual([
      { workload: 'otlp-gateway', pipelines: ['TracePipeline/gone'], waits: true },
      { workload: 'trace-gateway', pipelines: ['TracePipeline/shop'], waits: false },
    ]);
    expect(backlogConditions(left)[0]!.message).toBe(
      '`otlp-gateway` keeps what TracePipeline/gone left on disk; `trace-gateway` delivers what TracePipeline/shop left on disk; to give one up, name its workload in telemetry.kyma-project.io/give-up-backlogs',
    );
    expect(backlogConditions([])).toEqual([]);
  });
});
