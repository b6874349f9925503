import { type ComponentConfig, componentType, type OtelcolConfig } from '../../otelcol/index.ts';
import type { RenderedFluentBit } from '../fluentbit/rendered-fluent-bit.ts';

/** A rule of a role, as the API has it. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** What a workload asks the API server and the kubelet for, and nothing else. */
export interface Access {
  /** In the whole cluster. */
  readonly cluster: readonly AccessRule[];
  /** In a namespace, by its name. */
  readonly namespaced: Readonly<Record<string, readonly AccessRule[]>>;
}

export interface AccessOptions {
  /** Of the API server's version, 1.<minor>. Before 33 kubelets know one permission for what is not statistics. */
  readonly kubernetesMinor?: number;
}

const WATCH = ['get', 'list', 'watch'] as const;

const NONE: Access = { cluster: [], namespaced: {} };

/** By type: what a component of the Collector 0.149 asks for with these settings, as its source has it. */
const COMPONENTS: Readonly<Record<string, (settings: ComponentConfig, options: AccessOptions) => Access>> = {
  k8s_attributes: podAttributes,
  kubeletstats: kubeletStats,
  k8s_cluster: clusterMetrics,
  k8s_leader_elector: leases,
  prometheus: discovery,
};

/** Least privilege: what the components of a configuration use, in one rule for each group and set of verbs. */
export function accessOf(config: OtelcolConfig, options: AccessOptions = {}): Access {
  const used = [config.receivers, config.processors, config.exporters, config.extensions].flatMap((section) =>
    Object.entries(section).map(([id, settings]) => {
      const type = componentType(id as Parameters<typeof componentType>[0]);
      return COMPONENTS[type]?.(settings ?? {}, options) ?? NONE;
    }),
  );
  const namespaces = [...new Set(used.flatMap(({ namespaced }) => Object.keys(namespaced)))].sort();
  return {
    cluster: merged(used.flatMap(({ cluster }) => cluster)),
    namespaced: Object.fromEntries(
      namespaces.map((name) => [name, merged(used.flatMap(({ namespaced }) => namespaced[name] ?? []))]),
    ),
  };
}

/** Its filter `kubernetes` asks for one Pod at a time (plugins/filter_kubernetes/kubernetes.c). */
export function accessOfFluentBit({ files }: Pick<RenderedFluentBit, 'files'>): Access {
  const asks = Object.values(files).some((text) => /^\s*name\s+kubernetes\s*$/m.test(text));
  return asks ? { cluster: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }], namespaced: {} } : NONE;
}

export function usesApi({ cluster, namespaced }: Access): boolean {
  return cluster.length > 0 || Object.keys(namespaced).length > 0;
}

function watch(apiGroup: string, ...resources: readonly string[]): AccessRule {
  return { apiGroups: [apiGroup], resources, verbs: WATCH };
}

/** k8sattributesprocessor, internal/kube/client.go: what starts an informer. */
function podAttributes({ passthrough, extract }: ComponentConfig): Access {
  if (passthrough === true) return NONE;
  const { metadata = [], labels = [], annotations = [] } = (extract ?? {}) as Extraction;
  const from = new Set([...labels, ...annotations].map((one) => one.from));
  const some = (...names: readonly string[]) => names.some((name) => metadata.includes(name));
  return clusterWide([
    watch('', 'pods'),
    ...(from.has('namespace') || some('k8s.cluster.uid') ? [watch('', 'namespaces')] : []),
    ...(from.has('node') || some('k8s.node.uid') ? [watch('', 'nodes')] : []),
    ...(some('k8s.deployment.name', 'k8s.deployment.uid') ? [watch('apps', 'replicasets')] : []),
    ...(from.has('deployment') ? [watch('apps', 'deployments')] : []),
    ...(from.has('statefulset') ? [watch('apps', 'statefulsets')] : []),
    ...(from.has('daemonset') ? [watch('apps', 'daemonsets')] : []),
    ...(from.has('job') || some('k8s.cronjob.uid') ? [watch('batch', 'jobs')] : []),
  ]);
}

