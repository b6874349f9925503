import type { Backend, Fault, RunPlan } from '../run.ts';
import type { PipelineAccount } from './accounts.ts';
import { latenciesMs, longestGapMs, quantile } from './latencies.ts';
import type { SettledRequests } from './load-process.ts';
import type { SenderProgress } from './senders.ts';
import { figureName, rounded } from './series.ts';
import type { Moment } from './timeline.ts';

/** All that a measurement left. */
export interface Observed {
  readonly plan: RunPlan;
  readonly moments: readonly Moment[];
  /** Of every sender, at the end. */
  readonly sent: readonly SenderProgress[];
  readonly accounts: readonly PipelineAccount[];
  /** Items that backends got more than once. */
  readonly duplicates: number;
  readonly loads: readonly LoadTimes[];
  readonly probes: readonly { readonly signal: string; readonly requests: SettledRequests }[];
  /** Wall clock of the measurement, ms. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly rssPeakMiB: number;
  readonly processes: number;
  readonly objects: number;
}

/** Requests of a load, and when they arrived at each backend of its signal. */
export interface LoadTimes {
  readonly signal: string;
  readonly requests: SettledRequests;
  readonly arrivals: ReadonlyMap<string, Float64Array>;
  readonly itemsPerRequest: number;
}

export interface Figures {
  readonly figures: Readonly<Record<string, number>>;
  /** Figures that ended with the measurement: their true value is higher. */
  readonly censored: readonly string[];
}

/** Backends that accept from the beginning to the end. */
export function healthyBackends({ backends, faults }: RunPlan): readonly Backend[] {
  const changed = new Set(faults.filter(({ kind }) => kind === 'backend').map(({ target }) => target));
  return backends.filter(({ name, mode }) => mode === 'accept' && !changed.has(name));
}

/** Rates are those between the first look and the last, so that neither what is planned nor what comes after the load counts. */
export function figuresOf(observed: Observed): Figures {
  const { plan, sent, accounts, moments, loads } = observed;
  const [first, last] = [moments[0]!, moments.at(-1)!];
  const seconds = (last.atMs - first.atMs) / 1000;
  const healthy = healthyBackends(plan).map(({ name }) => name);
  const total = (count: (report: SenderProgress['report']) => number) =>
    sent.reduce((sum, { report }) => sum + count(report), 0);
  const items = total((report) => report.sent);
  const accepted = last.accepted - first.accepted;
  const goodputs = accounts.map((account) => [account.backend.name, goodputPercent(account, observed)] as const);
  const losses = accounts.map((account) => [account.backend.name, lostItems(account, loads)] as const);
  const latencies = loads.flatMap(({ requests, arrivals }) =>
    [...arrivals].filter(([name]) => healthy.includes(name)).map(([, times]) => latenciesMs(requests, times)),
  );
  const delivered = accounts.reduce((sum, account) => sum + account.delivered, 0);
  const deliveredInTime = sumOf(last.delivered) - sumOf(first.delivered);
  const cpuSeconds = last.usage.cpuSeconds - first.usage.cpuSeconds;
  const { censored, figures: faultFigures } = afterFaults(observed);
  const figures: Record<string, number> = {
    ...lowest(
      'goodput_percent',
      goodputs.filter(([name]) => healthy.includes(name)).map(([, percent]) => percent),
    ),
    ...Object.fromEntries(goodputs.map(([name, percent]) => [`goodput_percent_${figureName(name)}`, percent])),
    ...highest(
      'p50_ms',
      latencies.map((one) => quantile(one, 0.5)),
    ),
    ...highest(
      'p99_ms',
      latencies.map((one) => quantile(one, 0.99)),
    ),
    accepted_per_second: accepted / seconds,
    accepted_per_second_per_replica: accepted / seconds / plan.replicas,
    delivered_per_second: deliveredInTime / seconds,
    refused_percent: percentOf(
      total((report) => report.refused),
      items,
    ),
    failed_percent: percentOf(
      total((report) => report.failed),
      items,
    ),
    lost_items: losses.filter(([name]) => healthy.includes(name)).reduce((sum, [, items]) => sum + items, 0),
    ...Object.fromEntries(losses.map(([name, items]) => [`lost_items_${figureName(name)}`, items])),
    duplicates_percent: percentOf(observed.duplicates, delivered),
    rss_peak_mib: observed.rssPeakMiB,
    rss_total_mib: Math.max(...moments.map(({ usage }) => usage.rssMiB)),
    cpu_cores: cpuSeconds / seconds,
    ...(accepted === 0 ? {} : { cpu_seconds_per_million: (cpuSeconds / accepted) * 1e6 }),
    queue_disk_peak_mib: Math.max(...moments.map(({ queueDiskBytes }) => queueDiskBytes)) / 2 ** 20,
    unavailable_seconds:
      Math.max(...observed.probes.map(({ requests }) => longestGapMs(requests, observed.fromMs, observed.untilMs))) /
      1000,
    processes: observed.processes,
    objects: observed.objects,
    ...faultFigures,
  };
  return {
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)])),
    censored,
  };
}

