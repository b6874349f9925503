import { type LoadedResource, type LoadedTelemetry, type ReadResources, readResources } from '../apis/index.ts';
import type { Issue, SourceFile } from '../diagnostics/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import {
  type FluentBitGraph,
  type PipelineStatus,
  pipelineStatus,
  type Resolved,
  resolve,
  type ViewerOptions,
  viewerGraph,
} from '../pipeline/index.ts';
import {
  POD_ADDRESSES,
  type RenderedConfig,
  type RenderedFluentBit,
  type RenderOptions,
  renderFluentBit,
  renderOtelcol,
} from '../render/index.ts';
import {
  type ClusterFacts,
  clusterSettings,
  type DistributionChoice,
  type DistributionName,
  type DrainingQueue,
  gatewaySettings,
  type Plan,
  type PlanOptions,
  planTopology,
  type Topology,
  type TopologyType,
  type Workload,
  withoutMemory,
} from '../topology/index.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { InputFile } from './input-files.ts';

export interface CompileOptions {
  /** The program that runs the result. `{ otherwise }`: the one that a Telemetry resource among the files names, else this. */
  readonly distribution: DistributionName | { readonly otherwise: DistributionChoice };
  /** Memory of each process that runs the result. `{ otherwise }`, or absent: what a Telemetry resource says, else that or what the program usually gets. */
  readonly capBytes?: number | { readonly otherwise: number };
  /** Default: what a Telemetry resource among the files says, else PerSignal in a cluster and Shared elsewhere. */
  readonly topology?: TopologyType;
  /**
   * Give a viewer a copy of everything: `true` the one in the engine's own process, `{ endpoint }` one that is reached over
   * OTLP/HTTP there.
   */
  readonly viewer?: boolean | ViewerOptions;
  /** Secrets that pipelines refer to, beside those in `files`. */
  readonly secretFiles?: readonly InputFile[];
  /** Whoever compiles runs the result, so a Secret that is missing is an error. */
  readonly secretsRequired?: boolean;
  /** Wall clock, for certificates that expire; absent: that is not looked at. */
  readonly nowMs?: number;
  /** What is known of the cluster that the result runs in; absent: it runs on one machine. */
  readonly cluster?: ClusterFacts;
  /** Queues on disk that what ran before has left behind. */
  readonly draining?: readonly DrainingQueue[];
  /** Where each workload listens and reaches the others. */
  readonly addresses: (workload: Workload, topology: Topology) => RenderOptions;
}

/** The engine runs beside other programs of one machine, a Collector in a container of its own. */
const DEFAULT_CAP_BYTES: Readonly<Record<DistributionChoice, number>> = {
  sluice: 512e6,
  otelcol: 2 * 2 ** 30,
  auto: 2 * 2 ** 30,
};

/** What a Collector listens on by default, on this machine only. */
export const STOCK_ADDRESSES = { otlpGrpc: '127.0.0.1:4317', otlpHttp: '127.0.0.1:4318' } as const;

export interface Compiled {
  readonly topology: Topology;
  /** The Telemetry resource among the files. */
  readonly telemetry?: LoadedTelemetry;
  /** One for each workload of the topology, in its order; empty when no pipeline could be compiled. */
  readonly rendered: readonly RenderedConfig[];
  /** One for each agent of the topology, in its order. */
  readonly agents: readonly RenderedConfig[];
  /** The Fluent Bit of a cluster; absent where no pipeline needs it. */
  readonly fluentBit?: RenderedFluentBit;
  /** Valid resources, those that could not be planned included. */
  readonly resources: readonly LoadedResource[];
  readonly issues: readonly Issue[];
  /** One for each resource that says who it is, the valid ones first. */
  readonly statuses: readonly PipelineStatus[];
  /** The files again, with the places that hold secrets, for showing issues. */
  readonly sources: readonly SourceFile[];
  readonly resourceCount: number;
}

/**
 * Files → parse → validate → default → resolve → plan → render. Pure: same files, same result.
 * A resource with an error is reported and left out, the rest is compiled; so is one that a bug makes throw.
 */
export function compileFiles(files: readonly InputFile[], options: CompileOptions): Compiled {
  const { secretFiles, secretsRequired = false, viewer, cluster, nowMs } = options;
  const read = readResources(files, secretFiles === undefined ? {} : { secretFiles });
  const parsers = read.parsers.map(({ parser }) => parser);
  const resolved = read.resources.map((resource) =>
    resolve(resource, {
      secrets: read.secrets,
      secretsRequired,
      certificates: certificateFacts,
      ...(nowMs === undefined ? {} : { nowMs }),
      cluster: cluster !== undefined,
      parsers,
    }),
  );
  const graphs = resolved.flatMap(({ graph }) => graph ?? []);
  const builtIn = viewer ? SIGNALS.map((signal) => viewerGraph(signal, viewer === true ? {} : viewer)) : [];
  const plan = planTopology([...builtIn, ...graphs], {
    ...planOptions(options, read.telemetry),
    ...(options.draining === undefined ? {} : { draining: options.draining }),
    fluentBit: { pipelines: fluentBitOf(resolved), parsers },
  });
  const { topology } = plan;
  return {
    topology,
    ...(read.telemetry === undefined ? {} : { telemetry: read.telemetry }),
    rendered: topology.workloads.map((workload) => renderOtelcol(workload, options.addresses(workload, topology))),
    agents: topology.agents.map((agent) => renderOtelcol(agent, POD_ADDRESSES)),
    ...(topology.fluentBit === undefined ? {} : { fluentBit: renderFluentBit(topology.fluentBit) }),
    resources: read.resources,
    issues: [...read.issues, ...resolved.flatMap(({ issues }) => issues), ...plan.issues],
    statuses: statusesOf(read, resolved, plan),
    sources: read.sources,
    resourceCount: read.resourceCount,
  };
}

function fluentBitOf(resolved: readonly Resolved[]): readonly FluentBitGraph[] {
  return resolved.flatMap(({ fluentBit }) => fluentBit ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A second resource of one name is nobody to tell something about: the first one has the name. */
function statusesOf(
  { resources, rejected }: ReadResources,
  resolved: readonly Resolved[],
  { leftOut }: Plan,
): readonly PipelineStatus[] {
  const valid = resources.map(({ resource }, index) => {
    const { graph, issues } = resolved[index]!;
    const reason = graph === undefined ? undefined : leftOut.get(graph);
    const { kind, metadata } = resource;
    const found = reason === undefined ? issues : [...issues, reason];
    return pipelineStatus({ kind, name: metadata.name }, { resource, issues: found });
  });
  const invalid = rejected.filter(({ name }) => name !== '').map((one) => pipelineStatus(one, one));
  return [...valid, ...invalid];
}

/** What the caller chose, else what the Telemetry resource says, else the default. */
function planOptions(options: CompileOptions, telemetry?: LoadedTelemetry): PlanOptions {
  const written = telemetry?.resource.spec;
  const settings = gatewaySettings(telemetry?.resource);
  const { capBytes } = options;
  const distribution =
    typeof options.distribution === 'string'
      ? options.distribution
      : (written?.collector?.distribution ?? options.distribution.otherwise);
  return {
    topology: options.topology ?? written?.topology?.type ?? (options.cluster === undefined ? 'Shared' : 'PerSignal'),
    distribution,
    ...(typeof capBytes === 'number'
      ? { capBytes, settings: withoutMemory(settings) }
      : { capBytes: capBytes?.otherwise ?? DEFAULT_CAP_BYTES[distribution], settings }),
    ...(options.cluster === undefined ? {} : { cluster: clusterSettings(options.cluster, telemetry?.resource) }),
  };
}
