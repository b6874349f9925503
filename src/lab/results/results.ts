import type { Cell, FigureDefinition, ProfileName } from '../experiment/experiment.ts';
import type { Machine } from '../machine.ts';
import type { Estimate, Interval } from '../statistics/estimate.ts';
import type { Verdict } from '../statistics/verdict.ts';
import type { RunStatus } from './run-record.ts';

/** What an experiment found: the content of `results.json`, from which every other form is made. */
export interface Results {
  /** Of this format. Fields are only ever added within 1. */
  readonly version: 1;
  readonly question: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly why?: string;
  readonly limits: readonly string[];
  readonly conditions: Conditions;
  readonly machine: Machine;
  readonly figures: readonly FigureDefinition[];
  readonly cells: readonly CellResults[];
  readonly comparisons: readonly ComparisonResults[];
  /** Runs that yielded nothing that counts, each with the reason. */
  readonly problems: readonly RunProblem[];
  /** Runs that yielded nothing, and count since they were carried out again; absent in results of before. */
  readonly repeated?: readonly RunProblem[];
  /** What was promised, cell by cell; absent in results of before. */
  readonly criteria?: readonly CriterionResults[];
  /** Do all runs that were planned count? */
  readonly complete: boolean;
}

/** How it was measured. */
export interface Conditions {
  readonly profile: ProfileName;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly repetitions: number;
  readonly seed: number;
  /** SHA-256 of experiment.yaml; absent in results of before. */
  readonly experimentHash?: string;
  /** RFC 3339: of the first run's start. */
  readonly startedAt: string;
  /** The whole execution, to be copied. */
  readonly repeat: string;
}

export interface CellResults extends Cell {
  /** The scenario in words. */
  readonly scenarioTitle?: string;
  readonly planned: number;
  readonly counted: number;
  /** Runs whose ledger did not balance, also when others were carried out in their place. */
  readonly unbalanced: number;
  /** Runs that failed, also when others were carried out in their place. */
  readonly failed: number;
  readonly figures: Readonly<Record<string, FigureResults>>;
  /** Each second's median over the runs. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** Sums over the runs that count. */
  readonly ledger: LedgerSums;
  /** One run of this cell, to be copied. */
  readonly repeat: string;
}

export interface FigureResults {
  /** One of each run, in the order of repetitions. */
  readonly values: readonly number[];
  readonly estimate: Estimate;
}

export interface LedgerSums {
  readonly acknowledged: number;
  readonly queued: number;
  readonly unknown: number;
  readonly lossByCause: Readonly<Record<string, number>>;
}

export interface ComparisonResults {
  readonly title: string;
  readonly rows: readonly ComparisonRow[];
}

/** One figure of a cell beside the same of its baseline. */
export interface ComparisonRow {
  readonly figure: string;
  readonly cell: string;
  readonly baseline: string;
  readonly value: number;
  readonly baselineValue: number;
  /** value − baselineValue. */
  readonly difference: number;
  readonly differenceInterval?: Interval;
  /** value ÷ baselineValue; absent where the baseline is 0. */
  readonly ratio?: number;
  readonly ratioInterval?: Interval;
  /** One of the two is only a lower bound, so that nothing follows from the difference. */
  readonly censored?: true;
  readonly verdict: Verdict;
}

export interface CriterionResults {
  readonly title: string;
  /** Of the figure, which the criterion bounds in one direction. */
  readonly figure: string;
  readonly rows: readonly CriterionRow[];
}

/** A promise beside what one cell did. */
export interface CriterionRow {
  readonly cell: string;
  /** The cell that it is a ratio to; absent: the figure itself is bounded. */
  readonly baseline?: string;
  /** Of the figure, or of the ratio: the mean, which decides. */
  readonly value?: number;
  readonly interval?: Interval;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** `unmeasured`: no run that counts has the figure. */
  readonly verdict: 'kept' | 'not kept' | 'unmeasured';
  /** The whole interval lies on this side of the limit, and every run counts; false without an interval. */
  readonly isSure: boolean;
  /** Of how many runs that were carried out; absent: all of them count. */
  readonly runs?: { readonly counted: number; readonly of: number };
}

export interface RunProblem {
  readonly cell: string;
  readonly repetition: number;
  readonly seed: number;
  readonly status: Exclude<RunStatus, 'ok'> | 'missing';
  readonly problem: string;
  readonly repeat: string;
}
