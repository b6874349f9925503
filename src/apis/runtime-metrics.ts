/** What a part of the Collector's receiver reads at once. */
type Group = 'container' | 'pod' | 'node' | 'volume';

/** A metric that `input.runtime` can take. */
export interface RuntimeMetric {
  /** Every node's kubelet, or the API server, which one agent of the cluster asks. */
  readonly reader: 'kubelet' | 'cluster';
  /** Of the kubelet: what must be read for it. */
  readonly group?: Group;
  /** The resource whose switch takes it; absent: only `additionalMetrics` does. */
  readonly of?: string;
  /** The receiver collects it unless it is told not to. */
  readonly byDefault: boolean;
}

interface Metrics {
  /** Common beginning of the names. */
  readonly prefix: string;
  readonly reader: RuntimeMetric['reader'];
  readonly group?: Group;
  /** The resource that `taken` belongs to. */
  readonly of?: string;
  readonly taken?: string;
  /** On request only, though the receiver would collect them. */
  readonly usual?: string;
  /** On request only. */
  readonly extra?: string;
}

const MEMORY =
  'memory.available memory.major_page_faults memory.page_faults memory.rss memory.usage memory.working_set';
const FILES = 'filesystem.available filesystem.capacity filesystem.usage';
const UTILIZATION =
  'cpu.node.utilization cpu_limit_utilization cpu_request_utilization memory.node.utilization memory_limit_utilization memory_request_utilization';

/** Names and defaults are those of the receivers kubeletstats and k8s_cluster 0.149; what is taken is upstream's choice. */
const TABLE: readonly Metrics[] = [
  {
    prefix: 'container.',
    reader: 'kubelet',
    group: 'container',
    of: 'container',
    taken: `cpu.time cpu.usage ${FILES} ${MEMORY}`,
    extra: 'uptime',
  },
  { prefix: 'k8s.container.', reader: 'kubelet', group: 'container', extra: UTILIZATION },
  {
    prefix: 'k8s.pod.',
    reader: 'kubelet',
    group: 'pod',
    of: 'pod',
    taken: `cpu.time cpu.usage ${FILES} ${MEMORY} network.errors network.io`,
    extra: `${UTILIZATION} uptime`,
  },
  {
    prefix: 'k8s.node.',
    reader: 'kubelet',
    group: 'node',
    of: 'node',
    taken: `cpu.usage ${FILES} memory.available memory.rss memory.usage memory.working_set network.errors network.io`,
    usual: 'cpu.time memory.major_page_faults memory.page_faults',
    extra: 'uptime',
  },
  {
    prefix: 'k8s.volume.',
    reader: 'kubelet',
    group: 'volume',
    of: 'volume',
    taken: 'available capacity inodes inodes.free inodes.used',
  },
  { prefix: 'k8s.pod.', reader: 'kubelet', group: 'volume', extra: 'volume.usage' },
  { prefix: 'k8s.pod.', reader: 'cluster', of: 'pod', taken: 'phase', extra: 'status_reason' },
  {
    prefix: 'k8s.container.',
    reader: 'cluster',
    of: 'container',
    taken: 'cpu_limit cpu_request memory_limit memory_request restarts',
    usual: 'ephemeralstorage_limit ephemeralstorage_request ready storage_limit storage_request',
    extra: 'status.reason status.state',
  },
  {
    prefix: 'k8s.daemonset.',
    reader: 'cluster',
    of: 'daemonset',
    taken: 'current_scheduled_nodes desired_scheduled_nodes misscheduled_nodes ready_nodes',
  },
  { prefix: 'k8s.deployment.', reader: 'cluster', of: 'deployment', taken: 'available desired' },
  {
    prefix: 'k8s.statefulset.',
    reader: 'cluster',
    of: 'statefulset',
    taken: 'current_pods desired_pods ready_pods updated_pods',
  },
  {
    prefix: 'k8s.job.',
    reader: 'cluster',
    of: 'job',
    taken: 'active_pods desired_successful_pods failed_pods max_parallel_pods successful_pods',
  },
  {
    prefix: 'k8s.',
    reader: 'cluster',
    usual:
      'cronjob.active_jobs hpa.current_replicas hpa.desired_replicas hpa.max_replicas hpa.min_replicas namespace.phase replicaset.available replicaset.desired replication_controller.available replication_controller.desired resource_quota.hard_limit resource_quota.used',
    extra: 'node.condition service.endpoint.count service.load_balancer.ingress.count',
  },
];

/** Every metric that `input.runtime` can take, by name. */
export const RUNTIME_METRICS: ReadonlyMap<string, RuntimeMetric> = new Map(TABLE.flatMap(entriesOf));

function entriesOf({ prefix, reader, group, of, taken, usual, extra }: Metrics): readonly [string, RuntimeMetric][] {
  const read = { reader, ...(group === undefined ? {} : { group }) };
  const entries = (names: string | undefined, metric: RuntimeMetric) =>
    (names?.split(' ') ?? []).map((name): [string, RuntimeMetric] => [prefix + name, metric]);
  return [
    ...entries(taken, { ...read, ...(of === undefined ? {} : { of }), byDefault: true }),
    ...entries(usual, { ...read, byDefault: true }),
    ...entries(extra, { ...read, byDefault: false }),
  ];
}

/** Upstream lists them, too, for a later version of the receivers; whoever asks for one gets no data of it. */
export const UNREAD_RUNTIME_METRICS: readonly string[] = [
  'k8s.container.ephemeral_storage.usage',
  'k8s.node.system_container.cpu.time',
  'k8s.node.system_container.cpu.usage',
  'k8s.node.system_container.memory.usage',
  'k8s.node.system_container.memory.working_set',
  'k8s.persistentvolume.status.phase',
  'k8s.persistentvolume.storage.capacity',
  'k8s.persistentvolumeclaim.status.phase',
  'k8s.persistentvolumeclaim.storage.capacity',
  'k8s.persistentvolumeclaim.storage.request',
];
