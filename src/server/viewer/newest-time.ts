import { decodeToObject } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Batch, BatchStore } from './batch-store.ts';
import { logRows } from './log-view.ts';
import { pointRows } from './metric-view.ts';
import { spanRows } from './trace-view.ts';
import { later } from './unix-nanos.ts';

/** The newest time that the items of a batch carry, beside the time at which it came. */
export interface NewestTime {
  readonly receivedMs: number;
  readonly newestMs: number;
}

/** Several, because senders with different clocks take turns. */
const BATCHES = 8;
/** A larger batch says nothing about the clock that the next small one would not say more cheaply. */
const MAX_BATCH_BYTES = 64 * 1024;
const NANOS_PER_MS = 1_000_000n;

/**
 * Of the last batches of a signal, the one whose times are furthest from ours; each is read once, however often it is asked.
 * Undefined where no item carries a time.
 */
export function createNewestTimes(store: BatchStore): (signal: Signal) => NewestTime | undefined {
  const known = new WeakMap<Batch, NewestTime | 'none'>();
  return (signal) => {
    let furthest: NewestTime | undefined;
    for (const batch of store.newest(signal, BATCHES)) {
      if (batch.bytes.byteLength > MAX_BATCH_BYTES) continue;
      const time = known.get(batch) ?? newestTime(batch);
      known.set(batch, time);
      if (time !== 'none' && distance(time) >= distance(furthest)) furthest = time;
    }
    return furthest;
  };
}

function distance(time: NewestTime | undefined): number {
  return time === undefined ? -1 : Math.abs(time.newestMs - time.receivedMs);
}

function newestTime(batch: Batch): NewestTime | 'none' {
  const newest = timesOf(batch).reduce(later, 0n);
  return newest === 0n ? 'none' : { receivedMs: batch.receivedMs, newestMs: Number(newest / NANOS_PER_MS) };
}

function timesOf({ signal, bytes, receivedMs }: Batch): readonly bigint[] {
  switch (signal) {
    case 'traces':
      return spanRows(decodeToObject('traces', bytes)).map(({ start, end }) => later(start, end));
    case 'metrics':
      return pointRows(decodeToObject('metrics', bytes)).map(({ time }) => time);
    case 'logs':
      return logRows(decodeToObject('logs', bytes), receivedMs).map(({ time }) => time);
  }
}
