import type { Signal } from '../../pdata/index.ts';
import type { Batch, BatchStore } from './batch-store.ts';

/** A row and the batch it was decoded from. */
export interface InBatch<Row> {
  readonly batch: Batch;
  readonly row: Row;
}

export interface RowCache<Row> {
  /** Rows of all batches of the signal, oldest batch first. */
  rows(): readonly InBatch<Row>[];
  clear(): void;
}

/** Decodes each batch once between two calls of `clear`; forgets rows whose batch has left the store. */
export function createRowCache<Row>(
  store: BatchStore,
  signal: Signal,
  decode: (batch: Batch) => readonly Row[],
): RowCache<Row> {
  let byBatch = new Map<Batch, readonly InBatch<Row>[]>();
  let all: readonly InBatch<Row>[] = [];
  let version: string | undefined;
  return {
    rows() {
      if (version === store.version(signal)) return all;
      const kept = new Map<Batch, readonly InBatch<Row>[]>();
      for (const batch of store.batches(signal)) {
        kept.set(batch, byBatch.get(batch) ?? decode(batch).map((row) => ({ batch, row })));
      }
      byBatch = kept;
      all = [...kept.values()].flat();
      version = store.version(signal);
      return all;
    },
    clear() {
      byBatch = new Map();
      all = [];
      version = undefined;
    },
  };
}
