import type { Account } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Batch, Consumer } from '../batch.ts';
import { createFanout } from './fanout.ts';
import type { PipelineNode } from './pipeline-node.ts';
import type { Retries } from './retries.ts';

export interface EntryOptions {
  readonly clock: Clock;
  /** Items offered by senders, by signal. */
  readonly offered: Record<Signal, number>;
  readonly retries: Retries;
}

/** Where a receiver hands data over: counts it as offered once, and as received in every account it will reach. */
export function createEntry(pipelines: readonly PipelineNode[], { clock, offered, retries }: EntryOptions): Consumer {
  const branches = pipelines.map(({ id, entry, accounts }) => ({ name: id, consumer: entry, accounts }));
  const fanout = createFanout(branches, retries);
  const accounts = pipelines.flatMap((pipeline) => pipeline.accounts);
  const borrows = fanout.borrows === true;
  return {
    borrows,
    consume(batch) {
      offered[batch.signal] += batch.itemCount;
      countReceived(batch, accounts, clock);
      retries.begin(batch, borrows);
      return retries.end(fanout.consume(batch));
    },
  };
}

/** Everyone behind a pipeline's entry receives its items. */
export function countReceived({ itemCount }: Batch, accounts: readonly Account[], clock: Clock): void {
  const nowMs = clock.nowMs();
  for (const account of accounts) {
    account.received += itemCount;
    account.lastReceivedMs = nowMs;
  }
}
