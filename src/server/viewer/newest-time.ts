import { decodeToObject } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Batch, BatchStore } from './batch-store.ts';
import { logRows } from './log-view.ts';
import { pointRows } from './metric-view.ts';
import { spanRows } from './trace-view.ts';
import { later } from './unix-nanos.ts';

/** The newest time that the items of the last batch carry, beside the time at which they came. */
export interface NewestTime {
  readonly receivedMs: number;
  readonly newestMs: number;
}

/** A larger batch says nothing about the clock that the next small one would not say more cheaply. */
const MAX_BATCH_BYTES = 256 * 1024;
const NANOS_PER_MS = 1_000_000n;

/** Reads the last batch of a signal once, however often it is asked. Undefined where no item carries a time. */
export function createNewestTimes(store: BatchStore): (signal: Signal) => NewestTime | undefined {
  const known = new Map<Signal, { readonly sequence: number; readonly time: NewestTime | undefined }>();
  return (signal) => {
    const batch = store.newest(signal);
    const before = known.get(signal);
    if (batch === undefined || batch.sequence === before?.sequence) return before?.time;
    if (batch.bytes.byteLength > MAX_BATCH_BYTES) return before?.time;
    const newest = timesOf(batch).reduce(later, 0n);
    const time = newest === 0n ? undefined : { receivedMs: batch.receivedMs, newestMs: Number(newest / NANOS_PER_MS) };
    known.set(signal, { sequence: batch.sequence, time });
    return time;
  };
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
