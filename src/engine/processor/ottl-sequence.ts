import type { ComponentId } from '../../otelcol/index.ts';
import {
  type CompiledCondition,
  type CompiledStatement,
  failureOf,
  RequestLimitError,
  type Row,
} from '../../ottl/index.ts';
import type { ErrorMode } from '../settings/ottl.ts';
import type { OttlCounts, StatementCounts } from './ottl-counts.ts';

/** A statement that failed where failures are propagated, or wrote too much; ends the walk, and the batch is refused. */
export class StatementFailure extends Error {
  readonly processor: ComponentId;
  readonly text: string;

  constructor(processor: ComponentId, text: string, cause: Error) {
    super(cause.message, { cause });
    this.processor = processor;
    this.text = text;
  }
}

interface SequenceOptions {
  readonly errorMode: ErrorMode;
  readonly counts: OttlCounts;
}

/** Whether a row meets one of the conditions; the rest is not looked at. One that fails is met by no row. */
export function anyOf(
  conditions: readonly CompiledCondition[],
  counted: readonly StatementCounts[],
  { errorMode, counts }: SequenceOptions,
): (row: Row) => boolean {
  return (row) => {
    for (let i = 0; i < conditions.length; i++) {
      counted[i]!.asked += 1;
      try {
        if (!conditions[i]!.test(row)) continue;
        counted[i]!.matched += 1;
        return true;
      } catch (error) {
        failed(error, row, counted[i]!, { errorMode, counts });
      }
    }
    return false;
  };
}

/** Runs all statements on a row, one after the other. */
export function allOf(
  statements: readonly CompiledStatement[],
  counted: readonly StatementCounts[],
  { errorMode, counts }: SequenceOptions,
): (row: Row) => void {
  return (row) => {
    for (let i = 0; i < statements.length; i++) {
      counted[i]!.asked += 1;
      try {
        if (statements[i]!.run(row)) counted[i]!.matched += 1;
      } catch (error) {
        failed(error, row, counted[i]!, { errorMode, counts });
      }
    }
  };
}

function failed(error: unknown, row: Row, counted: StatementCounts, { errorMode, counts }: SequenceOptions): void {
  const failure = failureOf(error, row);
  counts.fail(counted, failure, errorMode !== 'ignore');
  if (errorMode === 'propagate' || failure instanceof RequestLimitError)
    throw new StatementFailure(counts.processor, counted.text, failure);
}
