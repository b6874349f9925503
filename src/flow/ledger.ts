/**
 * The ledger: accounting of items per pipeline.
 *
 * Invariant 1 of the design: received + recovered + created = delivered + filtered + merged + dropped (by cause) + refused + queued + unknown.
 * `unknown` is what a killed process took with it: nobody can say what became of it, and it is never guessed into another figure.
 * `queued` is measured where items are held, never derived from the other figures, so that the remainder, `unaccounted`,
 * can show a bug. Counting is synchronous with the hand-over of an item: a snapshot taken between two events balances.
 */

/** Why an item was lost inside Sluice. */
export const DROP_CAUSES = [
  'queue_full',
  'memory_limit',
  'rejected_by_backend',
  'retries_exhausted',
  'shutdown',
  'invalid',
  'too_large',
  'write_failed',
  'no_route',
  'unsupported',
  'expired',
  'corrupt',
  'disk_full',
] as const;
export type DropCause = (typeof DROP_CAUSES)[number];

/** One row of the ledger, in items. */
export interface LedgerRow {
  readonly received: number;
  readonly recovered: number;
  readonly created: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly merged: number;
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
  readonly refused: number;
  readonly queued: number;
  /** What a killed process held, or was about to take over. */
  readonly unknown: number;
  readonly unaccounted: number;
}

/** Counters of one pipeline and one of its outputs. `held` is kept by the stages that hold items: batcher, queue, requests in flight. */
export class Account {
  received = 0;
  recovered = 0;
  created = 0;
  delivered = 0;
  filtered = 0;
  merged = 0;
  refused = 0;
  unknown = 0;
  held = 0;
  /** Wall clock of the newest item, ms; undefined before the first. */
  lastReceivedMs: number | undefined;
  lastDeliveredMs: number | undefined;
  readonly dropped: Partial<Record<DropCause, number>> = {};

  drop(cause: DropCause, itemCount: number): void {
    this.dropped[cause] = (this.dropped[cause] ?? 0) + itemCount;
  }

  row(): LedgerRow {
    return sumRows([this]);
  }
}

interface Counted extends Omit<LedgerRow, 'queued' | 'unaccounted'> {
  readonly held: number;
}

/** Adds rows up; the remainder is computed from the sums. */
export function addRows(rows: readonly LedgerRow[]): LedgerRow {
  return sumRows(rows.map((row) => ({ ...row, held: row.queued })));
}

/** Adds accounts up into one row; the remainder is computed from the sums. */
export function sumRows(accounts: Iterable<Counted>): LedgerRow {
  const sum = {
    received: 0,
    recovered: 0,
    created: 0,
    delivered: 0,
    filtered: 0,
    merged: 0,
    refused: 0,
    queued: 0,
    unknown: 0,
  };
  const dropped: Partial<Record<DropCause, number>> = {};
  let droppedTotal = 0;
  for (const account of accounts) {
    sum.received += account.received;
    sum.recovered += account.recovered;
    sum.created += account.created;
    sum.delivered += account.delivered;
    sum.filtered += account.filtered;
    sum.merged += account.merged;
    sum.refused += account.refused;
    sum.queued += account.held;
    sum.unknown += account.unknown;
    for (const cause of DROP_CAUSES) {
      const n = account.dropped[cause];
      if (n === undefined) continue;
      dropped[cause] = (dropped[cause] ?? 0) + n;
      droppedTotal += n;
    }
  }
  const inflow = sum.received + sum.recovered + sum.created;
  const outflow = sum.delivered + sum.filtered + sum.merged + droppedTotal + sum.refused + sum.queued + sum.unknown;
  return { ...sum, dropped, unaccounted: inflow - outflow };
}

/** All items lost, whatever the cause. */
export function lostItems(row: LedgerRow): number {
  return Object.values(row.dropped).reduce((total, n) => total + n, 0);
}
