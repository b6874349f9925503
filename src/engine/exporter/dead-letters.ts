import type { Batch } from '../batch.ts';

/** Why a backend will never take a request, as far as it was divided. */
export interface DeadLetterReason {
  readonly cause: 'rejected_by_backend' | 'too_large';
  /** The backend's own words; holds no credential. */
  readonly message: string;
  /** Wall clock, ms since the epoch. */
  readonly rejectedMs: number;
}

/** Keeps what a backend rejected for good, within a bound, so that someone can look at it and send it again. */
export interface DeadLetters {
  /**
   * Resolves when it survives a loss of power; or is lost and counted, for want of room or of a disk. Never rejects, and never
   * waits for room. Its items are dropped in the ledger all the same.
   */
  add(batch: Batch, reason: DeadLetterReason): Promise<void>;
}
