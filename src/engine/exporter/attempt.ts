import { errorMessage } from '../../lib/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Batch } from '../batch.ts';
import type { Exporter } from '../component.ts';

/** One try, as a value whatever happens: one that throws or was aborted is retryable, as nobody knows what became of it. */
export function attempt(exporter: Exporter, batch: Batch, abort: AbortSignal): ExportOutcome | Promise<ExportOutcome> {
  try {
    const outcome = exporter.send(batch, { signal: abort });
    return outcome instanceof Promise ? outcome.catch(unexplained) : outcome;
  } catch (error) {
    return unexplained(error);
  }
}

function unexplained(error: unknown): ExportOutcome {
  return { status: 'retryable', failure: { kind: 'unavailable', message: errorMessage(error) } };
}
