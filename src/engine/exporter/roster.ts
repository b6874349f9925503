import type { Clock, Timer } from '../../lib/index.ts';
import { type Consignment, isOlder } from './consignment.ts';

/** How often it is looked through for what is too old, at most. */
const LEAST_CHECK_MS = 1000;
/** Of the age limit: nothing stays longer than it by more than this share. */
const CHECK_SHARE = 20;

export interface RosterOptions {
  readonly clock: Clock;
  /** Undefined: nothing becomes too old. */
  maxAgeMs(): number | undefined;
  /** What of it came at or before `untilMs` is older than that. Called again, later, if it is still there then. */
  onOld(consignment: Consignment, untilMs: number): void;
}

/** Everything an exporter has in memory that is not settled, in the order in which it came. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #all = new Set<Consignment>();
  #timer: Timer | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  /** In the order of coming; what was divided or merged came when that was done. */
  [Symbol.iterator](): Iterator<Consignment> {
    return this.#all.values();
  }

  add(consignment: Consignment): void {
    this.#all.add(consignment);
    this.watch();
  }

  delete(consignment: Consignment): void {
    this.#all.delete(consignment);
  }

  /** Others stand for the items of these now. */
  replace(old: readonly Consignment[], made: readonly Consignment[]): void {
    for (const consignment of old) this.#all.delete(consignment);
    for (const consignment of made) this.#all.add(consignment);
  }

  /** The age limit may be another. */
  watch(): void {
    const maxAgeMs = this.#options.maxAgeMs();
    if (maxAgeMs === undefined || this.#timer !== undefined || this.#all.size === 0) return;
    const { clock, onOld } = this.#options;
    this.#timer = clock.after(Math.max(LEAST_CHECK_MS, maxAgeMs / CHECK_SHARE), () => {
      this.#timer = undefined;
      const untilMs = clock.nowMs() - maxAgeMs;
      for (const consignment of [...this.#all]) if (isOlder(consignment, untilMs)) onOld(consignment, untilMs);
      this.watch();
    });
  }

  /** Nothing is told from here on. */
  end(): void {
    this.#timer?.cancel();
    this.#all.clear();
  }
}
