import type { Clock, Timer } from '../../lib/index.ts';
import type { Exporter } from '../component.ts';
import { ConcurrencyLimit } from './concurrency.ts';
import type { Consignment } from './consignment.ts';

/**
 * Whether a sender hears what became of its data. What the backend answers is then meant for that sender, who may be the only
 * one that it refuses, and says nothing of the others: each has its own way to slow down.
 */
export function senderWaits({ queue }: Exporter): boolean {
  return queue === undefined || queue.waitForResult;
}

/** One instance of an exporter and its tries under way. */
export class Line {
  readonly exporter: Exporter;
  readonly consumers: number;
  readonly limit: ConcurrencyLimit;
  readonly tries = new Set<Consignment>();
  /** Ends it when it was replaced. */
  timer: Timer | undefined;
  readonly #abort = new AbortController();

  constructor(exporter: Exporter, clock: Clock) {
    this.exporter = exporter;
    this.consumers = exporter.queue?.numConsumers ?? Number.POSITIVE_INFINITY;
    this.limit = new ConcurrencyLimit(senderWaits(exporter) ? Number.POSITIVE_INFINITY : this.consumers, clock);
  }

  /** Tries that may be under way at once. */
  get concurrency(): number {
    return Math.min(this.consumers, this.limit.current);
  }

  /** Whether no further try may begin. */
  get isFull(): boolean {
    return this.tries.size >= this.concurrency;
  }

  /** Aborts with the line. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From here on nobody waits for what its tries come to. */
  get ended(): boolean {
    return this.#abort.signal.aborted;
  }

  end(): void {
    this.timer?.cancel();
    this.#abort.abort();
  }
}
