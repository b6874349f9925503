import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { SeenItems } from './seen-items.ts';

/** Counts of one signal. Items are those the sink took: of refused requests none, of partly rejected ones the rest. */
export interface SinkSignalStats {
  readonly requests: number;
  readonly accepted: number;
  readonly refused: number;
  /** Requests that were taken and not answered yet. */
  readonly waiting: number;
  /** Uncompressed protobuf bytes of accepted requests. */
  readonly bytes: number;
  readonly items: number;
  readonly unique: number;
  readonly duplicates: number;
  /** Items named by a partial success. */
  readonly rejected: number;
}

export interface SinkStats {
  readonly mode: string;
  readonly seconds: number;
  readonly connections: number;
  readonly signals: Readonly<Record<Signal, SinkSignalStats>>;
  /** Answers by protocol and status: `grpc 0`, `http 503`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Requests that never reached the sink's mode because they were not OTLP, and what was wrong with the last one. */
  readonly invalid: { readonly requests: number; readonly lastMessage?: string };
  /** False when memory for telling duplicates apart ran out; `unique` is an upper bound then. */
  readonly uniqueIsExact: boolean;
}

/** The counters behind SinkSignalStats. */
export class SignalTally {
  requests = 0;
  accepted = 0;
  refused = 0;
  waiting = 0;
  bytes = 0;
  items = 0;
  rejected = 0;
  readonly seen = new SeenItems();

  stats(): SinkSignalStats {
    const { requests, accepted, refused, waiting, bytes, items, rejected, seen } = this;
    const { unique, duplicates } = seen;
    return { requests, accepted, refused, waiting, bytes, items, unique, duplicates, rejected };
  }
}

export function newTallies(): Record<Signal, SignalTally> {
  return { traces: new SignalTally(), metrics: new SignalTally(), logs: new SignalTally() };
}

/** Sums over the signals. */
export function totalStats(stats: SinkStats): SinkSignalStats {
  const sum = {
    requests: 0,
    accepted: 0,
    refused: 0,
    waiting: 0,
    bytes: 0,
    items: 0,
    unique: 0,
    duplicates: 0,
    rejected: 0,
  };
  for (const signal of SIGNALS)
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += stats.signals[signal][key];
  return sum;
}
