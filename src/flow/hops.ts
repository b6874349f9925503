/**
 * The ledger of a pipeline that runs in two processes: an entry that hands over, and a dispatcher that delivers.
 *
 * What the dispatcher refuses is not lost: the front still holds it and tries again. So the dispatcher has taken
 * `received - refused`, and the front knows of `delivered`. The difference is
 * - positive where the dispatcher's row is the older one: these items are on the wire, and count as queued
 * - negative where answers are on the wire. The dispatcher has what the front still holds or took with it when it was killed:
 *   neither queued twice nor unknown. What is left then was given twice or given up although it had arrived, because an
 *   answer was lost: each such item exists a second time, created by the hop.
 */
import { addRows, type LedgerRow } from './ledger.ts';

/** One row for both; it balances when both do. Of what the front holds it cannot be told what has arrived before the front knows. */
export function joinHops(front: LedgerRow, behind: LedgerRow): LedgerRow {
  const both = addRows([front, behind]);
  const onTheWire = Math.max(0, front.delivered - takenBy(behind));
  const early = Math.max(0, takenBy(behind) - front.delivered);
  const stillQueued = Math.min(early, front.queued);
  const notUnknown = Math.min(early - stillQueued, front.unknown);
  return addRows([
    {
      ...both,
      received: front.received,
      created: both.created + early - stillQueued - notUnknown,
      delivered: behind.delivered,
      refused: front.refused,
      queued: both.queued + onTheWire - stillQueued,
      unknown: both.unknown - notUnknown,
    },
  ]);
}

/**
 * The last row of a process that was killed: what it held is unknown, and so is what was handed to it after that row
 * (`handedOver`: what its sender has delivered to it in all; absent when nobody counts). Add it to the row of its successor.
 */
export function rowOfKilled(last: LedgerRow, handedOver = takenBy(last)): LedgerRow {
  const unseen = Math.max(0, handedOver - takenBy(last));
  return { ...last, received: last.received + unseen, queued: 0, unknown: last.unknown + last.queued + unseen };
}

function takenBy(row: LedgerRow): number {
  return row.received - row.refused;
}
