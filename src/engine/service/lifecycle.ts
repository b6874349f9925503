/**
 * Starts and stops a graph. The order is here and nowhere else:
 *
 *   start  extensions, exporters, processors, receivers last: data finds everything behind it running
 *   stop   exporters and pipelines hear of it and hurry, so that whoever waits for one does not wait long; receivers close,
 *          giving the answers under way; then pipelines flush, each after those that feed it; exporters deliver
 *          what they hold; processors; extensions last, so that the stop itself can be watched
 */
import type { Clock } from '../../lib/index.ts';
import type { EngineListener, Extension, Receiver } from '../component.ts';
import type { Graph } from './graph.ts';

/** The share of the grace period that receivers may take: a sender that hangs leaves time to deliver what is held. */
const RECEIVERS_SHARE = 0.5;

export interface Parts {
  readonly graph: Graph;
  readonly receivers: readonly Receiver[];
  readonly extensions: readonly Extension[];
}

export async function startAll({ graph, receivers, extensions }: Parts): Promise<EngineListener[]> {
  const listeners: EngineListener[] = [];
  for (const extension of extensions) listeners.push(...(await extension.start()));
  for (const { exporter } of graph.exporters) await exporter.start?.();
  for (const processor of graph.processors) processor.start?.();
  for (const receiver of receivers) listeners.push(...(await receiver.start()));
  return listeners;
}

/** Every part stands being stopped that was not started: this also cleans up after a start that failed half-way. */
export async function stopAll(
  { graph, receivers, extensions }: Parts,
  { graceMs, clock }: { graceMs: number; clock: Clock },
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + graceMs;
  for (const exporter of graph.exporters) exporter.hasten();
  for (const { processors } of graph.pipelines) for (const processor of processors) processor.hasten?.();
  await Promise.all(receivers.map((receiver) => receiver.shutdown(graceMs * RECEIVERS_SHARE)));
  await flushAll(graph, { deadlineMs, clock });
  await Promise.all(graph.exporters.map((exporter) => exporter.drain(deadlineMs)));
  for (const { processors } of graph.pipelines) for (const processor of processors) processor.abandon?.();
  for (const processor of graph.processors) processor.shutdown?.();
  await Promise.all(graph.exporters.map((exporter) => exporter.close()));
  await Promise.all(extensions.map((extension) => extension.shutdown()));
}

/** Pipelines stand in the order of data, so that what one flushes reaches the next before that is flushed. */
async function flushAll(graph: Graph, { deadlineMs, clock }: { deadlineMs: number; clock: Clock }): Promise<void> {
  const flushed = (async () => {
    for (const { processors } of graph.pipelines) for (const processor of processors) await processor.flush?.();
  })();
  let giveUp = (): void => {};
  const timer = clock.after(Math.max(0, deadlineMs - clock.monotonicMs()), () => giveUp());
  await Promise.race([
    flushed,
    new Promise<void>((resolve) => {
      giveUp = resolve;
    }),
  ]);
  timer.cancel();
}
