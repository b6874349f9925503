import type { ShapeName } from '../src/load/index.ts';
import type { Signal } from '../src/pdata/index.ts';

/** One row of the benchmark: a payload, how it leaves the gateway, how much of it is offered. */
export interface BenchCase {
  readonly name: string;
  readonly shape: ShapeName;
  readonly signal: Signal;
  readonly itemsPerRequest: number;
  readonly compression: 'none' | 'gzip';
  /** Through a filter that drops one item in ten, and a transform; see gateway-config.ts. */
  readonly ottl?: boolean;
  /** No batch in front of the queue, which answers the sender: in memory, or on disk and synced by then. */
  readonly queue?: 'memory' | 'disk';
  /** Requests a second; the same for every gateway. */
  readonly requestRate: number;
}

interface Payload {
  readonly shape: ShapeName;
  readonly signal: Signal;
  readonly itemsPerRequest: number;
  /** Chosen so that the slower gateway uses most of its core but keeps up, without and with gzip. */
  readonly requestRate: readonly [none: number, gzip: number];
}

const PAYLOADS: readonly Payload[] = [
  { shape: 't1', signal: 'traces', itemsPerRequest: 1, requestRate: [10_000, 10_000] },
  { shape: 't10', signal: 'traces', itemsPerRequest: 10, requestRate: [6000, 4000] },
  { shape: 't100', signal: 'traces', itemsPerRequest: 100, requestRate: [1000, 600] },
  { shape: 't40-100', signal: 'traces', itemsPerRequest: 100, requestRate: [300, 120] },
  { shape: 'metrics-100', signal: 'metrics', itemsPerRequest: 100, requestRate: [2000, 1000] },
  { shape: 'logs-100', signal: 'logs', itemsPerRequest: 100, requestRate: [1500, 450] },
];

const OTTL_CASE: BenchCase = {
  name: 't100+ottl',
  shape: 't100',
  signal: 'traces',
  itemsPerRequest: 100,
  compression: 'none',
  ottl: true,
  requestRate: 1000,
};

const PAYLOAD_CASES: readonly BenchCase[] = (['none', 'gzip'] as const).flatMap((compression) =>
  PAYLOADS.map(({ requestRate: [none, gzip], ...payload }) => ({
    ...payload,
    name: compression === 'none' ? payload.shape : `${payload.shape}+gzip`,
    compression,
    requestRate: compression === 'none' ? none : gzip,
  })),
);

/** What AtLeastOnce costs: the same but for the storage of the queue. Slow enough for a Collector that syncs each request. */
const QUEUE_CASES: readonly BenchCase[] = (['memory', 'disk'] as const).map((queue) => ({
  name: `t100+queue-${queue}`,
  shape: 't100',
  signal: 'traces',
  itemsPerRequest: 100,
  compression: 'none',
  queue,
  requestRate: 120,
}));

const BENCH_CASES: readonly BenchCase[] = [...PAYLOAD_CASES, OTTL_CASE, ...QUEUE_CASES];

/** The cases whose name, or shape, is in `only`; all when it is empty. */
export function selectCases(only: readonly string[]): readonly BenchCase[] {
  const unknown = only.filter((name) => !BENCH_CASES.some((known) => known.name === name || known.shape === name));
  if (unknown.length > 0)
    throw new Error(`no case ${unknown.join(', ')}; there are ${BENCH_CASES.map((known) => known.name).join(', ')}`);
  return only.length === 0
    ? BENCH_CASES
    : BENCH_CASES.filter((known) => only.includes(known.name) || only.includes(known.shape));
}
