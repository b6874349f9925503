import type { Signal } from '../pdata/index.ts';
import type { FunctionEnvironment, Getter } from './function.ts';
import type { Place } from './paths.ts';
import type { FunctionPlace } from './registry.ts';
import type { ContextName } from './row.ts';
import type { Problem, TextRange } from './syntax.ts';
import type { Value } from './value.ts';

/** What a text is compiled for, and where its problems go. */
export interface Scope {
  readonly signal: Signal;
  readonly context: ContextName;
  /** Paths must name their context: it was inferred from them. */
  readonly isQualified: boolean;
  readonly place: FunctionPlace;
  readonly environment: FunctionEnvironment;
  report(problem: Problem): void;
}

/** A compiled expression. */
export interface Operand {
  readonly get: Getter;
  /** Known when compiled; a literal nil has the value undefined. */
  readonly literal?: { readonly value: Value };
  readonly place?: Place;
  /** A problem was told: what comes of it does not matter. */
  readonly isBroken?: true;
}

export const BROKEN: Operand = { get: () => undefined, isBroken: true };

export function literalOperand(value: Value): Operand {
  return { get: () => value, literal: { value } };
}

export function reportError(
  scope: Pick<Scope, 'report'>,
  { start, end }: TextRange,
  problem: Pick<Problem, 'code' | 'message'> & {
    readonly label?: string | undefined;
    readonly help?: string | undefined;
  },
): typeof BROKEN {
  const { code, message, label, help } = problem;
  scope.report({
    code,
    severity: 'error',
    message,
    start,
    end,
    ...(label !== undefined && { label }),
    ...(help !== undefined && { help }),
  });
  return BROKEN;
}
