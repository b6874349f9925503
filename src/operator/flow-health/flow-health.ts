import type { FlowVerdict, MetricsSample } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { PipelineKind } from '../../pipeline/index.ts';
import type { AskBackend, FlowRole, ObservedPipeline } from './observed-pipeline.ts';

/** Where one Pod serves its metrics. */
export interface MetricsEndpoint {
  readonly pod: string;
  /** Name of the workload in the topology: `otlp-gateway`. */
  readonly workload: string;
  readonly role: FlowRole;
  /** `http://10.0.0.7:8888/metrics`, Fluent Bit: `http://10.0.0.7:2020/api/v2/metrics/prometheus`. */
  readonly url: string;
}

export interface FlowHealthOptions {
  readonly clock: Clock;
  /** At least 0, less than 1; for the jitter. */
  readonly random: () => number;
  /** Pods that run, those that are not ready too; asked before every round. */
  readonly endpointsOf: () => readonly MetricsEndpoint[];
  /** Every pipeline resource, in every round. */
  readonly pipelines: () => readonly ObservedPipeline[];
  /** Absent: failures of backends are told without their cause. */
  readonly askBackend?: AskBackend;
}

/** Reads the collectors' own metrics round by round and judges whether the data of each pipeline flows. */
export interface FlowHealth {
  /** Undefined before the first judgement of the pipeline. */
  verdictOf(kind: PipelineKind, name: string): FlowVerdict | undefined;
  /** Tells of every pipeline whose verdict became another one; answers with the way to stop that. */
  onChange(listener: (pipeline: { readonly kind: PipelineKind; readonly name: string }) => void): () => void;
  /** Newest last, one list for each Pod of the workload that still runs; for the autoscaler. */
  samplesOf(workload: string): Readonly<Record<string, readonly MetricsSample[]>>;
  /** Called after every round. */
  onRound(listener: () => void): () => void;
  /** Ends when the round that runs has ended. */
  stop(): Promise<void>;
}
