import type { Account } from '../../flow/index.ts';

interface Span {
  /** Up to where the next begins. */
  readonly fromId: number;
  readonly account: Account;
  /** Of requests that are on disk alone. */
  items: number;
}

/**
 * Whose the requests are that lie on disk alone: those of a pipeline before a reload, and of the one that has the exporter now.
 * One span for each, however many requests there are, since ids grow and an exporter has one pipeline at a time.
 */
export class BacklogOwners {
  readonly #spans: Span[] = [];

  /** What was found before anything else came. */
  found(account: Account, items: number): void {
    this.#spans.push({ fromId: 0, account, items });
  }

  get items(): number {
    return this.#spans.reduce((sum, { items }) => sum + items, 0);
  }

  /** The disk has another number than was left on it: books the difference for the oldest. */
  correct(found: number): void {
    const more = found - this.items;
    const first = this.#spans[0];
    if (more > 0 && first !== undefined) {
      first.account.recovered += more;
      first.account.held += more;
      first.items += more;
    }
    let missing = Math.max(0, -more);
    for (const span of this.#spans) {
      const lost = Math.min(missing, span.items);
      span.items -= lost;
      span.account.held -= lost;
      if (lost > 0) span.account.drop('corrupt', lost);
      missing -= lost;
    }
  }

  /** A request came to lie on disk alone. */
  add(id: number, account: Account, items: number): void {
    const last = this.#spans.at(-1)!;
    if (last.account === account) last.items += items;
    else this.#spans.push({ fromId: id, account, items });
  }

  /** A request that was taken lies on disk alone again. */
  putBack(id: number, account: Account, items: number): void {
    const next = this.#spans.findIndex(({ fromId }) => fromId > id);
    const at = next === -1 ? this.#spans.length : next;
    const span = this.#spans[at - 1];
    if (span?.account === account) span.items += items;
    else this.#spans.splice(at, 0, { fromId: id, account, items });
  }

  /** It does so no more, read or given up; whose it is. */
  take(id: number, items: number): Account {
    const span = this.#spans.findLast(({ fromId }) => fromId <= id)!;
    span.items -= items;
    this.#forgetEmpty();
    return span.account;
  }

  #forgetEmpty(): void {
    while (this.#spans.length > 1 && this.#spans[0]!.items === 0) this.#spans.shift();
  }
}
