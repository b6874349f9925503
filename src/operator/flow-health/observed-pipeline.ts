import type { Signal } from '../../pdata/index.ts';
import type { PipelineKind } from '../../pipeline/index.ts';
import type { ProbeTarget } from './probe-target.ts';

/** What a workload is to a pipeline: reasons begin with Gateway or Agent accordingly. */
export type FlowRole = 'router' | 'entry' | 'gateway' | 'dispatcher' | 'metric-agent' | 'log-agent' | 'fluent-bit';

/** One of the workloads that run a pipeline. */
export interface FlowPart {
  readonly workload: string;
  readonly role: FlowRole;
  /** Ids of the exporters that carry the pipeline there; for Fluent Bit the aliases of its outputs. */
  readonly exporters: readonly string[];
}

/** A pipeline whose flow is judged. */
export interface ObservedPipeline {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  /** Empty: it is not part of what runs, which is the verdict ConfigurationNotGenerated. */
  readonly parts: readonly FlowPart[];
  /** The backend, to be asked when data does not get there; absent: it is not asked. */
  readonly backend?: ProbeTarget;
}
