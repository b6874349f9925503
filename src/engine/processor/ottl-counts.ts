import type { StatementSnapshot } from '../../flow/index.ts';
import { errorMessage } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { ComponentContext } from '../component.ts';

/** A statement that fails for every item is told of once in this time. */
const LOG_INTERVAL_MS = 60_000;

/** What the log says of it. */
export const RULE_FAILED_LOG = 'OTTL statement failed';

/** What became of one statement or condition; one for all pipelines that run it. */
export interface StatementCounts {
  readonly text: string;
  asked: number;
  matched: number;
  failed: number;
  lastError: string | undefined;
  lastFailedMs: number | undefined;
  loggedMs: number;
}

type Part = StatementSnapshot['part'];

function newCounts(text: string): StatementCounts {
  const never = Number.NEGATIVE_INFINITY;
  return { text, asked: 0, matched: 0, failed: 0, lastError: undefined, lastFailedMs: undefined, loggedMs: never };
}

/** The counts of one processor, by signal, in the order of its configuration. */
export class OttlCounts {
  readonly #context: ComponentContext;
  readonly #lists: { readonly signal: Signal; readonly part: Part; readonly counts: readonly StatementCounts[] }[] = [];

  constructor(context: ComponentContext) {
    this.#context = context;
  }

  get processor(): ComponentId {
    return this.#context.id;
  }

  /** The same counts for every pipeline of a signal. */
  of(signal: Signal, part: Part, texts: readonly string[]): readonly StatementCounts[] {
    const known = this.#lists.find((list) => list.signal === signal && list.part === part);
    if (known !== undefined) return known.counts;
    const counts = texts.map(newCounts);
    this.#lists.push({ signal, part, counts });
    return counts;
  }

  snapshot(): StatementSnapshot[] {
    return this.#lists.flatMap(({ signal, part, counts }) =>
      counts.map(({ text, asked, matched, failed, lastError, lastFailedMs }, index) => ({
        processor: this.#context.id,
        signal,
        part,
        index,
        text,
        asked,
        matched,
        failed,
        ...(lastError !== undefined && { lastError }),
        ...(lastFailedMs !== undefined && { lastFailedMs }),
      })),
    );
  }

  /** Counts a failure, and tells of it unless it is silent or was told of a moment ago. */
  fail(counts: StatementCounts, error: unknown, silent: boolean): void {
    counts.failed += 1;
    counts.lastError = errorMessage(error);
    const { clock, log } = this.#context.deps;
    counts.lastFailedMs = clock.nowMs();
    if (silent) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - counts.loggedMs < LOG_INTERVAL_MS) return;
    counts.loggedMs = nowMs;
    const { text, failed, lastError } = counts;
    log.warn(RULE_FAILED_LOG, { processor: this.#context.id, statement: text, error: lastError, failed });
  }
}
