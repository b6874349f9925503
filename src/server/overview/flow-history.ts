import { DROP_CAUSES, type DropCause, type EngineSnapshot, type LedgerRow, lostItems } from '../../flow/index.ts';

/** Seconds of history that trends show. */
export const TREND_SECONDS = 900;
/** Window of the rates on screen. */
export const RATE_WINDOW_MS = 10_000;
/** Window in which a loss counts as recent and decides readiness. */
const LOSS_WINDOW_MS = 300_000;

/** What happened to one pipeline between two snapshots, in items. */
interface Increment {
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly refused: number;
  readonly lost: number;
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
  readonly queueBytes: number;
}

interface Step {
  readonly durationMs: number;
  readonly pipelines: ReadonlyMap<string, Increment>;
  readonly offered: EngineSnapshot['offered'];
}

/** Monotonic times of the first and the last loss of a series of them. */
interface LossEpisode {
  readonly startedMs: number;
  readonly lastMs: number;
}

export interface Rates {
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly filteredPerSecond: number;
  readonly lostPerSecond: number;
  readonly refusedPerSecond: number;
}

export interface RecentLoss {
  readonly lost: number;
  readonly delivered: number;
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
  /** How long ago the loss began that goes on, or ended less than a window ago; undefined without one. */
  readonly startedMsAgo?: number;
}

/**
 * The last 15 minutes of a running engine, as increments between its snapshots. A counter that falls belongs to a
 * pipeline that was started anew and counts from zero, so that no figure is ever negative.
 */
export class FlowHistory {
  #steps: Step[] = [];
  readonly #losses = new Map<string, LossEpisode>();
  #previous: { readonly snapshot: EngineSnapshot; readonly monotonicMs: number } | undefined;

  /** Call about once a second, with a monotonic time that belongs to the snapshot. */
  record(snapshot: EngineSnapshot, monotonicMs: number): void {
    const previous = this.#previous;
    this.#previous = { snapshot, monotonicMs };
    if (previous === undefined) return;
    const durationMs = monotonicMs - previous.monotonicMs;
    if (durationMs <= 0) return;
    this.#steps.push(stepBetween(previous.snapshot, snapshot, durationMs));
    if (this.#steps.length > TREND_SECONDS) this.#steps.shift();
    this.#followLosses(this.#steps[this.#steps.length - 1], monotonicMs);
  }

  rates(pipelineId: string, windowMs = RATE_WINDOW_MS): Rates {
    const sum = { received: 0, delivered: 0, filtered: 0, lost: 0, refused: 0 };
    let elapsedMs = 0;
    for (const step of this.#last(windowMs)) {
      elapsedMs += step.durationMs;
      const increment = step.pipelines.get(pipelineId);
      if (increment === undefined) continue;
      sum.received += increment.received;
      sum.delivered += increment.delivered;
      sum.filtered += increment.filtered;
      sum.lost += increment.lost;
      sum.refused += increment.refused;
    }
    return {
      inPerSecond: perSecond(sum.received, elapsedMs),
      outPerSecond: perSecond(sum.delivered, elapsedMs),
      filteredPerSecond: perSecond(sum.filtered, elapsedMs),
      lostPerSecond: perSecond(sum.lost, elapsedMs),
      refusedPerSecond: perSecond(sum.refused, elapsedMs),
    };
  }

  /** Lost items by cause. */
  droppedPerSecond(pipelineId: string, windowMs = RATE_WINDOW_MS): Readonly<Partial<Record<DropCause, number>>> {
    const sum: Partial<Record<DropCause, number>> = {};
    let elapsedMs = 0;
    for (const step of this.#last(windowMs)) {
      elapsedMs += step.durationMs;
      addCauses(sum, step.pipelines.get(pipelineId)?.dropped ?? {});
    }
    for (const cause of DROP_CAUSES) if (sum[cause] !== undefined) sum[cause] = perSecond(sum[cause], elapsedMs);
    return sum;
  }

  /** Items senders offered, counted once however many pipelines take them. */
  offeredPerSecond(signal: keyof EngineSnapshot['offered'], windowMs = RATE_WINDOW_MS): number {
    let items = 0;
    let elapsedMs = 0;
    for (const step of this.#last(windowMs)) {
      items += step.offered[signal];
      elapsedMs += step.durationMs;
    }
    return perSecond(items, elapsedMs);
  }

