import type { Counter } from '../../../lib/index.ts';
import type { PointState } from './points.ts';

/** The last point of a series. */
export interface SeriesState {
  readonly time: bigint;
  readonly point: PointState;
}

/** Key, entry and the fixed part of a point, measured. */
const ENTRY_BYTES = 320;
const NUMBER_BYTES = 32;

export interface SeriesStatesOptions {
  readonly maxBytes: number;
  /** Series that were forgotten for want of room. */
  readonly evicted: Counter;
}

/**
 * The last point of each series within a bound of bytes. The one that was not heard of for longest goes first; when it comes
 * again it is new.
 */
export class SeriesStates {
  readonly #options: SeriesStatesOptions;
  /** In the order of their last change. */
  readonly #states = new Map<string, SeriesState>();
  #bytes = 0;

  constructor(options: SeriesStatesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#states.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): SeriesState | undefined {
    return this.#states.get(key);
  }

  set(key: string, state: SeriesState): void {
    this.#delete(key);
    this.#states.set(key, state);
    this.#bytes += sizeOf(state);
    for (const oldest of this.#states.keys()) {
      if (this.#bytes <= this.#options.maxBytes || oldest === key) break;
      this.#delete(oldest);
      this.#options.evicted.add(1);
    }
  }

  /** Forgets series whose last point is older. */
  forgetBefore(time: bigint): void {
    for (const [key, state] of this.#states) if (state.time < time) this.#delete(key);
  }

  #delete(key: string): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#states.delete(key);
    this.#bytes -= sizeOf(state);
  }
}

function sizeOf({ point }: SeriesState): number {
  switch (point.kind) {
    case 'histogram':
      return ENTRY_BYTES + (point.bounds.length + point.buckets.length) * NUMBER_BYTES;
    case 'exponential':
      return ENTRY_BYTES + (point.positive.counts.length + point.negative.counts.length) * NUMBER_BYTES;
    default:
      return ENTRY_BYTES;
  }
}
