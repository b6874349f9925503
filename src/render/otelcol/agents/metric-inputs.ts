import {
  type ComponentConfig,
  type ComponentId,
  componentId,
  type PipelineId,
  pipelineId,
} from '../../../otelcol/index.ts';
import { RUNTIME_METRICS } from '../../../pipeline/index.ts';
import type { Agent } from '../../../topology/index.ts';
import type { ConfigParts, RenderedComponent } from '../config-parts.ts';
import { clusterAttributes } from '../enrichment.ts';
import { memoryLimiter } from '../input.ts';
import { ottlText } from '../statements.ts';
import { excess, INPUT_NAME, type MetricReceiverNode, type Taken, takenBy } from './input-filter.ts';
import { unionOf } from './namespaces.ts';
import { prometheusDuration } from './prometheus-duration.ts';
import { leaderElector, runtimeReceivers } from './runtime-receivers.ts';
import { istioJobs, podJobs, serviceJobs } from './scrape-jobs.ts';

export const INPUTS = ['runtime', 'prometheus', 'istio'] as const;
export type InputName = (typeof INPUTS)[number];

/** An input as the pipelines behind it see it. */
export interface Input {
  readonly name: InputName;
  /** What all pipelines together take of it, which is what comes out. */
  readonly taken: Taken;
  /** Where it comes out. */
  readonly connector: ComponentId;
  /** Some of it goes past the enrichment, straight to the pipelines. */
  readonly hasUnenriched: boolean;
  readonly pipelines: readonly PipelineId[];
}

interface InputOptions {
  readonly agent: Agent;
  /** Those of the pipelines that take this input. */
  readonly receivers: readonly MetricReceiverNode[];
  readonly pipelines: readonly PipelineId[];
  readonly enrichment: PipelineId;
}

/** Reads an input once: what any of the pipelines takes, and nothing else. */
export function addInput(parts: ConfigParts, name: InputName, options: InputOptions): Input {
  const { agent, pipelines } = options;
  const taken = takenByAny(options.receivers.map(takenBy));
  const unenriched = name === 'runtime' ? unenrichedKinds(taken) : [];
  const connector = unenriched.length === 0 ? addForward(parts) : addRuntimeRouting(parts, unenriched, options);
  const processors = [
    { id: componentId('memory_limiter'), settings: memoryLimiter(agent) },
    ...dropUnwanted(name, taken),
    { id: componentId('resource', `input-${name}`), settings: { attributes: markActions(name) } },
    scopeOf(name),
    ...clusterAttributes(agent.cluster, ['metrics']),
  ];
  parts.addPipeline(pipelineId('metrics', `input-${name}`), {
    receivers: receiversOf(name, { taken, agent }).map((one) => parts.add('receivers', one)),
    processors: processors.map((component) => parts.add('processors', component)),
    exporters: [connector],
  });
  if (name === 'runtime' && isClusterRead(taken)) parts.add('extensions', leaderElector(agent.cluster));
  return { name, taken, connector, hasUnenriched: unenriched.length > 0, pipelines };
}

function takenByAny(shares: readonly Taken[]): Taken {
  const metrics = shares.flatMap((share) => [...(share.metrics ?? [])]);
  return {
    namespaces: unionOf(shares.map(({ namespaces }) => namespaces)),
    ...(metrics.length === 0 ? {} : { metrics: new Set(metrics.sort()) }),
    diagnosticMetrics: shares.some(({ diagnosticMetrics }) => diagnosticMetrics === true),
    envoyMetrics: shares.some(({ envoyMetrics }) => envoyMetrics === true),
  };
}

function receiversOf(
  name: InputName,
  { taken, agent }: { readonly taken: Taken; readonly agent: Agent },
): readonly RenderedComponent[] {
  const { cluster } = agent;
  if (name === 'runtime') return runtimeReceivers(taken.metrics ?? new Set(), cluster);
  const job = { namespaces: taken.namespaces, interval: prometheusDuration(cluster.collectionInterval[name]) };
  if (name === 'istio') return [prometheus('istio', istioJobs(job, { envoyMetrics: taken.envoyMetrics === true }))];
  return [prometheus('app-pods', podJobs(job)), prometheus('app-services', serviceJobs(job, cluster))];
}

