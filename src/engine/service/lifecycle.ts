/**
 * The order in which everything stops. It is here and nowhere else; what starts is in reload.ts: extensions, exporters,
 * processors, receivers last, so that data finds everything behind it running.
 *
 * Exporters and pipelines hear of the stop and hurry, so that whoever waits for one does not wait long; receivers close,
 * giving the answers under way; then pipelines flush, each after those that feed it; exporters deliver what they hold;
 * processors; extensions last, so that the stop itself can be watched.
 */
import type { Clock } from '../../lib/index.ts';
import type { Processor, ProcessorInstance } from '../component.ts';
import type { SendingWay } from '../exporter/sending-way.ts';

/** The share of the grace period that receivers may take: a sender that hangs leaves time to deliver what is held. */
const RECEIVERS_SHARE = 0.5;

interface Closable {
  close(graceMs: number): Promise<void>;
}

/** Processors of a pipeline in the order data takes. */
interface Stages {
  readonly processors: readonly Processor[];
}

/** Everything that runs or is not done yet. */
export interface Parts {
  /** Each after all that feed it. */
  readonly pipelines: readonly Stages[];
  readonly exporters: readonly SendingWay[];
  readonly receivers: readonly Closable[];
  readonly processors: readonly ProcessorInstance[];
  readonly extensions: readonly Closable[];
}

/** Every part stands being stopped that was not started: this also cleans up after a start that failed half-way. */
export async function stopAll(
  { pipelines, exporters, receivers, processors, extensions }: Parts,
  { graceMs, clock }: { graceMs: number; clock: Clock },
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + graceMs;
  const stages = pipelines.flatMap((pipeline) => pipeline.processors);
  for (const exporter of exporters) exporter.hasten();
  for (const stage of stages) stage.hasten?.();
  await Promise.all(receivers.map((receiver) => receiver.close(graceMs * RECEIVERS_SHARE)));
  await flushUntil(pipelines, { deadlineMs, clock });
  await Promise.all(exporters.map((exporter) => exporter.drain(deadlineMs)));
  for (const stage of stages) stage.abandon?.();
  for (const processor of processors) processor.shutdown?.();
  await Promise.all(exporters.map((exporter) => exporter.close()));
  await Promise.all(extensions.map((extension) => extension.close(0)));
}

/** Pipelines stand in the order of data, so that what one flushes reaches the next before that is flushed. */
export async function flushAll(pipelines: readonly Stages[]): Promise<void> {
  for (const { processors } of pipelines) for (const stage of processors) await stage.flush?.();
}

async function flushUntil(
  pipelines: readonly Stages[],
  { deadlineMs, clock }: { deadlineMs: number; clock: Clock },
): Promise<void> {
  let giveUp = (): void => {};
  const timer = clock.after(Math.max(0, deadlineMs - clock.monotonicMs()), () => giveUp());
  await Promise.race([
    flushAll(pipelines),
    new Promise<void>((resolve) => {
      giveUp = resolve;
    }),
  ]);
  timer.cancel();
}
