import type { Clock, Timer } from '../../lib/index.ts';

/** Requests at most: each takes a timer. */
const MAX_REQUESTS = 10_000;
/** One in so many consumers is theirs, or as much of the time of fewer: what never succeeds may wait for its timeout each time. */
const CONSUMERS_PER_PLACE = 4;

export interface SetAsideOptions {
  readonly clock: Clock;
  /** Of the requests on disk, which wait in the room of others. */
  maxBytes(): number;
  /** Tries that may be under way at once, of everything. */
  concurrency(): number;
  /** Its time and turn have come: it may be read again. */
  readonly onTurn: (id: number) => void;
}

export interface TimeAside {
  /** Until the next try, at least. */
  readonly delayMs: number;
  /** A consumer was busy with the last one for so long. */
  readonly tookMs: number;
}

interface Waiting {
  readonly sizeBytes: number;
  readonly timer: Timer;
}

/**
 * Requests that a backend does not take although it takes others, and that wait on disk alone until their next try: in memory
 * they would fill the window, so that nothing else is sent. For the same reason few of them are tried at once.
 */
export class SetAside {
  readonly #options: SetAsideOptions;
  readonly #waiting = new Map<number, Waiting>();
  /** Of those that wait, the ones whose time has come: they wait for a place. */
  readonly #due = new Set<number>();
  /** Those whose turn it is, until they are settled or wait again. */
  readonly #out = new Set<number>();
  /** Those that waited before, too, as long as they are not settled. */
  readonly #known = new Set<number>();
  #bytes = 0;
  /** No turn comes before that, on the monotonic clock. */
  #restUntilMs = 0;
  #rest: Timer | undefined;

  constructor(options: SetAsideOptions) {
    this.#options = options;
  }

  /** For so many that did not wait before, and bytes of all. */
  hasRoom(requests: number, bytes: number): boolean {
    return this.#known.size + requests <= MAX_REQUESTS && this.#bytes + bytes <= this.#options.maxBytes();
  }

  add(id: number, sizeBytes: number, { delayMs, tookMs }: TimeAside): void {
    this.#known.add(id);
    this.#bytes += sizeBytes;
    const timer = this.#options.clock.after(delayMs, () => {
      this.#due.add(id);
      this.#giveTurns();
    });
    this.#waiting.set(id, { sizeBytes, timer });
    if (!this.#out.delete(id)) return;
    this.#restAfter(tookMs);
    this.#giveTurns();
  }

  knows(id: number): boolean {
    return this.#known.has(id);
  }

  /** It is settled, or given up. */
  forget(id: number): void {
    this.#known.delete(id);
    this.#waiting.get(id)?.timer.cancel();
    this.#endWait(id);
    if (this.#out.delete(id)) this.#giveTurns();
  }

  /** Returns what waited: no turn comes any more. */
  clear(): number[] {
    const waiting = [...this.#waiting.keys()];
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#rest?.cancel();
    this.#rest = undefined;
    for (const ids of [this.#due, this.#out, this.#known]) ids.clear();
    this.#waiting.clear();
    this.#bytes = 0;
    return waiting;
  }

  #endWait(id: number): void {
    this.#bytes -= this.#waiting.get(id)?.sizeBytes ?? 0;
    this.#waiting.delete(id);
    this.#due.delete(id);
  }

  /** Fewer consumers than make one place are left to others for the rest of the time. */
  #restAfter(tookMs: number): void {
    const { clock, concurrency } = this.#options;
    const restMs = tookMs * Math.max(0, CONSUMERS_PER_PLACE / concurrency() - 1);
    this.#restUntilMs = Math.max(this.#restUntilMs, clock.monotonicMs() + restMs);
  }

  #giveTurns(): void {
    const { clock, concurrency, onTurn } = this.#options;
    const places = Math.max(1, Math.floor(concurrency() / CONSUMERS_PER_PLACE));
    for (const id of this.#due) {
      if (this.#out.size >= places) return;
      const restMs = this.#restUntilMs - clock.monotonicMs();
      if (restMs > 0) {
        this.#rest ??= clock.after(restMs, () => {
          this.#rest = undefined;
          this.#giveTurns();
        });
        return;
      }
      this.#endWait(id);
      this.#out.add(id);
      onTurn(id);
    }
  }
}
