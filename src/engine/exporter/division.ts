import type { Clock } from '../../lib/index.ts';

/**
 * Into how many requests one may be divided. What is left is given up whole: in 8192 items 50 that are rejected are
 * found one by one, each for twice the logarithm of its distance to the next.
 */
const PARTS_OF_ONE = 1024;
/** How many requests are made of rejected ones without the backend taking any: then it rejects everything, and dividing is no use. */
const PARTS_IN_VAIN = 64;
/** After this it may be tried again whether it does. */
const FORGET_MS = 5000;

/** What is left of the right to divide one request. */
export interface Division {
  partsLeft: number;
  /** Since the backend last took a part of it; undefined: it has taken none. */
  inVain: number | undefined;
}

/** Which requests are parts of one that the backend did not take, and how far they may be divided in search of the reason. */
export class Divisions<Part extends object = object> {
  readonly #clock: Clock;
  readonly #divisions = new Map<Part, Division>();
  #inVain = 0;
  #inVainSinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(part: Part): Division | undefined {
    return this.#divisions.get(part);
  }

  /** The right to halve a request that the backend did not take; undefined: it is given up whole. */
  next(part: Part, kind: 'rejected' | 'too_large'): Division | undefined {
    const division = this.#divisions.get(part) ?? { partsLeft: PARTS_OF_ONE, inVain: undefined };
    if (division.partsLeft < 2) return undefined;
    if (kind === 'rejected' && !this.#maySearch(division)) return undefined;
    division.partsLeft -= 2;
    return division;
  }

  add(part: Part, division: Division): void {
    this.#divisions.set(part, division);
  }

  forget(part: Part): void {
    this.#divisions.delete(part);
  }

  /** The backend took something. */
  taken(part: Part): void {
    this.#inVain = 0;
    const division = this.#divisions.get(part);
    if (division !== undefined) division.inVain = 0;
  }

  clear(): void {
    this.#divisions.clear();
    this.#inVain = 0;
  }

  /** Requests of which the backend took nothing share one budget; what it took a part of has one of its own. */
  #maySearch(division: Division): boolean {
    if (division.inVain !== undefined) {
      division.inVain += 2;
      return division.inVain <= PARTS_IN_VAIN;
    }
    const nowMs = this.#clock.monotonicMs();
    if (this.#inVain === 0 || nowMs - this.#inVainSinceMs >= FORGET_MS) {
      this.#inVain = 0;
      this.#inVainSinceMs = nowMs;
    }
    if (this.#inVain + 2 > PARTS_IN_VAIN) return false;
    this.#inVain += 2;
    return true;
  }
}
