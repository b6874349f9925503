import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account, DROP_CAUSES, lostItems, sumRows } from './index.ts';

/** One step of an item's life, applied to the account that it moves through. */
type Step = (account: Account, n: number) => void;

const STEPS: readonly Step[] = [
  (a, n) => {
    a.received += n;
    a.delivered += n;
  },
  (a, n) => {
    a.received += n;
    a.held += n;
  },
  (a, n) => {
    a.received += n;
    a.refused += n;
  },
  (a, n) => {
    a.recovered += n;
    a.held += n;
  },
  (a, n) => {
    a.created += n;
    a.filtered += n;
  },
  ...DROP_CAUSES.map(
    (cause): Step =>
      (a, n) => {
        a.received += n;
        a.drop(cause, n);
      },
  ),
];

describe('ledger', () => {
  it('balances after any sequence of balanced steps, per account and summed', () => {
    const step = fc.record({ which: fc.nat(STEPS.length - 1), n: fc.nat(1000), account: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const accounts = [new Account(), new Account(), new Account()];
        for (const { which, n, account } of steps) STEPS[which]!(accounts[account]!, n);
        for (const account of accounts) expect(account.row().unaccounted).toBe(0);
        expect(sumRows(accounts).unaccounted).toBe(0);
      }),
    );
  });

  it('shows an item that vanished as unaccounted', () => {
    const account = new Account();
    account.received = 10;
    account.delivered = 7;
    account.drop('queue_full', 1);
    expect(account.row()).toMatchObject({ unaccounted: 2, dropped: { queue_full: 1 } });
    expect(lostItems(account.row())).toBe(1);
  });
});
