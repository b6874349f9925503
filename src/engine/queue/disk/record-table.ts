import { SIGNALS, type Signal } from '../../../pdata/index.ts';

/**
 * `free`: `next` may give it away; `taken`: its taker settles or releases it; `aside`: as taken, but it may be dropped; `ended`:
 * settled or lost.
 */
export type RecordState = 'free' | 'taken' | 'ended' | 'aside';

const STATES: readonly RecordState[] = ['free', 'taken', 'ended', 'aside'];

/** Bytes of memory that a record on disk costs: the width of the columns. */
export const ROW_BYTES = 25;

export interface Row {
  readonly id: number;
  readonly offset: number;
  /** Header and payload. */
  readonly bytes: number;
  readonly itemCount: number;
  readonly appendedMs: number;
  readonly signal: Signal;
}

/**
 * The records of one segment, in columns: a backlog of 2 GB is a million records of 2 kB, and an object for each would take
 * more memory than sending them.
 *
 * Invariants
 * - rows are in the order of their ids and of their offsets
 * - no row before `firstFree` is free; none before `firstLive` is not ended
 */
export class RecordTable {
  readonly baseId: number;
  count = 0;
  freeCount = 0;
  asideCount = 0;
  liveCount = 0;
  offsets = new Uint32Array(16);
  sizes = new Uint32Array(16);
  items = new Uint32Array(16);
  idDeltas = new Uint32Array(16);
  times = new Float64Array(16);
  /** Signal in the low two bits, state above. */
  marks = new Uint8Array(16);
  #firstFree = 0;
  #firstLive = 0;

  constructor(baseId: number) {
    this.baseId = baseId;
  }

  /** Adds a row that is free; returns its place. */
  add(row: Row): number {
    const at = this.count++;
    if (at === this.offsets.length) this.#resizeColumns(Math.max(16, at * 2));
    this.offsets[at] = row.offset;
    this.sizes[at] = row.bytes;
    this.items[at] = row.itemCount;
    this.idDeltas[at] = row.id - this.baseId;
    this.times[at] = row.appendedMs;
    this.marks[at] = SIGNALS.indexOf(row.signal);
    this.freeCount++;
    this.liveCount++;
    return at;
  }

  state(at: number): RecordState {
    return STATES[this.marks[at]! >> 2]!;
  }

  setState(at: number, state: RecordState): void {
    const before = this.state(at);
    if (before === 'free') this.freeCount--;
    if (before === 'aside') this.asideCount--;
    if (state === 'aside') this.asideCount++;
    if (before !== 'ended' && state === 'ended') this.liveCount--;
    if (state === 'free') {
      this.freeCount++;
      if (at < this.#firstFree) this.#firstFree = at;
    }
    this.marks[at] = (this.marks[at]! & 3) | (STATES.indexOf(state) << 2);
  }

  signal(at: number): Signal {
    return SIGNALS[this.marks[at]! & 3]!;
  }

  id(at: number): number {
    return this.baseId + this.idDeltas[at]!;
  }

  /** The first free row; undefined: none is. */
  firstFree(): number | undefined {
    if (this.freeCount === 0) return undefined;
    while (this.marks[this.#firstFree]! >> 2 !== 0) this.#firstFree++;
    return this.#firstFree;
  }

  /** The first row that is not ended; undefined: all are. */
  firstLive(): number | undefined {
    if (this.liveCount === 0) return undefined;
    while (this.marks[this.#firstLive]! >> 2 === 2) this.#firstLive++;
    return this.#firstLive;
  }

  /** The row of an id; undefined: this segment has none. Ids have gaps where an append failed. */
  find(id: number): number | undefined {
    const delta = id - this.baseId;
    let low = 0;
    let high = Math.min(this.count - 1, delta);
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.idDeltas[middle]!;
      if (found === delta) return middle;
      if (found < delta) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** Rows that may be dropped. */
  get droppableCount(): number {
    return this.freeCount + this.asideCount;
  }

  /** Makes room for exactly as many rows, whose columns the caller fills; all of them are free. */
  resize(count: number): void {
    this.#resizeColumns(count);
    this.count = count;
    this.freeCount = count;
    this.liveCount = count;
  }

  /** Gives back what the columns have grown beyond their rows. */
  trim(): void {
    if (this.offsets.length > this.count) this.#resizeColumns(this.count);
  }

  #resizeColumns(size: number): void {
    const resized = <T extends Uint8Array | Uint32Array | Float64Array>(old: T, fresh: T): T => {
      fresh.set(old.subarray(0, size));
      return fresh;
    };
    this.offsets = resized(this.offsets, new Uint32Array(size));
    this.sizes = resized(this.sizes, new Uint32Array(size));
    this.items = resized(this.items, new Uint32Array(size));
    this.idDeltas = resized(this.idDeltas, new Uint32Array(size));
    this.times = resized(this.times, new Float64Array(size));
    this.marks = resized(this.marks, new Uint8Array(size));
  }
}