/**
 * Acknowledged, and neither delivered nor held. Counts alone would let items that were delivered although their sender heard
 * an error stand for others that were lost, so requests that were acknowledged and never came count, too.
 */
function lostItems({ backend, acknowledged, delivered, queued }: PipelineAccount, loads: readonly LoadTimes[]): number {
  const missing = loads.reduce((sum, { requests, arrivals, itemsPerRequest }) => {
    const times = arrivals.get(backend.name);
    if (times === undefined) return sum;
    const lost = requests.request.filter(
      (request, index) => requests.ok[index] === 1 && Number.isNaN(times[request] ?? Number.NaN),
    );
    return sum + lost.length * itemsPerRequest;
  }, 0);
  return Math.max(0, Math.max(missing, acknowledged - delivered) - queued.items);
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Of what senders wanted to send while it was measured: a gateway that makes them wait does not look better for it. */
function goodputPercent({ backend, delivered, offered }: PipelineAccount, { sent, fromMs, untilMs }: Observed): number {
  const rates = sent.filter(({ signal }) => signal === backend.signal).map(({ itemsPerSecond }) => itemsPerSecond);
  const wanted = (rates.reduce((sum, rate) => sum + rate, 0) * (untilMs - fromMs)) / 1000;
  return Math.min(100, percentOf(delivered, Math.max(offered, wanted)));
}

const GOOD_PERCENT = 90;
/** Batches make a second uneven, so several count together. */
const WINDOW_SECONDS = 2;
/** In the first of them alone: what comes in a burst at their end was not there before. */
const FIRST_SECOND_PERCENT = 50;

/** How long and how far the faults of a run were felt by pipelines whose backends accept. */
function afterFaults({ plan, moments }: Observed): Figures {
  const first = plan.faults[0];
  const healed = plan.faults.filter(heals).at(-1) ?? first;
  if (first === undefined || healed === undefined) return { figures: {}, censored: [] };
  const accepting = plan.backends.filter((backend) => finalMode(backend, plan) === 'accept');
  const recoveries = accepting.map((backend) => recoveryOf(backend, healed.afterMs, moments));
  const disturbed = healthyBackends(plan).filter((backend) => isDisturbed(backend, first.afterMs, moments));
  const healthy = healthyBackends(plan).length;
  return {
    figures: {
      ...highest(
        'recovery_seconds',
        recoveries.map(({ seconds }) => seconds),
      ),
      ...(healthy === 0 ? {} : { disturbed_percent: (disturbed.length / healthy) * 100 }),
    },
    censored: recoveries.some(({ isOver }) => !isOver) ? ['recovery_seconds'] : [],
  };
}

function heals({ kind, mode }: Fault): boolean {
  return kind !== 'fill-disk' && kind !== 'squeeze-memory' && (kind !== 'backend' || mode === 'accept');
}

function finalMode({ name, mode }: Backend, { faults }: RunPlan): string {
  return faults.findLast(({ kind, target }) => kind === 'backend' && target === name)?.mode ?? mode;
}

interface Recovery {
  readonly seconds: number;
  /** False when it did not come within the run, which took so long. */
  readonly isOver: boolean;
}

/** Until a backend gets as much as is sent, from there on for some seconds. */
function recoveryOf(backend: Backend, fromMs: number, moments: readonly Moment[]): Recovery {
  const leftMs = Math.max(0, moments.at(-1)!.atMs - fromMs);
  const start = moments.findIndex(({ atMs }) => atMs >= fromMs);
  if (start < 0) return { seconds: leftMs / 1000, isOver: false };
  for (let at = start; at + WINDOW_SECONDS < moments.length; at++) {
    const [from, next, end] = [moments[at]!, moments[at + 1]!, moments[at + WINDOW_SECONDS]!];
    if (sharePercent(backend, from, end) < GOOD_PERCENT) continue;
    if (sharePercent(backend, from, next) < FIRST_SECOND_PERCENT) continue;
    return { seconds: Math.max(0, (from.atMs - fromMs) / 1000), isOver: true };
  }
  return { seconds: leftMs / 1000, isOver: false };
}

function isDisturbed(backend: Backend, fromMs: number, moments: readonly Moment[]): boolean {
  const start = Math.max(0, moments.findIndex(({ atMs }) => atMs >= fromMs) - 1);
  for (let at = start; at + WINDOW_SECONDS < moments.length; at++)
    if (sharePercent(backend, moments[at]!, moments[at + WINDOW_SECONDS]!) < GOOD_PERCENT) return true;
  return false;
}

function sharePercent({ name, signal }: Backend, before: Moment, after: Moment): number {
  const sent = (after.sent[signal] ?? 0) - (before.sent[signal] ?? 0);
  return percentOf((after.delivered.get(name) ?? 0) - (before.delivered.get(name) ?? 0), sent);
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

/** A figure that nothing was measured for is left out. */
function lowest(name: string, values: readonly number[]): Readonly<Record<string, number>> {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? {} : { [name]: Math.min(...known) };
}

function highest(name: string, values: readonly number[]): Readonly<Record<string, number>> {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? {} : { [name]: Math.max(...known) };
}
