import type { ItemVisitor } from './item-scan.ts';

/**
 * When the first item of each request of generators' runs came, for latencies from end to end: requests of a run all hold
 * `itemsPerRequest` items, so the first one of request n has the number n × itemsPerRequest.
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
        if (sequence % this.#itemsPerRequest === 0) this.#note(run, sequence / this.#itemsPerRequest, nowMs);
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
