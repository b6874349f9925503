import { EvaluationError, TooLongError } from './function.ts';
import { MAX_TEXT_LENGTH } from './functions/limits.ts';
import type { Row } from './row.ts';

/**
 * What a statement or condition failed with. What was too long took the time of writing it, which may make it a RequestLimitError:
 * then nothing more is run on the request. Anything but a failure to evaluate is a bug, and is thrown again.
 */
export function failureOf(error: unknown, row: Row): EvaluationError {
  if (!(error instanceof EvaluationError)) throw error;
  if (!(error instanceof TooLongError)) return error;
  try {
    row.spend?.(MAX_TEXT_LENGTH);
    return error;
  } catch (limit) {
    return limit as EvaluationError;
  }
}
