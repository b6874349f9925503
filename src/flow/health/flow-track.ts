/**
 * What is remembered of one exporter of one Pod: moments, not samples, so that a node more costs a few numbers.
 * - Counters of a process begin at 0: one that is smaller than before belongs to a new process, and counts from 0.
 * - The first look at a process that began before it says nothing about when it counted.
 */

/** What is watched of an exporter of a Collector or an output of Fluent Bit. */
export interface CarrierFigures {
  /** Items that the next one took. */
  readonly sent: number;
  /** Items that were given up. */
  readonly lost: number;
  /** Items that the queue did not take: lost, unless whoever brought them was told. */
  readonly notTaken: number;
  /** What waits, in any unit. */
  readonly queueSize: number;
  /** 0 where there is no limit of its own. */
  readonly queueCapacity: number;
  /** Of Fluent Bit: what its input has read, in bytes. */
  readonly read: number;
  /** Of Fluent Bit: chunks that wait on disk alone. */
  readonly chunksDown: number;
}

interface QueuePoint {
  readonly atMs: number;
  readonly size: number;
}

export interface FlowTrack {
  readonly atMs: number;
  readonly figures: CarrierFigures;
  readonly lastSentMs?: number;
  readonly lastLostMs?: number;
  readonly lastNotTakenMs?: number;
  /** When something moved or waited last. */
  readonly lastActiveMs?: number;
  /** Since when something waits and nothing is sent. */
  readonly heldSinceMs?: number;
  /** Since when the queue is nearly full. */
  readonly fullSinceMs?: number;
  /** Since when something is read and nothing sent. */
  readonly unsentSinceMs?: number;
  /** Sizes of the queue in the last minutes, oldest first; few. */
  readonly queue: readonly QueuePoint[];
}

/** Rates look back so far, as upstream's do. */
export const WINDOW_MS = 300_000;

/** A queue is nearly full from here, and no longer below the second: in between it stays what it was. */
const FULL_FROM = 0.8;
const FULL_UNTIL = 0.7;

const QUEUE_POINTS = 7;

const NOTHING: CarrierFigures = {
  sent: 0,
  lost: 0,
  notTaken: 0,
  queueSize: 0,
  queueCapacity: 0,
  read: 0,
  chunksDown: 0,
};

export interface Look {
  readonly atMs: number;
  readonly figures: CarrierFigures;
  /** Of the process; undefined where it is not told. */
  readonly uptimeMs: number | undefined;
}

/** The track after one more look. */
export function advance(before: FlowTrack | undefined, { atMs, figures, uptimeMs }: Look): FlowTrack {
  const base = baseOf(before, figures, uptimeMs);
  const isSent = figures.sent > base.sent;
  const isLost = figures.lost > base.lost;
  const isNotTaken = figures.notTaken > base.notTaken;
  const isRead = figures.read > base.read;
  const isKnown = figures.sent > 0 || figures.lost > 0 || figures.notTaken > 0 || figures.read > 0;
  const isActive =
    isSent || isLost || isNotTaken || isRead || figures.queueSize > 0 || (before === undefined && isKnown);
  const isHeld = figures.queueSize > 0 && !isSent;
  return {
    atMs,
    figures,
    ...moment('lastSentMs', isSent ? atMs : before?.lastSentMs),
    ...moment('lastLostMs', isLost ? atMs : before?.lastLostMs),
    ...moment('lastNotTakenMs', isNotTaken ? atMs : before?.lastNotTakenMs),
    ...moment('lastActiveMs', isActive ? atMs : before?.lastActiveMs),
    ...moment('heldSinceMs', isHeld ? (before?.heldSinceMs ?? atMs) : undefined),
    ...moment('fullSinceMs', isFull(before, figures) ? (before?.fullSinceMs ?? atMs) : undefined),
    ...moment('unsentSinceMs', unsentSince(before, { atMs, isSent, isRead })),
    queue: [...(before?.queue ?? []).slice(1 - QUEUE_POINTS), { atMs, size: figures.queueSize }],
  };
}

type MomentKey =
  | 'lastSentMs'
  | 'lastLostMs'
  | 'lastNotTakenMs'
  | 'lastActiveMs'
  | 'heldSinceMs'
  | 'fullSinceMs'
  | 'unsentSinceMs';

function moment(key: MomentKey, atMs: number | undefined): Partial<Record<MomentKey, number>> {
  return atMs === undefined ? {} : { [key]: atMs };
}

function baseOf(
  before: FlowTrack | undefined,
  figures: CarrierFigures,
  uptimeMs: number | undefined,
): Pick<CarrierFigures, 'sent' | 'lost' | 'notTaken' | 'read'> {
  if (before === undefined) return uptimeMs !== undefined && uptimeMs <= WINDOW_MS ? NOTHING : figures;
  const { sent, lost, notTaken, read } = before.figures;
  const isRestarted = figures.sent < sent || figures.lost < lost || figures.notTaken < notTaken || figures.read < read;
  return isRestarted ? NOTHING : before.figures;
}

function isFull(before: FlowTrack | undefined, { queueSize, queueCapacity }: CarrierFigures): boolean {
  if (queueCapacity <= 0) return false;
  const limit = before?.fullSinceMs === undefined ? FULL_FROM : FULL_UNTIL;
  return queueSize / queueCapacity >= limit;
}

function unsentSince(
  before: FlowTrack | undefined,
  { atMs, isSent, isRead }: { readonly atMs: number; readonly isSent: boolean; readonly isRead: boolean },
): number | undefined {
  if (isSent) return undefined;
  return before?.unsentSinceMs ?? (isRead ? atMs : undefined);
}

/** Milliseconds until the queue is full if it grows on as it did in the last minute; undefined while it does not grow. */
export function timeToFullMs({ queue, figures: { queueSize, queueCapacity } }: FlowTrack): number | undefined {
  const [oldest] = queue;
  const newest = queue.at(-1);
  if (oldest === undefined || newest === undefined || queueCapacity <= 0) return undefined;
  const grownBy = newest.size - oldest.size;
  if (grownBy <= 0) return undefined;
  return (Math.max(0, queueCapacity - queueSize) * (newest.atMs - oldest.atMs)) / grownBy;
}
