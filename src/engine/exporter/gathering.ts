import type { Clock } from '../../lib/index.ts';
import type { Batch } from '../batch.ts';
import { type BatcherEvents, QueueBatcher } from '../queue/batcher.ts';
import type { BatchSettings } from '../settings/queue.ts';
import type { Consignment } from './consignment.ts';

export interface GatheringOptions extends BatcherEvents {
  readonly clock: Clock;
  /** The next request that nobody has tried yet. */
  readonly pick: () => Consignment | undefined;
  /** Nothing more can come for now: what is gathered goes, however small. */
  readonly isLast: () => boolean;
}

/** What stands between a queue and the first try: requests go one by one, or in batches where the settings say so. */
export class Gathering {
  readonly #options: GatheringOptions;
  #batcher: QueueBatcher | undefined;

  constructor(settings: BatchSettings | undefined, options: GatheringOptions) {
    this.#options = options;
    this.configure(settings);
  }

  /** Other settings. Gives away what it held. */
  configure(settings: BatchSettings | undefined): Consignment[] {
    const held = this.takeAll();
    this.#batcher = settings && new QueueBatcher(settings, this.#options.clock, this.#options);
    return held;
  }

  /** Whether a batch that is added now would wait for company. */
  wouldKeep(batch: Batch): boolean {
    return this.#batcher?.wouldKeep(batch) === true;
  }

  next(): Consignment | undefined {
    const { pick, isLast } = this.#options;
    const batcher = this.#batcher;
    if (batcher === undefined) return pick();
    while (!batcher.hasReady) {
      const next = pick();
      if (next === undefined) break;
      if (next.withdrawn !== true) batcher.add(next);
    }
    if (!batcher.hasReady && isLast()) batcher.flush();
    return batcher.take();
  }

  /** Makes everything it holds ready, however small. */
  flush(): void {
    this.#batcher?.flush();
  }

  /** Gives away everything it holds, in order. */
  takeAll(): Consignment[] {
    return this.#batcher?.takeAll() ?? [];
  }
}
