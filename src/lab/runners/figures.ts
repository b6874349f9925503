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
}

/** Backends that accept from the beginning to the end. */
export function healthyBackends({ backends, faults }: RunPlan): readonly Backend[] {
  const changed = new Set(faults.filter(({ kind }) => kind === 'backend').map(({ target }) => target));
  return backends.filter(({ name, mode }) => mode === 'accept' && !changed.has(name));
}

export function figuresOf(observed: Observed): Readonly<Record<string, number>> {
  const { plan, sent, accounts, moments, loads } = observed;
  const seconds = plan.durationMs / 1000;
  const healthy = healthyBackends(plan).map(({ name }) => name);
  const total = (count: (report: SenderProgress['report']) => number) =>
    sent.reduce((sum, { report }) => sum + count(report), 0);
  const items = total((report) => report.sent);
  const accepted = total((report) => report.accepted);
  const goodputs = accounts.map((account) => [account.backend.name, goodputPercent(account, plan)] as const);
  const latencies = loads.flatMap(({ requests, arrivals }) =>
    [...arrivals].filter(([name]) => healthy.includes(name)).map(([, times]) => latenciesMs(requests, times)),
  );
  const delivered = accounts.reduce((sum, account) => sum + account.delivered, 0);
  const cpuSeconds = moments.at(-1)!.usage.cpuSeconds - moments[0]!.usage.cpuSeconds;
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
    delivered_per_second: delivered / seconds,
    refused_percent: percentOf(
      total((report) => report.refused),
      items,
    ),
    failed_percent: percentOf(
      total((report) => report.failed),
      items,
    ),
    lost_items: accounts
      .filter(({ backend }) => healthy.includes(backend.name))
      .reduce((sum, { acknowledged, delivered: got }) => sum + Math.max(0, acknowledged - got), 0),
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
    ...afterFaults(observed),
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
}

/** Of what senders wanted to send: a gateway that makes them wait does not look better for it. */
function goodputPercent({ backend, delivered, offered }: PipelineAccount, { load, durationMs }: RunPlan): number {
  const wanted = load
    .filter(({ signal }) => signal === backend.signal)
    .reduce((sum, { itemsPerSecond }) => sum + (itemsPerSecond * durationMs) / 1000, 0);
  return Math.min(100, percentOf(delivered, Math.max(offered, wanted)));
}

const GOOD_PERCENT = 90;
/** Batches make a second uneven, so several count together. */
const WINDOW_SECONDS = 3;

/** How long and how far the faults of a run were felt by pipelines whose backends accept. */
function afterFaults({ plan, moments }: Observed): Readonly<Record<string, number>> {
  const first = plan.faults[0];
  const healed = plan.faults.filter(heals).at(-1) ?? first;
  if (first === undefined || healed === undefined) return {};
  const accepting = plan.backends.filter((backend) => finalMode(backend, plan) === 'accept');
  const recoveries = accepting.map((backend) => recoverySeconds(backend, healed.afterMs, moments));
  const disturbed = healthyBackends(plan).filter((backend) => isDisturbed(backend, first.afterMs, moments));
  const healthy = healthyBackends(plan).length;
  return {
    ...highest('recovery_seconds', recoveries),
    ...(healthy === 0 ? {} : { disturbed_percent: (disturbed.length / healthy) * 100 }),
  };
}

function heals({ kind, mode }: Fault): boolean {
  return kind !== 'fill-disk' && kind !== 'squeeze-memory' && (kind !== 'backend' || mode === 'accept');
}

function finalMode({ name, mode }: Backend, { faults }: RunPlan): string {
  return faults.findLast(({ kind, target }) => kind === 'backend' && target === name)?.mode ?? mode;
}

/** Until a backend gets as much as is sent, from there on for some seconds; all that is left of the run when that does not come. */
function recoverySeconds(backend: Backend, fromMs: number, moments: readonly Moment[]): number {
  const start = moments.findIndex(({ atMs }) => atMs >= fromMs);
  const endMs = moments.at(-1)!.atMs;
  if (start < 0) return 0;
  for (let at = start; at + WINDOW_SECONDS < moments.length; at++)
    if (sharePercent(backend, moments[at]!, moments[at + WINDOW_SECONDS]!) >= GOOD_PERCENT)
      return Math.max(0, (moments[at]!.atMs - fromMs) / 1000);
  return (endMs - fromMs) / 1000;
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
