import type { Clock, Timer } from '../../lib/index.ts';

/** Requests at most: each takes a timer. */
const MAX_REQUESTS = 10_000;

export interface SetAsideOptions {
  readonly clock: Clock;
  /** Of the requests on disk; while they wait, no other can take their room there. */
  maxBytes(): number;
  /** Its time has come: it may be read again. */
  readonly onDue: (id: number) => void;
}

/**
 * Requests that a backend does not take although it takes others, and that wait on disk alone until their next try: in memory
 * they would fill the window, so that nothing else is sent.
 */
export class SetAside {
  readonly #options: SetAsideOptions;
  readonly #waiting = new Map<number, { readonly sizeBytes: number; readonly timer: Timer }>();
  /** Those that waited before, too, as long as they are not settled. */
  readonly #known = new Set<number>();
  #bytes = 0;

  constructor(options: SetAsideOptions) {
    this.#options = options;
  }

  /** For so many that did not wait before, and bytes of all. */
  hasRoom(requests: number, bytes: number): boolean {
    return this.#known.size + requests <= MAX_REQUESTS && this.#bytes + bytes <= this.#options.maxBytes();
  }

  add(id: number, sizeBytes: number, delayMs: number): void {
    this.#known.add(id);
    this.#bytes += sizeBytes;
    const timer = this.#options.clock.after(delayMs, () => {
      this.#waiting.delete(id);
      this.#bytes -= sizeBytes;
      this.#options.onDue(id);
    });
    this.#waiting.set(id, { sizeBytes, timer });
  }

  knows(id: number): boolean {
    return this.#known.has(id);
  }

  /** It is settled, or given up. */
  forget(id: number): void {
    this.#known.delete(id);
  }

  /** Returns what waited: nothing is due any more. */
  clear(): number[] {
    const ids = [...this.#waiting.keys()];
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    this.#known.clear();
    this.#bytes = 0;
    return ids;
  }
}