  recentLoss(pipelineId: string, windowMs = LOSS_WINDOW_MS): RecentLoss {
    let lost = 0;
    let delivered = 0;
    const dropped: Partial<Record<DropCause, number>> = {};
    for (const step of this.#last(windowMs)) {
      const increment = step.pipelines.get(pipelineId);
      if (increment === undefined) continue;
      delivered += increment.delivered;
      if (increment.lost === 0) continue;
      lost += increment.lost;
      addCauses(dropped, increment.dropped);
    }
    const episode = this.#losses.get(pipelineId);
    const nowMs = this.#previous?.monotonicMs ?? 0;
    if (lost === 0 || episode === undefined) return { lost, delivered, dropped };
    return { lost, delivered, dropped, startedMsAgo: nowMs - episode.startedMs };
  }

  /** Items in per second, one entry a snapshot, oldest first. */
  trend(pipelineIds: readonly string[]): number[] {
    return this.#steps.map((step) => {
      let received = 0;
      for (const id of pipelineIds) received += step.pipelines.get(id)?.received ?? 0;
      return perSecond(received, step.durationMs);
    });
  }

  /** Bytes per second by which the queue grew in the window; negative while it drains. */
  queueGrowth(pipelineId: string, windowMs = RATE_WINDOW_MS): number {
    const levels: number[] = [];
    let elapsedMs = 0;
    for (const step of this.#last(windowMs)) {
      const increment = step.pipelines.get(pipelineId);
      if (increment === undefined) break;
      if (levels.length > 0) elapsedMs += step.durationMs;
      levels.push(increment.queueBytes);
    }
    if (levels.length < 2) return 0;
    return ((levels[0] - levels[levels.length - 1]) * 1000) / elapsedMs;
  }

  /** A loss that comes within a window of the one before belongs to the same episode. Goes back further than the steps do. */
  #followLosses(step: Step, nowMs: number): void {
    for (const id of this.#losses.keys()) if (!step.pipelines.has(id)) this.#losses.delete(id);
    for (const [id, { lost }] of step.pipelines) {
      if (lost === 0) continue;
      const episode = this.#losses.get(id);
      const continues = episode !== undefined && nowMs - episode.lastMs <= LOSS_WINDOW_MS;
      this.#losses.set(id, { startedMs: continues ? episode.startedMs : nowMs - step.durationMs, lastMs: nowMs });
    }
  }

  /** Steps from the newest back until the window is full. */
  *#last(windowMs: number): Iterable<Step> {
    let elapsedMs = 0;
    for (let i = this.#steps.length - 1; i >= 0 && elapsedMs < windowMs; i--) {
      elapsedMs += this.#steps[i].durationMs;
      yield this.#steps[i];
    }
  }
}

function stepBetween(before: EngineSnapshot, after: EngineSnapshot, durationMs: number): Step {
  const rows = new Map(before.pipelines.map((pipeline) => [pipeline.id, pipeline.ledger]));
  const pipelines = new Map<string, Increment>();
  for (const { id, ledger, exporters } of after.pipelines) {
    const queueBytes = exporters.reduce((total, exporter) => total + exporter.queueBytes, 0);
    pipelines.set(id, { ...incrementOf(rows.get(id), ledger), queueBytes });
  }
  const offered = {
    traces: increase(before.offered.traces, after.offered.traces),
    metrics: increase(before.offered.metrics, after.offered.metrics),
    logs: increase(before.offered.logs, after.offered.logs),
  };
  return { durationMs, pipelines, offered };
}

function incrementOf(before: LedgerRow | undefined, after: LedgerRow): Omit<Increment, 'queueBytes'> {
  const dropped: Partial<Record<DropCause, number>> = {};
  for (const cause of DROP_CAUSES) {
    const count = increase(before?.dropped[cause] ?? 0, after.dropped[cause] ?? 0);
    if (count > 0) dropped[cause] = count;
  }
  return {
    received: increase(before?.received ?? 0, after.received),
    delivered: increase(before?.delivered ?? 0, after.delivered),
    filtered: increase(before?.filtered ?? 0, after.filtered),
    refused: increase(before?.refused ?? 0, after.refused),
    lost: increase(before === undefined ? 0 : lostItems(before), lostItems(after)),
    dropped,
  };
}

function addCauses(sum: Partial<Record<DropCause, number>>, more: Readonly<Partial<Record<DropCause, number>>>): void {
  for (const cause of DROP_CAUSES) {
    const items = more[cause];
    if (items !== undefined) sum[cause] = (sum[cause] ?? 0) + items;
  }
}

function increase(before: number, after: number): number {
  return after >= before ? after - before : after;
}

function perSecond(items: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 0 : Math.round((items * 10_000) / elapsedMs) / 10;
}
