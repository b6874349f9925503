import type { Coordinates } from '../experiment/experiment.ts';
import type { LedgerCheck } from '../run.ts';

export type RunStatus = 'ok' | 'unbalanced' | 'failed' | 'skipped';

/** What became of one run: a line of `runs.jsonl`. */
export interface RunRecord {
  readonly cell: string;
  readonly coordinates: Coordinates;
  /** From 1. */
  readonly repetition: number;
  readonly seed: number;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  /**
   * Only the figures of `ok` count. `unbalanced`: its ledger does not add up; `failed`: it could not be carried out;
   * `skipped`: this machine cannot do what it asks for.
   */
  readonly status: RunStatus;
  /** Why it does not count; absent when it does. */
  readonly problem?: string;
  readonly figures: Readonly<Record<string, number>>;
  /** Names of figures whose true value is higher: the measurement ended before they did. */
  readonly censored?: readonly string[];
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Absent when it was not carried out. */
  readonly ledger?: LedgerCheck;
}
