/** So few that are not wanted may stay. */
const TIDY_FROM = 64;

/** First in, first out; taking costs the same however many wait. */
export class Fifo<T> {
  #entries: (T | undefined)[] = [];
  #head = 0;
  /** Entries that may not be wanted any more, since the last look for them. */
  #unwanted = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The one that is taken next. */
  get first(): T | undefined {
    return this.#entries[this.#head];
  }

  push(entry: T): void {
    this.#entries.push(entry);
  }

  take(): T | undefined {
    if (this.#head === this.#entries.length) return undefined;
    const entry = this.#entries[this.#head];
    this.#entries[this.#head] = undefined;
    this.#head++;
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  /** Puts entries in front of all others, in their order. */
  putFirst(entries: readonly T[]): void {
    if (entries.length === 0) return;
    this.#entries = [...entries, ...this.#entries.slice(this.#head)];
    this.#head = 0;
  }

  /** One may not be wanted any more: before those take more memory than the others, they go. */
  tidy(isWanted: (entry: T) => boolean): void {
    this.#unwanted++;
    if (this.#unwanted < TIDY_FROM || this.#unwanted * 2 < this.length) return;
    this.#unwanted = 0;
    this.#entries = (this.#entries.slice(this.#head) as T[]).filter(isWanted);
    this.#head = 0;
  }

  /** Takes everything. */
  clear(): T[] {
    const entries = this.#entries.slice(this.#head) as T[];
    this.#entries = [];
    this.#head = 0;
    return entries;
  }
}
