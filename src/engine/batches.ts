import { compactBytes, mergeRequests, type SplitLimits, splitRequest } from '../pdata/index.ts';
import type { Batch } from './batch.ts';

/** One batch with the items of all, in their order. The batches are of one signal; the result is acknowledged if all are. */
export function mergeBatches(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (batches.length === 1) return first!;
  return {
    signal: first!.signal,
    bytes: mergeRequests(batches.map((batch) => batch.bytes)),
    itemCount: batches.reduce((sum, batch) => sum + batch.itemCount, 0),
    acknowledged: batches.every((batch) => batch.acknowledged),
  };
}

/** A batch that will wait, without memory that it shares with others. */
export function compactBatch(batch: Batch): Batch {
  const bytes = compactBytes(batch.bytes);
  return bytes === batch.bytes ? batch : { ...batch, bytes };
}

/** Divides a batch, in order, into batches within the limits; a single item is never divided, however large. */
export function splitBatch(batch: Batch, limits: SplitLimits): Batch[] {
  const { signal, acknowledged } = batch;
  return splitRequest(signal, batch.bytes, limits).map(({ bytes, itemCount }) => ({
    signal,
    bytes,
    itemCount,
    acknowledged,
  }));
}

/** Two batches, as equal as items allow. */
export function halveBatch(batch: Batch): Batch[] {
  return splitBatch(batch, { maxItems: Math.ceil(batch.itemCount / 2) });
}

/** Divides a batch, in order, into one for each of `counts`, of as many items; they add up to its own. */
export function cutBatch(batch: Batch, counts: readonly number[]): Batch[] {
  if (counts.length < 2) return [batch];
  // In halves: each byte is copied as often as halving takes, not once for every part.
  const half = counts.slice(0, counts.length >> 1);
  const [head, rest] = splitBatch(batch, { firstMaxItems: half.reduce((sum, count) => sum + count, 0) });
  return [...cutBatch(head!, half), ...cutBatch(rest!, counts.slice(half.length))];
}
