import type { Signal } from '../pdata/index.ts';
import type { ContextName, Row } from './row.ts';
import type { Problem } from './syntax.ts';

/** Statements and conditions that run together on the rows of one context: an entry of `transform` or `filter`. */
export interface Group {
  readonly signal: Signal;
  /** The two processors offer different functions, and infer other contexts. */
  readonly for: 'transform' | 'filter';
  /** As in the processor's `context`: nothing is inferred, and a path without a context belongs to this one. */
  readonly context?: ContextName;
  readonly conditions: readonly string[];
  readonly statements: readonly string[];
}

/**
 * A problem of one text of a group. `start` and `end` count UTF-16 units of that text as OTTL reads it: of the value of the YAML
 * scalar, not of how it is quoted in the file. Whoever knows the scalar maps them to the file (SourceNode).
 */
export interface GroupProblem extends Problem {
  readonly in: 'conditions' | 'statements';
  readonly index: number;
}

export interface CompiledStatement {
  readonly text: string;
  /** False if its `where` did not hold. Throws an EvaluationError; what it did before that stays done. */
  run(row: Row): boolean;
}

export interface CompiledCondition {
  readonly text: string;
  /** Throws an EvaluationError. */
  test(row: Row): boolean;
}

export interface CompiledGroup {
  readonly context: ContextName;
  readonly conditions: readonly CompiledCondition[];
  readonly statements: readonly CompiledStatement[];
}

export type CheckedGroup =
  | { readonly context: ContextName; readonly problems: readonly GroupProblem[] }
  /** No context could be inferred. */
  | { readonly context?: undefined; readonly problems: readonly GroupProblem[] };
