import type { Getter } from './function.ts';
import type { ContextName, Row } from './row.ts';
import type { Value } from './value.ts';

/** One step of a path as written: `attributes["http.method"]` is a name with one key. */
export interface PathStep {
  readonly name: string;
  readonly keys: readonly PathKey[];
}

/** What stands in brackets: text or a whole number for most, else an expression that is read for every row. */
export type PathKey = { readonly literal: string | bigint } | { readonly get: Getter };

/** A place that a path names, for one context. */
export interface Place {
  get(row: Row): Value;
  /** Throws an EvaluationError for a value that the place cannot hold; some places ignore what they are given, as the Collector's. */
  set(row: Row, value: Value): void;
  /** Whether the value is this text, without making a string of it. Where it is there, `==` and `!=` with a literal ask it. */
  equalsText?(row: Row, utf8: Uint8Array): boolean;
}

export interface PathProblem {
  /** Which step is at fault. */
  readonly step: number;
  /** `has no such field`, the end of a sentence about the step. */
  readonly message: string;
  readonly didYouMean?: string;
}

/**
 * The place that a path names when the current row is of `context`. The first step is already without the context's name:
 * `span.name` comes as context span, path `name`; `resource.attributes` as its own `of`.
 */
export type ResolvePath = (
  context: ContextName,
  path: { readonly of: ContextName | 'instrumentation_scope'; readonly steps: readonly PathStep[] },
) => Place | PathProblem;
