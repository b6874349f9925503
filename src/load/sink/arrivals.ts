import type { ItemVisitor } from './item-scan.ts';

/**
 * When something of each request of generators' runs came, for latencies from end to end: requests of a run all hold
 * `itemsPerRequest` items, so those of request n have the numbers from n × itemsPerRequest. Whichever comes first counts, as a backend
 * may have rejected the first one.
 */
export class Arrivals {
  /** Wall clock by number of the request, ms; undefined for those that did not come. Keyed by run. */
  readonly byRun = new Map<number, (number | undefined)[]>();
  readonly #itemsPerRequest: number;

  constructor(itemsPerRequest: number) {
    this.#itemsPerRequest = itemsPerRequest;
  }

  /** A visitor for what came at `nowMs`, which tells `next` as well. */
  beside(next: ItemVisitor, nowMs: number): ItemVisitor {
    return {
      addSequence: (run, sequence) => {
        next.addSequence(run, sequence);
        this.#note(run, Math.floor(sequence / this.#itemsPerRequest), nowMs);
      },
      addHash: (high, low) => next.addHash(high, low),
    };
  }

  #note(run: number, request: number, nowMs: number): void {
    let times = this.byRun.get(run);
    if (times === undefined) {
      times = [];
      this.byRun.set(run, times);
    }
    // What comes again was there the first time.
    times[request] ??= nowMs;
  }
}
