import type { Signal } from '../pdata/index.ts';

/**
 * What travels through a pipeline: one OTLP export request at wire level. Immutable from the moment it is handed on, so
 * that a fan-out gives the same object to every branch.
 */
export interface Batch {
  readonly signal: Signal;
  /** An ExportXServiceRequest whose structure was validated at ingest. */
  readonly bytes: Uint8Array;
  /** Spans, metric data points or log records. */
  readonly itemCount: number;
  /** The senders have their answer already (a batch processor took the items): whoever refuses this batch now, loses it. */
  readonly acknowledged: boolean;
}

/** The answer of a stage to the one before it. `message` is a sentence for the person at the sending end. */
export type Verdict =
  | { readonly status: 'accepted' }
  | { readonly status: 'refused'; readonly retryable: boolean; readonly afterMs: number; readonly message: string };

export const ACCEPTED: Verdict = { status: 'accepted' };

/** A stage of a pipeline. Answers synchronously wherever it does not wait for the world; never throws for bad data. */
export interface Consumer {
  consume(batch: Batch): Verdict | Promise<Verdict>;
}
