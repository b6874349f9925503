import { type LoadedResource, readResources } from '../apis/index.ts';
import type { Issue, SourceFile } from '../diagnostics/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { type PipelineGraph, resolve, viewerGraph } from '../pipeline/index.ts';
import { type RenderedConfig, type RenderOptions, renderOtelcol } from '../render/index.ts';
import {
  type DistributionName,
  planTopology,
  type Topology,
  type TopologyType,
  type Workload,
} from '../topology/index.ts';
import type { InputFile } from './input-files.ts';

export interface CompileOptions {
  readonly distribution: DistributionName;
  /** Memory of each process that runs the result. */
  readonly capBytes: number;
  /** Default: what a Telemetry resource among the files says, else Shared. */
  readonly topology?: TopologyType;
  /** Give the in-memory viewer a copy of everything; the engine only. */
  readonly viewer?: boolean;
  /** Where each workload listens and reaches the others. */
  readonly addresses: (workload: Workload, topology: Topology) => RenderOptions;
}

/** What a Collector listens on by default, on this machine only. */
export const STOCK_ADDRESSES = { otlpGrpc: '127.0.0.1:4317', otlpHttp: '127.0.0.1:4318' } as const;

export interface Compiled {
  readonly topology: Topology;
  /** One for each workload of the topology, in its order; empty when no pipeline could be compiled. */
  readonly rendered: readonly RenderedConfig[];
  /** Valid resources, those that could not be planned included. */
  readonly resources: readonly LoadedResource[];
  readonly issues: readonly Issue[];
  /** The files again, with the places that hold secrets, for showing issues. */
  readonly sources: readonly SourceFile[];
  readonly resourceCount: number;
}

/**
 * Files → parse → validate → default → resolve → plan → render. Pure: same files, same result.
 * A resource with an error is reported and left out, the rest is compiled; so is one that a bug makes throw.
 */
export function compileFiles(files: readonly InputFile[], options: CompileOptions): Compiled {
  const read = readResources(files);
  const issues: Issue[] = [...read.issues];
  const graphs: PipelineGraph[] = [];
  for (const resource of read.resources) {
    const resolved = resolve(resource);
    issues.push(...resolved.issues);
    if (resolved.graph !== undefined) graphs.push(resolved.graph);
  }
  const builtIn = options.viewer ? SIGNALS.map(viewerGraph) : [];
  const { topology, issues: unplanned } = planTopology([...builtIn, ...graphs], options);
  return {
    topology,
    rendered: topology.workloads.map((workload) => renderOtelcol(workload, options.addresses(workload, topology))),
    resources: read.resources,
    issues: [...issues, ...unplanned],
    sources: read.sources,
    resourceCount: read.resourceCount,
  };
}
