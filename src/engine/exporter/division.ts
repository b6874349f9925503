/**
 * Into how many requests one may be divided. What is left is given up whole: in 8192 items 50 that are rejected are
 * found one by one, each for twice the logarithm of its distance to the next.
 */
const PARTS_OF_ONE = 1024;
/** How many parts of one request may be made without the backend taking any: of 8192 items with 50 at any places, it takes one before. */
const PARTS_IN_VAIN = 128;
/** The same while the backend seems to reject everything: enough to find what it takes beside three items. */
const PARTS_IN_DOUBT = 10;

/** What is left of the right to divide one request. */
export interface Division {
  partsLeft: number;
  /** Parts made since the backend last took one. */
  inVain: number;
}

/**
 * Which requests are parts of one that the backend did not take, and how far they may be divided in search of the reason.
 * Each request has a budget of its own: nobody's search ends because another's found nothing.
 */
export class Divisions<Part extends object = object> {
  readonly #divisions = new Map<Part, Division>();
  /** A request was searched in vain, and nothing was taken since. */
  #inDoubt = false;

  of(part: Part): Division | undefined {
    return this.#divisions.get(part);
  }

  /** The right to halve a request that the backend did not take; undefined: it is given up whole. */
  next(part: Part, kind: 'rejected' | 'too_large'): Division | undefined {
    const division = this.#divisions.get(part) ?? { partsLeft: PARTS_OF_ONE, inVain: 0 };
    if (division.partsLeft < 2) return undefined;
    if (kind === 'rejected') {
      if (division.inVain + 2 > (this.#inDoubt ? PARTS_IN_DOUBT : PARTS_IN_VAIN)) {
        this.#inDoubt = true;
        return undefined;
      }
      division.inVain += 2;
    }
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
    this.#inDoubt = false;
    const division = this.#divisions.get(part);
    if (division !== undefined) division.inVain = 0;
  }

  clear(): void {
    this.#divisions.clear();
    this.#inDoubt = false;
  }
}