function prometheus(name: string, jobs: readonly ComponentConfig[]): RenderedComponent {
  return { id: componentId('prometheus', name), settings: { config: { scrape_configs: jobs } } };
}

/** What the receivers cannot leave out themselves. */
function dropUnwanted(name: InputName, taken: Taken): readonly RenderedComponent[] {
  // Targets are selected before they are scraped; kubelet and API server answer for all namespaces at once.
  const read: Taken = {
    ...taken,
    ...(name === 'runtime' ? { namespaces: {} } : { diagnosticMetrics: true }),
  };
  const conditions = [...excess(read, taken), ...(name === 'runtime' ? runtimeNoise(taken) : [])];
  if (conditions.length === 0) return [];
  const settings = { error_mode: 'ignore', metric_conditions: conditions };
  return [{ id: componentId('filter', `input-${name}`), settings }];
}

/** Volumes that are no claim live and die with their Pod; virtual interfaces count a node's traffic twice. */
function runtimeNoise({ metrics = new Set() }: Taken): readonly ComponentConfig[] {
  const has = (prefix: string) => [...metrics].some((name) => name.startsWith(prefix));
  const volume = 'resource.attributes["k8s.volume.name"] != nil';
  const claim = 'resource.attributes["k8s.persistentvolumeclaim.name"] == nil';
  const network = `IsMatch(metric.name, ${ottlText('^k8s[.]node[.]network[.]')})`;
  const real = `IsMatch(datapoint.attributes["interface"], ${ottlText('^(eth|en)')})`;
  return [
    ...(has('k8s.volume.') || has('k8s.pod.volume.')
      ? [{ context: 'resource', conditions: [`${volume} and ${claim}`] }]
      : []),
    ...(has('k8s.node.network.') ? [{ context: 'datapoint', conditions: [`${network} and not ${real}`] }] : []),
  ];
}

/** The name that a scrape gives its service is that of the job. The mark replaces what a target may say of itself. */
function markActions(name: InputName): readonly ComponentConfig[] {
  const mark = { key: INPUT_NAME, value: name, action: 'upsert' };
  return name === 'runtime' ? [mark] : [{ key: 'service.name', action: 'delete' }, mark];
}

/** Upstream's scopes, by which people tell the inputs apart; what a target says of its own scope stays. */
function scopeOf(name: InputName): RenderedComponent {
  const reader = ottlText('^github[.]com/open-telemetry/opentelemetry-collector-contrib/receiver/');
  const statement = `set(scope.name, "io.kyma-project.telemetry/${name}") where IsMatch(scope.name, ${reader})`;
  return {
    id: componentId('transform', `scope-${name}`),
    settings: { error_mode: 'ignore', metric_statements: [{ statements: [statement] }] },
  };
}

/** Kinds of resources that have no Pod, so that looking for one would name a service that is none. */
const WITHOUT_POD = ['node', 'statefulset', 'daemonset', 'deployment', 'job'];

function unenrichedKinds({ metrics = new Set() }: Taken): readonly string[] {
  return WITHOUT_POD.filter((kind) => [...metrics].some((name) => name.startsWith(`k8s.${kind}.`)));
}

function addForward(parts: ConfigParts): ComponentId {
  return parts.add('connectors', { id: componentId('forward', 'collected'), settings: {} });
}

function addRuntimeRouting(
  parts: ConfigParts,
  kinds: readonly string[],
  { pipelines, enrichment }: InputOptions,
): ComponentId {
  const condition = `IsMatch(metric.name, ${ottlText(`^k8s[.](${kinds.join('|')})[.]`)})`;
  return parts.add('connectors', {
    id: componentId('routing', 'runtime'),
    settings: {
      error_mode: 'ignore',
      default_pipelines: [enrichment],
      table: [{ context: 'metric', condition, pipelines }],
    },
  });
}

function isClusterRead({ metrics = new Set() }: Taken): boolean {
  return [...metrics].some((name) => RUNTIME_METRICS.get(name)?.reader === 'cluster');
}
