import type { Counter } from '../../../lib/index.ts';
import { ACCEPTED } from '../../batch.ts';
import { type ComponentContext, defineProcessor, type Processor, type StageContext } from '../../component.ts';
import { durationMs } from '../../settings/schema.ts';
import { createPassingStage, observeItems } from '../telemetry.ts';
import { convertRequest, type ToDelta } from './convert.ts';
import { difference } from './difference.ts';
import { SeriesStates } from './series-states.ts';
import { CumulativeToDeltaConfig, checkCumulativeToDelta, metricMatch } from './settings.ts';

/** Source: cumulativetodeltaprocessor factory.go at 0.149. */
const defaultMaxStalenessMs = 3_600_000;
/** Of the series of one pipeline, which the Collector does not bound: about 200,000 of them. */
const MAX_STATE_BYTES = 64 * 1024 * 1024;
const NANOS_PER_MS = 1_000_000;

/**
 * Makes cumulative sums and histograms delta: each point becomes what it adds to the one before it. What has none before it,
 * or is lower, cannot be told and goes; such points count as filtered.
 */
export const cumulativeToDeltaProcessor = defineProcessor({
  schema: CumulativeToDeltaConfig,
  check: checkCumulativeToDelta,
  create(settings, context) {
    const stops: (() => void)[] = [];
    return {
      attach(stage) {
        if (stage.signal !== 'metrics') return createPassingStage(context, stage);
        const states = createStates(context, stage);
        stops.push(forgetStale(states, context, durationMs(settings.max_staleness, defaultMaxStalenessMs)));
        return createStage(settings, { context, stage, states });
      },
      shutdown() {
        for (const stop of stops) stop();
      },
    };
  },
});

function createStates({ id, deps: { metrics } }: ComponentContext, { pipeline }: StageContext): SeriesStates {
  const labels = { processor: id, pipeline };
  const name = (what: string) => `otelcol_processor_cumulativetodelta_${what}`;
  const evicted: Counter = metrics.counter(
    { name: name('evicted_series'), help: 'Number of series forgotten because there was no room for more.' },
    labels,
  );
  const states = new SeriesStates({ maxBytes: MAX_STATE_BYTES, evicted });
  metrics.observe({ name: name('series'), help: 'Series whose last value is remembered.' }, labels, () => states.size);
  metrics.observe({ name: name('state_bytes'), help: 'About what they take in memory.' }, labels, () => states.bytes);
  return states;
}

/** Every `maxStalenessMs` what is older goes, as in the Collector; 0: never. */
function forgetStale(states: SeriesStates, { deps: { clock } }: ComponentContext, maxStalenessMs: number): () => void {
  if (maxStalenessMs <= 0) return () => {};
  const sweep = (): void => {
    states.forgetBefore(BigInt(Math.floor(clock.nowMs() - maxStalenessMs)) * BigInt(NANOS_PER_MS));
    timer = clock.after(maxStalenessMs, sweep);
  };
  let timer = clock.after(maxStalenessMs, sweep);
  return () => timer.cancel();
}

interface Surroundings {
  readonly context: ComponentContext;
  readonly stage: StageContext;
  readonly states: SeriesStates;
}

function createStage(settings: CumulativeToDeltaConfig, { context, stage, states }: Surroundings): Processor {
  const { next, incoming } = observeItems(context, stage);
  const matches = metricMatch(settings);
  const toDelta = createToDelta(states, {
    initial: settings.initial_value ?? 'auto',
    startedAt: BigInt(Math.floor(context.deps.clock.nowMs())) * BigInt(NANOS_PER_MS),
  });
  return {
    consume(batch) {
      incoming.add(batch.itemCount);
      const { bytes, dropped } = convertRequest(batch.bytes, matches, toDelta);
      if (bytes === batch.bytes) return next.consume(batch);
      for (const account of stage.accounts) account.filtered += dropped;
      const itemCount = batch.itemCount - dropped;
      return bytes.length === 0 ? ACCEPTED : next.consume({ ...batch, bytes, itemCount });
    },
  };
}

/** Source: MetricTracker.Convert of the processor at 0.149. */
function createToDelta(
  states: SeriesStates,
  { initial, startedAt }: { readonly initial: 'auto' | 'keep' | 'drop'; readonly startedAt: bigint },
): ToDelta {
  return (key, point) => {
    const { start, time } = point;
    const before = states.get(key);
    if (before === undefined) {
      states.set(key, { time, point: point.state });
      if (initial === 'keep') return { start: 0n, state: point.state };
      const isNew = initial === 'auto' && start >= startedAt && time !== start;
      return isNew ? { start, state: point.state } : undefined;
    }
    const now = point.state;
    const isUnknown = now.kind === 'histogram' && Number.isNaN(now.sum) && before.point.kind === 'histogram';
    const known = isUnknown ? { ...now, sum: (before.point as typeof now).sum } : now;
    states.set(key, { time, point: known });
    const state = difference(known, before.point);
    return state === undefined ? undefined : { start: before.time, state };
  };
}
