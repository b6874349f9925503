import type { Account, DropCause } from '../flow/index.ts';
import type { GrpcCode, RequestMetadata } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';

/**
 * What travels through a pipeline: one OTLP export request at wire level. Immutable from the moment it is handed on, so
 * that a fan-out gives the same object to every branch. To a consumer that `borrows`, its bytes may be lent.
 */
export interface Batch {
  readonly signal: Signal;
  /** An ExportXServiceRequest whose structure was validated at ingest. Lent bytes are written over after `consume` has returned. */
  readonly bytes: Uint8Array;
  /** Spans, metric data points or log records. */
  readonly itemCount: number;
  /** The senders have their answer already (a batch processor took the items): whoever refuses this batch now, loses it. */
  readonly acknowledged: boolean;
  /** The sender's request headers, where the receiver keeps them (`include_metadata`); a batch of several requests has none. */
  readonly metadata?: RequestMetadata;
  /** The address that the request came from, without its port; a batch of several requests has none. */
  readonly peer?: string;
}

/** The answer of a stage to the one before it. `message` is a sentence for the person at the sending end. */
export type Verdict =
  | { readonly status: 'accepted' }
  | {
      readonly status: 'refused';
      readonly retryable: boolean;
      readonly afterMs: number;
      readonly message: string;
      /** What the backend answered, where the sender waited for it. */
      readonly code?: GrpcCode;
    };

export const ACCEPTED: Verdict = { status: 'accepted' };

/** A stage of a pipeline. Answers synchronously wherever it does not wait for the world; never throws for bad data. */
export interface Consumer {
  /**
   * True: it never looks at a batch's bytes after `consume` has returned, even where the verdict is still to come; what it keeps
   * of them it has copied by then. Whoever hands a batch on may then lend its bytes, and use their memory again. A stage that
   * passes bytes on borrows if the next one does.
   */
  readonly borrows?: boolean;
  consume(batch: Batch): Verdict | Promise<Verdict>;
}

/** Why a batch is not taken, and what that means for its items if nobody can be told any more. */
export interface Refusal {
  readonly cause: DropCause;
  readonly retryable: boolean;
  readonly afterMs: number;
  readonly message: string;
}

/** For senders that would have to wait while the engine stops: they can go elsewhere as long as they are told. */
export const STOPPING: Refusal = {
  cause: 'shutdown',
  retryable: true,
  afterMs: 1000,
  message: 'the gateway is stopping',
};

/** Refuses a batch on behalf of the accounts behind this stage; a batch whose sender has its answer is dropped. */
export function refuse(batch: Batch, accounts: readonly Account[], refusal: Refusal): Verdict {
  const { cause, retryable, afterMs, message } = refusal;
  for (const account of accounts) {
    if (batch.acknowledged) account.drop(cause, batch.itemCount);
    else account.refused += batch.itemCount;
  }
  return { status: 'refused', retryable, afterMs, message };
}
