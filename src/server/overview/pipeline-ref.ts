import type { Signal } from '../../pdata/index.ts';
import type { PipelineKind } from '../api.ts';

/** A pipeline as its author knows it, and the pipeline of the running configuration that carries it out. */
export interface PipelineRef {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly pipelineId: string;
  readonly signal: Signal;
  /** File and line, `telemetry.yaml:18`. */
  readonly source?: string;
  /** Why the pipeline was left out of the running configuration; absent when it runs. */
  readonly invalid?: string;
}

export const SIGNAL_OF_KIND = {
  TracePipeline: 'traces',
  MetricPipeline: 'metrics',
  LogPipeline: 'logs',
} as const satisfies Record<PipelineKind, Signal>;
