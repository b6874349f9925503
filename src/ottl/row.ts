import type { MapValue } from './value.ts';

/** What a statement can be run on. */
export type ContextName = 'resource' | 'scope' | 'span' | 'spanevent' | 'metric' | 'datapoint' | 'log';

/**
 * One thing a statement is run on: a resource, scope, span, span event, metric, data point or log record, with what it stands
 * in. The object is used again for the next one, so nothing may keep it. Paths read and write through it
 * (`resolvePath`); only what they ask for is decoded.
 */
export interface Row {
  readonly context: ContextName;
  /** A map of the statements' own, empty for each new row; made when first asked for. */
  readonly cache: MapValue;
  /** Counts what statements write, roughly in bytes. Throws a RequestLimitError where it is too much for the request. */
  spend?(amount: number): void;
}
