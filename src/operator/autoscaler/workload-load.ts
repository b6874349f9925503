import type { ExporterFigures, MetricsSample } from '../../flow/index.ts';

/** What the replicas of a workload did in the last minute. */
export interface WorkloadLoad {
  /** Those that answered lately. */
  readonly podCount: number;
  /** Share of its cores that a replica used, on average. */
  readonly cpuShare: number;
  /** Some replica refused a share of what it was sent because of its memory limit. */
  readonly isLimited: boolean;
  /** A queue grows although its exporter gets rid of data and nothing fails. */
  readonly isQueueGrowing: boolean;
  /** Exporters that had something to send. */
  readonly busyExporters: number;
  /** Of those: that nothing got out of, that gave up data, or whose queue grows. */
  readonly troubledExporters: number;
  /** Share of the memory, up to the limit, that queues take. */
  readonly queueShare: number;
  /** Every queue of every replica is all but empty. */
  readonly isDrained: boolean;
}

export interface ReplicaLimits {
  readonly cpuCores: number;
  readonly softLimitBytes: number;
  /** What a byte in a queue costs in memory: 5 in the stock Collector, 1 in the engine. */
  readonly queueFactor: number;
  /** Exporters whose queues are on disk, which fill no memory. */
  readonly onDisk?: ReadonlySet<string>;
}

/** Signals look back so far, and need at least half of it. */
export const LOOK_BACK_MS = 60_000;
/** A Pod that said nothing for so long is not counted. */
const STALE_MS = 30_000;
/** Growth of a queue, as a share of its capacity, that is more than wavering. */
const GROWTH = 0.05;
const DRAINED = 0.05;
/** Share of refused items that is more than a peak. */
const LIMITED = 0.01;

/** Undefined while too little is known. */
export function loadOf(
  pods: Readonly<Record<string, readonly MetricsSample[]>>,
  limits: ReplicaLimits,
  nowMs: number,
): WorkloadLoad | undefined {
  const spans = Object.values(pods).flatMap((samples) => spanOf(samples, nowMs) ?? []);
  if (spans.length === 0) return undefined;
  const exporters = spans.flatMap(exportersOf);
  const cpuShares = spans.map(({ from, to }) => {
    const seconds = (to.atMs - from.atMs) / 1000;
    return counted(from.usage.cpuSeconds, to.usage.cpuSeconds) / seconds / limits.cpuCores;
  });
  const busy = exporters.filter(({ isBusy }) => isBusy);
  return {
    podCount: spans.length,
    cpuShare: cpuShares.reduce((sum, share) => sum + share, 0) / cpuShares.length,
    isLimited: spans.some((span) => limitedShareOf(span) >= LIMITED),
    isQueueGrowing: busy.some(({ isGrowing, isSending, isFailing }) => isGrowing && isSending && !isFailing),
    busyExporters: busy.length,
    troubledExporters: busy.filter(({ isGrowing, isSending, isFailing }) => isGrowing || isFailing || !isSending)
      .length,
    queueShare: Math.max(...spans.map(({ to }) => queuedBytes(to, limits) / limits.softLimitBytes)),
    isDrained: spans.every(({ to }) => Object.values(to.exporters).every((figures) => fillOf(figures) < DRAINED)),
  };
}

/** The newest sample and the one about a look-back before it, of the same process. */
interface Span {
  readonly from: MetricsSample;
  readonly to: MetricsSample;
}

function spanOf(samples: readonly MetricsSample[], nowMs: number): Span | undefined {
  const to = samples.at(-1);
  if (to === undefined || nowMs - to.atMs > STALE_MS) return undefined;
  const from = samples.find(({ atMs }) => to.atMs - atMs <= LOOK_BACK_MS);
  return from === undefined || to.atMs - from.atMs < LOOK_BACK_MS / 2 ? undefined : { from, to };
}

/** A counter that is smaller than before began anew. */
function counted(from: number, to: number): number {
  return to >= from ? to - from : to;
}

function limitedShareOf({ from, to }: Span): number {
  const [before, now] = [intakeOf(from), intakeOf(to)];
  const limited = counted(before.limited, now.limited);
  return limited === 0 ? 0 : limited / (counted(before.offered, now.offered) || limited);
}

function intakeOf({ intake }: MetricsSample): { readonly offered: number; readonly limited: number } {
  const all = Object.values(intake);
  return {
    offered: all.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0),
    limited: all.reduce((sum, { refusedByLimiter }) => sum + refusedByLimiter, 0),
  };
}

const NO_FIGURES: ExporterFigures = { sent: 0, sendFailed: 0, enqueueFailed: 0, queueSize: 0, queueCapacity: 0 };

function exportersOf({ from, to }: Span) {
  return Object.entries(to.exporters).map(([id, now]) => {
    const before = from.exporters[id] ?? NO_FIGURES;
    const sent = counted(before.sent, now.sent);
    const lost = counted(before.sendFailed, now.sendFailed) + counted(before.enqueueFailed, now.enqueueFailed);
    return {
      isBusy: sent > 0 || lost > 0 || now.queueSize > 0,
      isSending: sent > 0,
      isFailing: lost > 0,
      isGrowing: fillOf(now) - fillOf(before) > GROWTH,
    };
  });
}

function fillOf({ queueSize, queueCapacity }: ExporterFigures): number {
  return queueCapacity > 0 ? queueSize / queueCapacity : 0;
}

/** Queues of remote write count requests: next to those in bytes they are nothing. */
function queuedBytes({ exporters }: MetricsSample, { queueFactor, onDisk }: ReplicaLimits): number {
  const inMemory = Object.entries(exporters).filter(([id]) => onDisk?.has(id) !== true);
  return queueFactor * inMemory.reduce((sum, [, { queueSize }]) => sum + queueSize, 0);
}
