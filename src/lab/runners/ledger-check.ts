import type { LedgerCheck } from '../run.ts';
import type { PipelineAccount } from './accounts.ts';

export interface CheckOptions {
  /** A full queue refuses senders, so what it did not take is no loss. */
  readonly refusesSenders: boolean;
  /** Processes ended meanwhile, and nobody read their counters to the end. */
  readonly processesEnded: boolean;
  /** What was acknowledged outlives a killed process, so that whatever is missing after a kill was lost. */
  readonly survivesKill: boolean;
  /** The program does not count what a partial success named. */
  readonly blindToPartialSuccess: boolean;
}

/** Estimates of queues in bytes or batches are right within this share. */
const ESTIMATE_TOLERANCE = 0.15;

/**
 * Whether everything acknowledged is delivered, held, or dropped with a cause. Items whose sender heard an error may be anywhere,
 * so each pipeline's sum must lie between what was acknowledged and what was offered.
 */
export function checkLedger(accounts: readonly PipelineAccount[], options: CheckOptions): LedgerCheck {
  const lossByCause: Record<string, number> = {};
  const sum = { acknowledged: 0, unaccounted: 0, queued: 0, unknown: 0 };
  let balanced = true;
  for (const account of accounts) {
    const losses = lossesOf(account, options);
    for (const [cause, items] of Object.entries(losses)) lossByCause[cause] = (lossByCause[cause] ?? 0) + items;
    const lost = Object.values(losses).reduce((total, items) => total + items, 0);
    const explained = account.delivered + lost + account.queued.items;
    let missing = 0;
    if (explained < account.acknowledged) missing = account.acknowledged - explained;
    else if (explained > account.offered) missing = account.offered - explained;
    const tolerance = account.queued.exact ? 0 : Math.ceil(account.queued.items * ESTIMATE_TOLERANCE);
    const isAfterKill = options.processesEnded && missing > tolerance;
    sum.acknowledged += account.acknowledged;
    sum.queued += account.queued.items;
    if (isAfterKill && options.survivesKill) lossByCause['killed'] = (lossByCause['killed'] ?? 0) + missing;
    else if (isAfterKill) sum.unknown += missing;
    else if (Math.abs(missing) > tolerance) {
      sum.unaccounted += missing;
      balanced = false;
    }
  }
  return { balanced, ...sum, lossByCause };
}

function lossesOf(account: PipelineAccount, options: CheckOptions): Readonly<Record<string, number>> {
  const { queue_full: queueFull = 0, ...others } = account.dropped;
  const losses = { ...others, ...(queueFull > 0 && !options.refusesSenders ? { queue_full: queueFull } : {}) };
  if (account.rejectedInPart === 0 || !options.blindToPartialSuccess) return losses;
  return { ...losses, rejected_by_backend: account.rejectedInPart };
}
