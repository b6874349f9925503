import type { ContextName, Row } from '../row.ts';

/** What is done with every row of a context. */
export interface RowStep {
  readonly context: ContextName;
  /** Reads and writes the row through the places of `resolvePath`; false drops it with all that stands in it. */
  visit(row: Row): boolean;
  /**
   * As the filter processor does with its conditions: removes what is left empty, or came empty, above the lowest context that
   * has such a step. Resources without scopes go with a step for resources; metrics without points with one for data points.
   */
  readonly removesEmpty?: boolean;
}

/**
 * Steps that share one walk over the request: on a resource, then on each of its scopes, then on what stands in that; of one
 * context in the order given, and none on what was dropped. A walk sees what the walks before it did, so one group of statements
 * may share the walk of the one before it, of the same context or a higher one, unless either writes above the context of
 * the first.
 */
export type Walk = readonly RowStep[];
