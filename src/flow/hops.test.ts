import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account, addRows, joinHops, type LedgerRow, rowOfKilled } from './index.ts';

/** An entry and a dispatcher that run, with the truth about every request between them. */
class Hop {
  front = new Account();
  behind = new Account();
  #buried: LedgerRow[] = [];
  /** Requests the front holds, with how much of each the dispatcher has taken in all. */
  readonly #requests: { readonly n: number; taken: number; answered: boolean }[] = [];
  duplicates = 0;

  receive(n: number): void {
    this.front.received += n;
    this.front.held += n;
    this.#requests.push({ n, taken: 0, answered: true });
  }

  /** One try: the dispatcher takes or refuses, and the front hears of it or not. */
  attempt(pick: number, { takes, answered }: { readonly takes: boolean; readonly answered: boolean }): void {
    const request = this.#requests[pick % Math.max(1, this.#requests.length)];
    if (request === undefined) return;
    this.behind.received += request.n;
    if (takes) {
      this.behind.held += request.n;
      if (request.taken > 0) this.duplicates += request.n;
      request.taken += request.n;
    } else this.behind.refused += request.n;
    if (!answered || !takes) return;
    this.front.delivered += request.n;
    this.front.held -= request.n;
    this.#requests.splice(this.#requests.indexOf(request), 1);
  }

  giveUp(pick: number): void {
    const request = this.#requests[pick % Math.max(1, this.#requests.length)];
    if (request === undefined) return;
    this.front.drop('retries_exhausted', request.n);
    this.front.held -= request.n;
    if (request.taken > 0) this.duplicates += request.n;
    this.#requests.splice(this.#requests.indexOf(request), 1);
  }

  deliver(n: number): void {
    const taken = Math.min(n, this.behind.held);
    this.behind.held -= taken;
    this.behind.delivered += taken;
  }

  killBehind(): void {
    this.#buried.push(rowOfKilled(this.behind.row()));
    this.behind = new Account();
  }

  row(): LedgerRow {
    return joinHops(this.front.row(), addRows([...this.#buried, this.behind.row()]));
  }

  settle(): void {
    while (this.#requests.length > 0) this.attempt(0, { takes: true, answered: true });
    this.deliver(Number.POSITIVE_INFINITY);
  }
}

const step: fc.Arbitrary<(hop: Hop) => void> = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((n) => (hop: Hop) => hop.receive(n)),
  fc.record({ pick: fc.nat(), takes: fc.boolean(), answered: fc.boolean() }).map(({ pick, ...how }) => {
    return (hop: Hop) => hop.attempt(pick, how);
  }),
  fc.nat().map((pick) => (hop: Hop) => hop.giveUp(pick)),
  fc.nat(30).map((n) => (hop: Hop) => hop.deliver(n)),
  fc.constant((hop: Hop) => hop.killBehind()),
);

describe('joinHops', () => {
  it('balances whatever is refused, answered or lost between the two, and shows in the end how often an item exists twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hop = new Hop();
        for (const run of steps) {
          run(hop);
          const row = hop.row();
          expect(row.unaccounted).toBe(0);
          for (const figure of [row.queued, row.created, row.unknown]) expect(figure).toBeGreaterThanOrEqual(0);
          expect(row.queued).toBeGreaterThanOrEqual(hop.behind.held);
        }
        hop.settle();
        expect(hop.row()).toMatchObject({ unaccounted: 0, queued: 0, created: hop.duplicates });
      }),
    );
  });

  it('counts as queued what is on the wire, and what both hold once', () => {
    const front = new Account();
    front.received = 10;
    front.held = 10;
    const behind = new Account();
    behind.received = 10;
    behind.held = 10;
    expect(joinHops(front.row(), behind.row())).toMatchObject({ queued: 10, created: 0, unaccounted: 0 });
    front.held = 0;
    front.delivered = 10;
    expect(joinHops(front.row(), new Account().row())).toMatchObject({ queued: 10, delivered: 0, unaccounted: 0 });
  });

  it('leaves out what the dispatcher refused, which the front has still', () => {
    const front = new Account();
    front.received = 5;
    front.held = 5;
    const behind = new Account();
    behind.received = 20;
    behind.refused = 20;
    expect(joinHops(front.row(), behind.row())).toMatchObject({ received: 5, refused: 0, queued: 5, unaccounted: 0 });
  });

  it('does not call unknown what a killed entry had handed over', () => {
    const front = new Account();
    front.received = 10;
    front.held = 10;
    const behind = new Account();
    behind.received = 6;
    behind.delivered = 6;
    const row = joinHops(rowOfKilled(front.row()), behind.row());
    expect(row).toMatchObject({ received: 10, delivered: 6, unknown: 4, created: 0, unaccounted: 0 });
  });
});

describe('rowOfKilled', () => {
  it('shows as unknown what the process held and what it was given after its last row', () => {
    const account = new Account();
    account.received = 10;
    account.delivered = 7;
    account.held = 3;
    expect(rowOfKilled(account.row(), 14)).toMatchObject({ received: 14, queued: 0, unknown: 7, unaccounted: 0 });
    expect(rowOfKilled(account.row())).toMatchObject({ received: 10, queued: 0, unknown: 3 });
  });
});
