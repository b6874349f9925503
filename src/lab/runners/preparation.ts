import { type Clock, formatByteSize, sleep } from '../../lib/index.ts';
import type { Backend, RunPlan } from '../run.ts';
import { acknowledgedItems, sumFigures } from './accounts.ts';
import type { Deployment } from './deployment.ts';
import type { SinkProcess } from './load-process.ts';
import type { NamedSettings } from './named-settings.ts';
import type { Front, SenderProgress, Senders } from './senders.ts';

/** What runs before the measurement begins. */
export interface PreparationContext {
  readonly plan: RunPlan;
  readonly settings: NamedSettings;
  readonly units: readonly Place[];
  readonly senders: Senders;
  readonly sinks: ReadonlyMap<string, SinkProcess>;
  readonly deployment: Deployment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const PATIENCE_MS = 15_000;
/** A disk that takes less than so much a second makes no backlog worth waiting for. */
const SLOWEST_BACKLOG_BYTES_PER_SECOND = 5 * 2 ** 20;

/** Of all, only the fronts take data from senders. */
type Place = Front & { readonly front: boolean };

export function fronts(units: readonly Place[]): readonly Front[] {
  return units.filter(({ front }) => front);
}

/** All backends accept; at the end everything is delivered, so that the measurement begins with empty queues. */
export async function warmUp(context: Omit<PreparationContext, 'deployment'>): Promise<void> {
  const { plan, settings, senders, sinks, units, clock, signal } = context;
  await senders.start(fronts(units), { phase: 'warm-up' });
  await sleep(clock, plan.warmUpMs, signal);
  const sent = await senders.stop();
  await untilDelivered({ sent, backends: plan.backends, limitMs: PATIENCE_MS + settings.batchMs }, context);
  await Promise.all([...sinks.values()].map((sink) => sink.clear()));
}

/** Sends as fast as answers come until so much waits for every backend that does not accept. Rejects when it does not grow so far. */
export async function fillBacklog(bytes: number, context: PreparationContext): Promise<void> {
  const { plan, settings, senders, sinks, units, deployment, clock, signal } = context;
  const away = plan.backends.filter(({ mode }) => mode !== 'accept');
  await senders.start(fronts(units), { phase: 'backlog', asFastAsAnswersCome: true });
  const deadlineMs = performance.now() + PATIENCE_MS + (bytes / SLOWEST_BACKLOG_BYTES_PER_SECOND) * 1000;
  for (;;) {
    const { metrics } = await deployment.sample();
    const sizes = away.map((backend) => sumFigures(metrics, backend).queueSize);
    if (sizes.every((size) => size >= bytes)) break;
    const [crash] = deployment.crashes();
    if (crash !== undefined) throw new Error(crash);
    if (performance.now() > deadlineMs) {
      const largest = formatByteSize(Math.max(0, ...sizes));
      throw new Error(`no backlog of ${formatByteSize(bytes)} came together; it grew to ${largest}`);
    }
    await sleep(clock, 500, signal);
  }
  const sent = await senders.stop();
  const accepting = plan.backends.filter(({ mode }) => mode === 'accept');
  await untilDelivered({ sent, backends: accepting, limitMs: PATIENCE_MS + settings.batchMs }, context);
  await Promise.all([...sinks.values()].map((sink) => sink.clear()));
}

export interface DeliveryGoal {
  readonly sent: readonly SenderProgress[];
  readonly backends: readonly Backend[];
  /** Without anything new for so long, nothing more is expected. */
  readonly limitMs: number;
  /** Items that gateways say they dropped of each backend's pipeline, and that are not waited for. */
  dropped?(): Promise<ReadonlyMap<Backend, number>>;
}

/** Waits until these backends have all that was acknowledged, or nothing comes any more. */
export async function untilDelivered(
  { sent, backends, limitMs, dropped }: DeliveryGoal,
  { sinks, clock, signal }: Pick<PreparationContext, 'sinks' | 'clock' | 'signal'>,
): Promise<void> {
  let before = -1;
  let changedMs = performance.now();
  for (;;) {
    const unique = await Promise.all(
      backends.map(async ({ name, signal: data }) => (await sinks.get(name)!.stats()).signals[data].unique),
    );
    const gone = await dropped?.();
    const missing = backends.some(
      (backend, index) => unique[index]! + (gone?.get(backend) ?? 0) < acknowledgedItems(sent, backend),
    );
    const now = unique.reduce((sum, one) => sum + one, 0);
    if (now !== before) changedMs = performance.now();
    before = now;
    if (!missing || performance.now() - changedMs > limitMs) return;
    await sleep(clock, 200, signal);
  }
}
