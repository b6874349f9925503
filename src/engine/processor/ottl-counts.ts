import type { StatementSnapshot } from '../../flow/index.ts';
import { errorMessage } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { ComponentContext } from '../component.ts';

/** A statement that fails for every item is told of once in this time. */
const LOG_INTERVAL_MS = 60_000;

/** What became of one statement or condition; one for all pipelines that run it. */
export interface StatementCounts {
  readonly text: string;
  matched: number;
  failed: number;
  lastError: string | undefined;
  loggedMs: number;
}

export function newCounts(text: string): StatementCounts {
  return { text, matched: 0, failed: 0, lastError: undefined, loggedMs: Number.NEGATIVE_INFINITY };
}

/** The counts of one processor, by signal, in the order of its configuration. */
export class OttlCounts {
  readonly #context: ComponentContext;
  readonly #bySignal = new Map<Signal, readonly StatementCounts[]>();

  constructor(context: ComponentContext) {
    this.#context = context;
  }

  get processor(): ComponentId {
    return this.#context.id;
  }

  /** The same counts for every pipeline of a signal. */
  of(signal: Signal, texts: readonly string[]): readonly StatementCounts[] {
    let counts = this.#bySignal.get(signal);
    if (counts === undefined) {
      counts = texts.map(newCounts);
      this.#bySignal.set(signal, counts);
    }
    return counts;
  }

  snapshot(): StatementSnapshot[] {
    return [...this.#bySignal].flatMap(([signal, counts]) =>
      counts.map(({ text, matched, failed, lastError }, index) => ({
        processor: this.#context.id,
        signal,
        index,
        text,
        matched,
        failed,
        ...(lastError !== undefined && { lastError }),
      })),
    );
  }

  /** Counts a failure, and tells of it unless it is silent or was told of a moment ago. */
  fail(counts: StatementCounts, error: unknown, silent: boolean): void {
    counts.failed += 1;
    counts.lastError = errorMessage(error);
    if (silent) return;
    const { clock, log } = this.#context.deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - counts.loggedMs < LOG_INTERVAL_MS) return;
    counts.loggedMs = nowMs;
    const { text, failed, lastError } = counts;
    log.warn('OTTL statement failed', { processor: this.#context.id, statement: text, error: lastError, failed });
  }
}
