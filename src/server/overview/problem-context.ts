import type { FlowSource } from '../../flow/index.ts';
import type { ConfigurationDocument, Problem, ProcessDocument } from '../api.ts';
import type { ClockSkew } from './clock.ts';
import type { PipelineView } from './pipeline-status.ts';

/** What is known beside the figures. */
export interface ProblemContext {
  readonly nowMs: number;
  /** Wall clock for people, `10:02`. */
  readonly timeOfDay: (ms: number) => string;
  /** How the command line is called where the reader stands. */
  readonly program: string;
  readonly configuration?: ConfigurationDocument;
  readonly processes: readonly ProcessDocument[];
  readonly clockSkews: readonly ClockSkew[];
  /** Problems of signals that nobody takes. */
  readonly unclaimed: readonly Problem[];
  /** Where the endpoint of a pipeline's backend is set. */
  readonly endpointSource: (view: PipelineView) => FlowSource | undefined;
}
