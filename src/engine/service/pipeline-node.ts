import type { Account } from '../../flow/index.ts';
import type { PipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Consumer } from '../batch.ts';
import type { Processor } from '../component.ts';
import type { Output } from './books.ts';

/** One pipeline, connected to what is behind it. */
export interface PipelineNode {
  readonly id: PipelineId;
  readonly signal: Signal;
  readonly entry: Consumer;
  /** Accounts behind the entry; one that is reached in two ways stands here twice. */
  readonly accounts: readonly Account[];
  readonly outputs: readonly Output[];
  /** In the order data takes. */
  readonly processors: readonly Processor[];
  /** Pipelines that connectors lead to from here. */
  readonly behind: readonly PipelineNode[];
  /** What it was made of: instances, outputs and pipelines behind it, in order. */
  readonly parts: readonly unknown[];
}

/** Whether what enters a pipeline may come through another. */
export function leadsTo(from: PipelineNode, to: PipelineNode): boolean {
  return from === to || from.behind.some((next) => leadsTo(next, to));
}

/** Whether what enters a pipeline may come to an output. */
export function endsIn(from: PipelineNode, isIt: (output: Output) => boolean): boolean {
  return from.outputs.some(isIt) || from.behind.some((next) => endsIn(next, isIt));
}
