import type { Signal } from '../../pdata/index.ts';
import type { ContextName, Row } from '../row.ts';

/** What is done with every row of a context. */
export interface RowStep {
  readonly context: ContextName;
  /** Reads and writes the row through the places of `resolvePath`; false drops it with all that stands in it. */
  visit(row: Row): boolean;
}

/**
 * Steps that share one walk over the request: on a resource, then on each of its scopes, then on what stands in that; of one
 * context in the order given, and none on what was dropped. A walk sees what the walks before it did, so two groups of
 * statements may share a walk unless one of them writes above the context of the first.
 */
export interface Walk {
  readonly steps: readonly RowStep[];
  /** As the filter processor does: removes what is empty at the levels that have a step, and resources without scopes. */
  readonly removesEmpty?: boolean;
}

export interface EditResult {
  /** The same object if nothing changed; of no length if nothing is left. */
  readonly bytes: Uint8Array;
  /** Items (spans, data points, log records) that went with the rows that were dropped. */
  readonly dropped: number;
  /** The same by the step that dropped them; steps that dropped none may be missing. */
  readonly droppedBy: ReadonlyMap<RowStep, number>;
}

/** Runs on validated requests. What a step throws comes out of it, and the request is as it was. */
export type RequestEditor = (bytes: Uint8Array) => EditResult;

/** Nothing is written before the last walk has ended. The editor keeps its buffers, so compile it once. */
export function compileEditor(_signal: Signal, _walks: readonly Walk[]): RequestEditor {
  throw new Error('being written');
}
