import type { Clock, Timer } from '../../lib/index.ts';
import type { Consignment } from './consignment.ts';

/** How often it is looked through for what is too old, at most. */
const LEAST_CHECK_MS = 1000;
/** Of the age limit: nothing stays longer than it by more than this share. */
const CHECK_SHARE = 20;

export interface RosterOptions {
  readonly clock: Clock;
  /** Undefined: nothing becomes too old. */
  maxAgeMs(): number | undefined;
  /** It is older than that. Called again, later, if it is still there then. */
  onOld(consignment: Consignment): void;
}

/** Everything an exporter has in memory that is not settled, in the order in which it came, and since when its oldest items are there. */
export class Roster {
  readonly #options: RosterOptions;
  /** Wall clock, ms. */
  readonly #since = new Map<Consignment, number>();
  #timer: Timer | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#since.size;
  }

  /** In the order of coming; what was divided or merged came when that was done. */
  [Symbol.iterator](): Iterator<Consignment> {
    return this.#since.keys();
  }

  add(consignment: Consignment, sinceMs: number): void {
    this.#since.set(consignment, sinceMs);
    this.watch();
  }

  delete(consignment: Consignment): void {
    this.#since.delete(consignment);
  }

  /** Others stand for the items of these now. */
  replace(old: readonly Consignment[], made: readonly Consignment[]): void {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const consignment of old) {
      sinceMs = Math.min(sinceMs, this.#since.get(consignment) ?? Number.POSITIVE_INFINITY);
      this.#since.delete(consignment);
    }
    for (const consignment of made) this.#since.set(consignment, sinceMs);
  }

  /** The age limit may be another. */
  watch(): void {
    const maxAgeMs = this.#options.maxAgeMs();
    if (maxAgeMs === undefined || this.#timer !== undefined || this.#since.size === 0) return;
    const { clock, onOld } = this.#options;
    this.#timer = clock.after(Math.max(LEAST_CHECK_MS, maxAgeMs / CHECK_SHARE), () => {
      this.#timer = undefined;
      const limitMs = clock.nowMs() - maxAgeMs;
      for (const [consignment, sinceMs] of [...this.#since]) if (sinceMs <= limitMs) onOld(consignment);
      this.watch();
    });
  }

  /** Nothing is told from here on. */
  end(): void {
    this.#timer?.cancel();
    this.#since.clear();
  }
}
