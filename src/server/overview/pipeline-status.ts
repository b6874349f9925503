import {
  addRows,
  type DiskSnapshot,
  type EngineSnapshot,
  type ExporterSnapshot,
  type LedgerRow,
} from '../../flow/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { BackendStatus, PipelineStatus } from '../api.ts';
import { backendAdvice } from './backend-advice.ts';
import { backendStatus, blamedFailure, current, worstExporter } from './backend-status.ts';
import { type FlowHistory, RATE_WINDOW_MS, type RecentLoss } from './flow-history.ts';
import type { PipelineRef } from './pipeline-ref.ts';
import { pipelineRules, type RuleOptions } from './rules.ts';
import { count, roughDuration, sentence } from './words.ts';

/** One pipeline with everything that is said about it. */
export interface PipelineView {
  readonly ref: PipelineRef;
  readonly status: PipelineStatus;
  readonly loss: RecentLoss;
  readonly refusedPerSecond: number;
  /** Seconds until the queue is full at the present growth; undefined when it does not grow. */
  readonly secondsToFull?: number;
}

export const QUEUE_WARNING_FILL = 0.8;

const EMPTY_ROW: LedgerRow = addRows([]);

export function viewPipeline(
  ref: PipelineRef,
  snapshot: EngineSnapshot,
  { history, ...shown }: { readonly history: FlowHistory } & Pick<RuleOptions, 'statements' | 'most'>,
): PipelineView {
  const pipeline = snapshot.pipelines.find((candidate) => candidate.id === ref.pipelineId);
  const { refusedPerSecond, ...rates } = history.rates(ref.pipelineId);
  const loss = history.recentLoss(ref.pipelineId);
  const queue = queueOf(pipeline?.exporters ?? []);
  const secondsToFull = foreseeFull(queue, history.queueGrowth(ref.pipelineId));
  const facts = {
    ...rates,
    lostRecently: loss.lost,
    queue,
    newestAgeSeconds: ageSeconds(snapshot.takenAtMs, pipeline?.lastReceivedMs),
    backend: backendStatus(worstExporter(pipeline?.exporters ?? [])),
    ledger: pipeline?.ledger ?? EMPTY_ROW,
  };
  const verdict = judge(ref, facts, {
    nowMs: snapshot.takenAtMs,
    loss,
    secondsToFull,
    retired: pipeline?.retired ?? false,
  });
  const rules = pipelineRules(ref, { ...shown, nowMs: snapshot.takenAtMs });
  const status: PipelineStatus = {
    kind: ref.kind,
    name: ref.name,
    signal: ref.signal,
    ...verdict,
    ...facts,
    trend: history.trend([ref.pipelineId]),
    ...(rules === undefined ? {} : { rules }),
  };
  return { ref, status, loss, refusedPerSecond, ...(secondsToFull === undefined ? {} : { secondsToFull }) };
}

/** Beyond it, what comes by the second now says nothing, and `maxAge` is mostly over before the queue is full. */
const FORESIGHT_S = 86_400;

/** Seconds until the queue is full, `growth` in bytes a second; undefined when that is never, or not to be foreseen. */
function foreseeFull({ capacityBytes, sizeBytes }: Facts['queue'], growth: number): number | undefined {
  if (growth <= 0 || capacityBytes === 0) return undefined;
  const seconds = (capacityBytes - sizeBytes) / growth;
  return seconds <= FORESIGHT_S ? seconds : undefined;
}

type Verdict = Pick<PipelineStatus, 'ready' | 'reason' | 'message'>;
type Facts = Pick<PipelineStatus, 'queue' | 'backend' | 'ledger'>;

interface Circumstances {
  readonly nowMs: number;
  readonly loss: RecentLoss;
  readonly secondsToFull: number | undefined;
  readonly retired: boolean;
}

const RETIRED = 'No longer in the configuration: it takes nothing new and delivers what it holds.';

