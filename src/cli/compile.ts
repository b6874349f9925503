import { readResources } from '../apis/index.ts';
import type { Issue, SourceFile } from '../diagnostics/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { type PipelineGraph, resolve, viewerGraph } from '../pipeline/index.ts';
import { type RenderedConfig, type RenderOptions, renderOtelcol } from '../render/index.ts';
import { type DistributionName, planShared } from '../topology/index.ts';
import type { InputFile } from './input-files.ts';

export interface CompileOptions extends RenderOptions {
  readonly distribution: DistributionName;
  /** Memory of the process that runs the result. */
  readonly capBytes: number;
  /** Give the in-memory viewer a copy of everything; the engine only. */
  readonly viewer?: boolean;
}

/** What a Collector listens on by default, on this machine only. */
export const STOCK_ADDRESSES = { otlpGrpc: '127.0.0.1:4317', otlpHttp: '127.0.0.1:4318' } as const;

export interface Compiled {
  /** Absent when no pipeline could be compiled. */
  readonly rendered?: RenderedConfig;
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
  const plan = planShared([...builtIn, ...graphs], options);
  issues.push(...plan.issues);
  const workload = plan.topology.workloads[0];
  const base = { issues, sources: read.sources, resourceCount: read.resourceCount };
  return workload === undefined ? base : { ...base, rendered: renderOtelcol(workload, options) };
}
