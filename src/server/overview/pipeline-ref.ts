import type { StatementSnapshot } from '../../flow/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { PipelineKind, RuleStatus } from '../api.ts';

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
  /** Absent: no rule of the user's runs in it. */
  readonly rules?: RuleSource;
}

/** What the user wrote of the rules that run. */
export interface RuleSource {
  /** Ids of the components that run them, in the order of data. */
  readonly processors: readonly string[];
  /** Undefined for what the user did not write. */
  placeOf(statement: StatementSnapshot): Pick<RuleStatus, 'field' | 'source'> | undefined;
}

export const SIGNAL_OF_KIND = {
  TracePipeline: 'traces',
  MetricPipeline: 'metrics',
  LogPipeline: 'logs',
} as const satisfies Record<PipelineKind, Signal>;
