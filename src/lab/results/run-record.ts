import type { Coordinates } from '../experiment/experiment.ts';
import type { LedgerCheck } from '../run.ts';

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
  /** `unbalanced`: its ledger does not add up, so its figures count for nothing; `failed`: it could not be carried out. */
  readonly status: 'ok' | 'unbalanced' | 'failed';
  /** Why it does not count; absent when it does. */
  readonly problem?: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Absent when the run failed. */
  readonly ledger?: LedgerCheck;
}
