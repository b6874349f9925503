import type { ResourcePatch } from '../../pdata/index.ts';
import type { ComponentContext, Processor, StageContext } from '../component.ts';
import { headersOf } from '../settings/attribute-actions.ts';
import { observeItems } from './telemetry.ts';

/** A stage that passes every batch on as `patch` makes it, and the same object where that changes nothing. */
export function createPatchStage(context: ComponentContext, stage: StageContext, patch: ResourcePatch): Processor {
  const { next, incoming } = observeItems(context, stage);
  const { scratch } = stage;
  return {
    borrows: next.borrows === true,
    consume(batch) {
      incoming.add(batch.itemCount);
      const writer = scratch.take(next);
      try {
        const bytes = patch(batch.bytes, headersOf(batch), writer);
        return next.consume(bytes === batch.bytes ? batch : { ...batch, bytes });
      } finally {
        scratch.giveBack(writer);
      }
    },
  };
}
