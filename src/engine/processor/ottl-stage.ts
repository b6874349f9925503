import type { Account } from '../../flow/index.ts';
import type { Counter } from '../../lib/index.ts';
import type { EditResult, RequestEditor } from '../../ottl/index.ts';
import { countItems } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse } from '../batch.ts';
import type { ComponentContext, Processor, StageContext } from '../component.ts';
import { StatementFailure } from './ottl-sequence.ts';
import { observeItems } from './telemetry.ts';

export interface OttlStageOptions {
  readonly editor: RequestEditor;
  /** Statements may make items of others, or one of several. */
  readonly makesItems: boolean;
  /** Counts items that were dropped, under the Collector's name. */
  readonly filtered?: Counter;
}

/**
 * A stage that passes every batch on as the editor leaves it, and nothing where that is empty. What it drops, makes and merges
 * is booked in every account behind it. A failure that is propagated refuses the batch; as in the Collector, the sender may try
 * again.
 */
export function createOttlStage(context: ComponentContext, stage: StageContext, options: OttlStageOptions): Processor {
  const { next, incoming } = observeItems(context, stage);
  const { editor, filtered } = options;
  return {
    consume(batch) {
      incoming.add(batch.itemCount);
      let result: EditResult;
      try {
        result = editor(batch.bytes);
      } catch (error) {
        if (error instanceof StatementFailure) return refuseFailed(batch, stage.accounts, context, error);
        throw error;
      }
      if (result.bytes === batch.bytes) return next.consume(batch);
      filtered?.add(result.dropped);
      return passOn(batch, result, next, { accounts: stage.accounts, makesItems: options.makesItems });
    },
  };
}

function passOn(
  batch: Batch,
  { bytes, dropped }: EditResult,
  next: Consumer,
  { accounts, makesItems }: { readonly accounts: readonly Account[]; readonly makesItems: boolean },
) {
  const left = batch.itemCount - dropped;
  const itemCount = makesItems ? countItems(batch.signal, bytes) : left;
  for (const account of accounts) {
    account.filtered += dropped;
    if (itemCount > left) account.created += itemCount - left;
    else account.merged += left - itemCount;
  }
  return bytes.length === 0 ? ACCEPTED : next.consume({ ...batch, bytes, itemCount });
}

function refuseFailed(
  batch: Batch,
  accounts: readonly Account[],
  { id }: ComponentContext,
  { message, text }: StatementFailure,
) {
  return refuse(batch, accounts, {
    cause: 'invalid',
    retryable: true,
    afterMs: 1000,
    message: `processor ${id} failed at \`${text}\`: ${message}`,
  });
}