interface Extraction {
  readonly metadata?: readonly string[];
  readonly labels?: readonly { readonly from: string }[];
  readonly annotations?: readonly { readonly from: string }[];
}

/** kubeletstatsreceiver, README and scraper.go: what is not in the statistics is in the kubelet's list of Pods. */
function kubeletStats(settings: ComponentConfig, { kubernetesMinor = 33 }: AccessOptions): Access {
  const { extra_metadata_labels: labels, metrics, k8s_api_config: api } = settings;
  const asked = Object.entries((metrics ?? {}) as Readonly<Record<string, { readonly enabled: boolean }>>);
  const wantsShares = asked.some(([name, { enabled }]) => enabled && /_(limit|request)_utilization$/.test(name));
  const list = kubernetesMinor < 33 ? ['nodes/pods', 'nodes/proxy'] : ['nodes/pods'];
  const resources = ['nodes/stats', ...(labels !== undefined || wantsShares ? list : [])];
  return clusterWide([
    { apiGroups: [''], resources, verbs: ['get'] },
    ...(api === undefined ? [] : [watch('', 'nodes')]),
  ]);
}

/** k8sclusterreceiver, watcher.go: it watches all kinds, whatever metrics are asked for. */
function clusterMetrics({ metrics }: ComponentConfig): Access {
  const asked = (metrics ?? {}) as Readonly<Record<string, { readonly enabled: boolean }>>;
  return clusterWide([
    watch('', 'namespaces', 'nodes', 'pods', 'replicationcontrollers', 'resourcequotas', 'services'),
    watch('apps', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'),
    watch('autoscaling', 'horizontalpodautoscalers'),
    watch('batch', 'cronjobs', 'jobs'),
    ...(asked['k8s.service.endpoint.count']?.enabled === true ? [watch('discovery.k8s.io', 'endpointslices')] : []),
  ]);
}

/** A name cannot be granted for what does not exist yet. */
function leases({ lease_name: name, lease_namespace: namespace }: ComponentConfig): Access {
  const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return {
    cluster: [],
    namespaced: {
      [String(namespace)]: [
        { ...lease, verbs: ['create'] },
        { ...lease, resourceNames: [String(name)], verbs: ['get', 'update'] },
      ],
    },
  };
}

/** Prometheus, discovery/kubernetes: endpoints are watched with their Services and Pods. */
function discovery({ config }: ComponentConfig): Access {
  const { scrape_configs: jobs = [] } = (config ?? {}) as { readonly scrape_configs?: readonly ScrapeJob[] };
  const roles = new Set(jobs.flatMap((job) => (job.kubernetes_sd_configs ?? []).map(({ role }) => role)));
  return clusterWide([
    ...(roles.has('pod') ? [watch('', 'pods')] : []),
    ...(roles.has('endpoints') ? [watch('', 'endpoints', 'pods', 'services')] : []),
  ]);
}

interface ScrapeJob {
  readonly kubernetes_sd_configs?: readonly { readonly role: string }[];
}

function clusterWide(cluster: readonly AccessRule[]): Access {
  return { cluster, namespaced: {} };
}

/** One rule for each group, names and verbs; sorted. */
function merged(rules: readonly AccessRule[]): readonly AccessRule[] {
  const found = new Map<string, AccessRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resourceNames, rule.verbs]);
    const resources = [...new Set([...(found.get(key)?.resources ?? []), ...rule.resources])].sort();
    found.set(key, { ...rule, resources });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

/** Everything that any workload may be granted in the whole cluster: whoever creates their roles must hold it. */
export function mostAccess(options: AccessOptions = {}): readonly AccessRule[] {
  const extract = { metadata: ['k8s.deployment.name'], labels: [{ from: 'node' }] };
  const config = { scrape_configs: [{ kubernetes_sd_configs: [{ role: 'pod' }, { role: 'endpoints' }] }] };
  const metrics = { 'k8s.service.endpoint.count': { enabled: true } };
  const all = [
    podAttributes({ extract }),
    kubeletStats({ extra_metadata_labels: [], k8s_api_config: {} }, options),
    clusterMetrics({ metrics }),
    discovery({ config }),
  ];
  return merged(all.flatMap(({ cluster }) => cluster));
}
