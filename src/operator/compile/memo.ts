/**
 * Remembers the results of a pure function by key, so it never changes what a caller gets. What was not asked for between two
 * sweeps is forgotten: the memo holds no more than what the last round needed.
 */
export class Memo<T> {
  #current = new Map<string, T>();
  #previous = new Map<string, T>();
  /** Calls that had to compute, since the start. */
  misses = 0;

  get(key: string, compute: () => T): T {
    let value = this.#current.get(key) ?? this.#previous.get(key);
    if (value === undefined) {
      this.misses++;
      value = compute();
    }
    this.#current.set(key, value);
    return value;
  }

  sweep(): void {
    this.#previous = this.#current;
    this.#current = new Map();
  }
}
