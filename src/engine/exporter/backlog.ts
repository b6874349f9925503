import { type Backoff, type Clock, createBackoff, type Timer } from '../../lib/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import { Fifo } from '../queue/fifo.ts';
import type { RetrySettings } from '../settings/retry.ts';
import type { Consignment } from './consignment.ts';

export function isWanted({ withdrawn }: Consignment): boolean {
  return withdrawn !== true;
}

export type Failed = Exclude<ExportOutcome, { readonly status: 'delivered' }>;

/** How often a consignment was tried, and how that went. */
export interface Retry {
  /** No try begins after this; monotonic. */
  readonly lastTryMs: number;
  readonly backoff: Backoff;
  /** How often it was tried in vain. */
  failures: number;
  /** What became of the last try. */
  outcome: Failed;
  timer: Timer | undefined;
}

export function createRetry(
  settings: RetrySettings,
  { startedMs, outcome, random }: { startedMs: number; outcome: Failed; random: () => number },
): Retry {
  const lastTryMs = settings.maxElapsedMs > 0 ? startedMs + settings.maxElapsedMs : Number.POSITIVE_INFINITY;
  return { lastTryMs, backoff: createBackoff(settings, random), failures: 0, outcome, timer: undefined };
}

/**
 * What was tried and has to be tried again, at its time, and what was not tried because the backend is down. Both take turns:
 * behind consignments that fail for a reason of their own, one that does not fail must get its try.
 */
export class Backlog {
  readonly #clock: Clock;
  readonly #isOrdered: () => boolean;
  readonly #onDue: () => void;
  readonly #retries = new Map<Consignment, Retry>();
  readonly #due = new Fifo<Consignment>();
  readonly #untried = new Fifo<Consignment>();
  #untriedFirst = false;

  constructor(clock: Clock, { isOrdered, onDue }: { readonly isOrdered: () => boolean; readonly onDue: () => void }) {
    this.#clock = clock;
    this.#isOrdered = isOrdered;
    this.#onDue = onDue;
  }

  /** Whether something waits for the time of its next try. */
  get isWaiting(): boolean {
    for (const { timer } of this.#retries.values()) if (timer !== undefined) return true;
    return false;
  }

  retryOf(consignment: Consignment): Retry | undefined {
    return this.#retries.get(consignment);
  }

  addUntried(consignment: Consignment): void {
    this.#untried.push(consignment);
  }

  /** To be tried as soon as they can be. Where order matters, that is before everything else: they were the oldest. */
  addDue(consignments: readonly Consignment[]): void {
    if (this.#isOrdered()) this.#due.putFirst(consignments);
    else for (const consignment of consignments) this.#due.push(consignment);
  }

  /** To be tried again in `delayMs`. */
  defer(consignment: Consignment, retry: Retry, delayMs: number): void {
    this.#retries.set(consignment, retry);
    retry.timer = this.#clock.after(delayMs, () => {
      retry.timer = undefined;
      this.addDue([consignment]);
      this.#onDue();
    });
  }

  take(): Consignment | undefined {
    if (this.#isOrdered()) return this.#due.take() ?? this.#untried.take();
    this.#untriedFirst = !this.#untriedFirst;
    if (this.#untriedFirst) return this.#untried.take() ?? this.#due.take();
    return this.#due.take() ?? this.#untried.take();
  }

  /** Ends the waits, but for those the backend asked for unless `throttled` is true. */
  hasten({ throttled }: { readonly throttled: boolean }): void {
    for (const [consignment, retry] of this.#retries) {
      if (retry.timer === undefined || (retry.outcome.status === 'throttled' && !throttled)) continue;
      retry.timer.cancel();
      retry.timer = undefined;
      this.addDue([consignment]);
    }
  }

  /** Takes out what is due and had its last try, because its turn did not come in time. */
  takeExpired(): [Consignment, Failed][] {
    const nowMs = this.#clock.monotonicMs();
    const expired: [Consignment, Failed][] = [];
    for (const consignment of this.#due.clear()) {
      const retry = this.#retries.get(consignment);
      if (retry !== undefined && retry.lastTryMs < nowMs) expired.push([consignment, retry.outcome]);
      else this.#due.push(consignment);
    }
    return expired;
  }

  /** A consignment was withdrawn, here or elsewhere. */
  onWithdrawn(): void {
    for (const line of [this.#due, this.#untried]) line.tidy(isWanted);
  }

  forget(consignment: Consignment): void {
    this.#retries.get(consignment)?.timer?.cancel();
    this.#retries.delete(consignment);
  }

  /** Gives away everything that waits here and forgets how often anything was tried. */
  takeAll(): Consignment[] {
    const deferred: Consignment[] = [];
    for (const [consignment, { timer }] of this.#retries) {
      if (timer === undefined) continue;
      timer.cancel();
      deferred.push(consignment);
    }
    this.#retries.clear();
    return [...deferred, ...this.#due.clear(), ...this.#untried.clear()];
  }
}
