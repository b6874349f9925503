import type { Clock } from '../../lib/index.ts';
import type { Cell, ProfileName } from '../experiment/experiment.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { RunPlan } from '../run.ts';

/** A run that is to be carried out. */
export interface PlannedRun {
  readonly cell: Cell;
  /** From 1. */
  readonly repetition: number;
  readonly plan: RunPlan;
}

export interface ExecutionOptions {
  readonly profile: ProfileName;
  /** Decides the order of the runs; run n of a cell has the seed `seed + n - 1`. */
  readonly seed: number;
  /** Instead of the profile's repetitions. */
  readonly repetitions?: number;
  /** Only these cells: ids, or patterns such as `engine.*`; none: those of the profile. */
  readonly cells?: readonly string[];
  /** The folders that `--experiments` named, for the commands that repeat runs. */
  readonly experiments?: readonly string[];
  /** Runs that were carried out before: those that count are not repeated. */
  readonly done?: readonly RunRecord[];
}

export interface ExecutionEffects {
  readonly clock: Clock;
  /** Told before the next run starts, so that nothing that was measured is lost. */
  record(run: RunRecord): void;
  /** Told before each run, and once at the end. */
  progress(progress: Progress): void;
  /** What the runner says. */
  say(line: string): void;
  /** Ends the run that is under way at once; what was recorded stays. */
  readonly signal: AbortSignal;
}

/** Where an execution stands. */
export interface Progress {
  /** Runs that are over, those of before included. */
  readonly done: number;
  readonly total: number;
  /** Estimated from the profile, corrected by what runs took so far. */
  readonly leftMs: number;
  /** What runs now; absent at the end. */
  readonly run?: PlannedRun;
}