/** The worst thing that is true decides: configuration, loss, queue, and only then whether anything arrived at all. */
function judge(ref: PipelineRef, facts: Facts, circumstances: Circumstances): Verdict {
  const { loss } = circumstances;
  if (ref.invalid !== undefined) return { ready: 'False', reason: 'ConfigurationInvalid', message: ref.invalid };
  if (loss.lost > 0) {
    const noun = ITEM_NOUN[ref.signal].people;
    const all = loss.delivered === 0;
    const share = all ? `All ${noun} of the last 5 minutes were lost` : `${count(loss.lost, noun)} lost in 5 minutes`;
    return {
      ready: 'False',
      reason: all ? 'AllDataDropped' : 'SomeDataDropped',
      message: `${failureSentence(facts.backend, loss)}${share}.`,
    };
  }
  const filling = judgeBuffer(facts, circumstances);
  if (filling !== undefined) return filling;
  if (facts.ledger.received + facts.ledger.recovered === 0) {
    return { ready: 'Unknown', reason: 'NoDataYet', message: 'Accepted and running; nothing has arrived so far.' };
  }
  if (circumstances.retired) return { ready: 'Unknown', reason: 'NotConfigured', message: RETIRED };
  return { ready: 'True', reason: 'FlowHealthy', message: healthySentence(facts, loss) };
}

function healthySentence({ backend, ledger }: Facts, loss: RecentLoss): string {
  if (backend.state === 'failing') return failureSentence(backend, loss).trim();
  const isAllFiltered = ledger.filtered > 0 && ledger.delivered + ledger.queued === 0;
  return isAllFiltered ? 'Everything that arrived was filtered.' : 'Data reaches the backend.';
}

/** A queue that is nearly full, or one that only grows because its backend has failed for longer than a hiccup. */
function judgeBuffer({ queue, backend, ledger }: Facts, circumstances: Circumstances): Verdict | undefined {
  const { nowMs, secondsToFull, loss } = circumstances;
  if (queue.disk?.failure !== undefined) {
    const message = `${sentence(`the disk of the queue takes nothing: ${queue.disk.failure}`)} Senders are told to try again, or what comes is dropped, as \`onFull\` says; nothing is lost so far.`;
    return { ready: 'False', reason: 'BufferFillingUp', message };
  }
  const fill = fillOf(queue);
  const isStuck =
    backend.state === 'failing' && ledger.queued > 0 && nowMs - Date.parse(backend.since) >= RATE_WINDOW_MS;
  if (fill <= QUEUE_WARNING_FILL && !isStuck) return undefined;
  const left = secondsToFull === undefined ? '' : `; it is full in about ${roughDuration(secondsToFull * 1000)}`;
  // A queue that counts requests has no size in bytes to be full of.
  const full = queue.capacityBytes === 0 ? '' : `The queue is ${Math.round(fill * 100)} % full${left}. `;
  const message = `${failureSentence(backend, loss)}${full}Nothing is lost so far.`;
  return { ready: 'False', reason: 'BufferFillingUp', message };
}

/** `The backend localhost:14317 (gRPC) refuses connections (SL0501). `, or nothing while it works. */
function failureSentence(backend: BackendStatus, loss: RecentLoss): string {
  const failure = blamedFailure(backend, loss);
  if (failure === undefined) return '';
  const { phrase, code } = backendAdvice(failure.kind, backend.destination);
  return `${sentence(`the backend ${backend.destination} ${phrase} (${code})`)} `;
}

/** One whose disk fails; else the fullest, the one that loses first. */
function queueOf(exporters: readonly ExporterSnapshot[]): PipelineStatus['queue'] {
  let fullest: PipelineStatus['queue'] = { sizeBytes: 0, capacityBytes: 0 };
  for (const { queueBytes, queueCapacityBytes, disk } of current(exporters)) {
    const candidate = {
      sizeBytes: queueBytes,
      capacityBytes: queueCapacityBytes,
      ...(disk !== undefined && { disk: diskOf(disk) }),
    };
    if (candidate.disk?.failure !== undefined) return candidate;
    if (fillOf(candidate) >= fillOf(fullest)) fullest = candidate;
  }
  return fullest;
}

function diskOf({ oldestMs, failure }: DiskSnapshot): NonNullable<PipelineStatus['queue']['disk']> {
  return {
    ...(oldestMs !== undefined && { oldest: new Date(oldestMs).toISOString() }),
    ...(failure !== undefined && { failure }),
  };
}

function fillOf(queue: PipelineStatus['queue']): number {
  return queue.capacityBytes === 0 ? 0 : queue.sizeBytes / queue.capacityBytes;
}

export function ageSeconds(nowMs: number, atMs: number | undefined): number | null {
  return atMs === undefined ? null : Math.max(0, Math.round((nowMs - atMs) / 100) / 10);
}
