import type { Counter } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Consumer } from '../batch.ts';
import type { ComponentContext, Processor, StageContext } from '../component.ts';

/** Counts items into and out of a processor, under the Collector's names. Source: processorhelper documentation.md at 0.149. */
export function observeItems(
  context: ComponentContext,
  stage: StageContext,
): { readonly next: Consumer; readonly incoming: Counter } {
  const { incoming, outgoing } = itemCounters(context, stage.signal);
  const next: Consumer = {
    borrows: stage.next.borrows === true,
    consume(batch) {
      outgoing.add(batch.itemCount);
      return stage.next.consume(batch);
    },
  };
  return { next, incoming };
}

export function itemCounters(
  { id, deps }: ComponentContext,
  signal: Signal,
): { readonly incoming: Counter; readonly outgoing: Counter } {
  const labels = { processor: id, otel_signal: signal };
  const incoming = deps.metrics.counter(
    { name: 'otelcol_processor_incoming_items', help: 'Number of items passed to the processor.' },
    labels,
  );
  const outgoing = deps.metrics.counter(
    { name: 'otelcol_processor_outgoing_items', help: 'Number of items the processor passed on.' },
    labels,
  );
  return { incoming, outgoing };
}

/** A stage that has nothing to do for its signal: every batch goes on as it is. */
export function createPassingStage(context: ComponentContext, stage: StageContext): Processor {
  const { next, incoming } = observeItems(context, stage);
  return {
    borrows: next.borrows === true,
    consume(batch) {
      incoming.add(batch.itemCount);
      return next.consume(batch);
    },
  };
}
