import type { Account } from '../../flow/index.ts';
import { compileEditor, type EditResult, type RequestEditor, RequestLimitError } from '../../ottl/index.ts';
import { countItems, type WireWriter } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, refuse } from '../batch.ts';
import type { Processor, StageContext } from '../component.ts';
import { joinedWalks, type OttlEdit } from './ottl-edit.ts';
import { StatementFailure } from './ottl-sequence.ts';

/**
 * A stage that passes every batch on as neighbouring processors leave it, and nothing where that is empty. What they drop, make
 * and merge is booked in every account behind them. A failure that is propagated refuses the batch; as in the Collector, the
 * sender may try again. Only the last may make items: how many it made shows in what is left.
 */
export function createOttlStage(
  edits: readonly OttlEdit[],
  { signal, next, accounts, scratch }: StageContext,
): Processor {
  const walks = joinedWalks(edits.flatMap((edit) => edit.walks));
  const editor = walks.length === 0 ? passOn : compileEditor(signal, walks);
  const makesItems = edits.at(-1)!.makesItems;
  const edited = (batch: Batch, output: WireWriter | undefined) => {
    let result: EditResult;
    try {
      result = editor(batch.bytes, output);
    } catch (error) {
      if (!(error instanceof StatementFailure)) throw error;
      for (const edit of edits.slice(0, indexOf(error, edits) + 1)) edit.incoming.add(batch.itemCount);
      return refuseFailed(batch, accounts, error);
    }
    if (result.bytes === batch.bytes) {
      count(edits, result, batch.itemCount, batch.itemCount);
      return next.consume(batch);
    }
    const itemCount = makesItems ? countItems(signal, result.bytes) : batch.itemCount - result.dropped;
    count(edits, result, batch.itemCount, itemCount);
    book(accounts, { dropped: result.dropped, made: itemCount - (batch.itemCount - result.dropped) });
    if (result.bytes.length === 0) return ACCEPTED;
    return next.consume({ ...batch, bytes: result.bytes, itemCount });
  };
  return {
    borrows: next.borrows === true,
    consume(batch) {
      const output = scratch.take(next);
      try {
        return edited(batch, output);
      } finally {
        scratch.giveBack(output);
      }
    },
  };
}

const NOTHING_DROPPED = new Map<never, number>();
const passOn: RequestEditor = (bytes) => ({ bytes, dropped: 0, droppedBy: NOTHING_DROPPED });

/** What went into each processor and came out of it. */
function count(edits: readonly OttlEdit[], { droppedBy }: EditResult, from: number, to: number): void {
  let left = from;
  for (const edit of edits) {
    edit.incoming.add(left);
    if (droppedBy.size > 0) {
      let dropped = 0;
      for (const { steps } of edit.walks) for (const step of steps) dropped += droppedBy.get(step) ?? 0;
      left -= dropped;
      edit.filtered?.add(dropped);
    }
    if (edit === edits.at(-1)) left = to;
    edit.outgoing.add(left);
  }
}

function book(
  accounts: readonly Account[],
  { dropped, made }: { readonly dropped: number; readonly made: number },
): void {
  for (const account of accounts) {
    account.filtered += dropped;
    if (made > 0) account.created += made;
    else account.merged -= made;
  }
}

function indexOf({ processor }: StatementFailure, edits: readonly OttlEdit[]): number {
  return edits.findIndex(({ id }) => id === processor);
}

function refuseFailed(batch: Batch, accounts: readonly Account[], failure: StatementFailure) {
  const { message, processor, text, cause } = failure;
  return refuse(batch, accounts, {
    cause: 'invalid',
    // The same request would write as much again.
    ...(cause instanceof RequestLimitError ? { retryable: false, afterMs: 0 } : { retryable: true, afterMs: 1000 }),
    message: `processor ${processor} failed at \`${text}\`: ${message}`,
  });
}
