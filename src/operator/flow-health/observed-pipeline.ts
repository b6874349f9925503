import type { BackendFailure } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { PipelineKind } from '../../pipeline/index.ts';
import type { RenderedConfig } from '../../render/index.ts';

/** What a workload is to a pipeline: reasons begin with Gateway or Agent accordingly. */
export type FlowRole = 'router' | 'entry' | 'gateway' | 'dispatcher' | 'metric-agent' | 'log-agent' | 'fluent-bit';

/** One of the workloads that run a pipeline, or that stand in front of it. */
export interface FlowPart {
  readonly workload: string;
  readonly role: FlowRole;
  /** Ids of the exporters that carry the pipeline there; for Fluent Bit the aliases of its outputs. */
  readonly exporters: readonly string[];
  /** Whoever brings what its queue cannot take is told, and keeps it. Absent: it is dropped. */
  readonly refusesWhenFull?: boolean;
}

/** The exporter that sends to the backend, in a configuration that has it, with its secrets. */
export interface ObservedBackend {
  readonly rendered: RenderedConfig;
  readonly exporter: ComponentId;
  readonly signal: Signal;
}

/** A pipeline whose flow is judged. */
export interface ObservedPipeline {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  /** Empty: it is not part of what runs, which is the verdict ConfigurationNotGenerated. */
  readonly parts: readonly FlowPart[];
  /** Absent: nobody knows how to ask it. */
  readonly backend?: ObservedBackend;
}

/**
 * Asks a backend with an empty request, as its pipeline would send it; undefined when it takes that. Injected: the clients are
 * the data plane's. Never rejects for what a backend does.
 */
export type AskBackend = (
  backend: ObservedBackend,
  options: { readonly signal: AbortSignal },
) => Promise<BackendFailure | undefined>;
