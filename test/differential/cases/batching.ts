import { ALL_SIGNALS, type DifferentialCase, everySignal, send } from '../case.ts';
import { type Counts, plainInput } from '../inputs.ts';

/** One request at a time keeps the order of batches. */
const inOrder = (more: object = {}) => ({ num_consumers: 1, ...more });

const some: Counts = { resources: 3, scopes: 2, items: 4 };
/** Items of `some`: 24 spans or records, 72 points. */
const SOME_TOTAL = 24 + 72 + 24;

const three = ALL_SIGNALS.flatMap((signal) =>
  ['one', 'two', 'three'].map((label) => send(plainInput(signal, label, some), { protocol: 'grpc' } as const)),
);

function batchCase(name: string, batch: object, more: Partial<DifferentialCase> = {}): DifferentialCase {
  return {
    name: `batch processor: ${name}`,
    config: ({ backendGrpc }) => ({
      processors: { batch },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true }, sending_queue: inOrder() } },
      pipelines: everySignal({ processors: ['batch'], exporters: ['otlp_grpc'] }),
    }),
    steps: three,
    alsoCompare: ['batches'],
    expectedItems: 3 * SOME_TOTAL,
    ...more,
  };
}

function queueBatchCase(name: string, queue: object, more: Partial<DifferentialCase> = {}): DifferentialCase {
  return {
    name: `sending_queue.batch: ${name}`,
    config: ({ backendGrpc }) => ({
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true }, sending_queue: inOrder(queue) } },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps: three,
    alsoCompare: ['batches'],
    expectedItems: 3 * SOME_TOTAL,
    ...more,
  };
}

export const batchingCases: readonly DifferentialCase[] = [
  batchCase(
    'sends when send_batch_size is reached, the rest on shutdown',
    { send_batch_size: 50, timeout: '60s' },
    { flushedByStop: true },
  ),
  batchCase('sends when the time is over', { send_batch_size: 100_000, timeout: '500ms' }),
  batchCase(
    'splits at send_batch_max_size, inside a metric, too',
    { send_batch_size: 7, send_batch_max_size: 7, timeout: '60s' },
    { flushedByStop: true },
  ),
  batchCase(
    'keeps the rest of a split for the next batch',
    { send_batch_size: 10, send_batch_max_size: 16, timeout: '60s' },
    { flushedByStop: true },
  ),
  batchCase(
    'fills a batch up to the maximum with whole requests that fit',
    { send_batch_size: 48, send_batch_max_size: 48, timeout: '60s' },
    {
      steps: ['one', 'two', 'three', 'four', 'five'].map((label) =>
        send(plainInput('traces', label, some), { protocol: 'http' }),
      ),
      expectedItems: 5 * 24,
      flushedByStop: true,
    },
  ),
  batchCase('a maximum of one item', { send_batch_size: 1, send_batch_max_size: 1, timeout: '1s' }),
  batchCase('timeout 0 passes requests on and only splits', { send_batch_size: 5, send_batch_max_size: 5, timeout: 0 }),
  queueBatchCase('by items, flushed by time', {
    sizer: 'items',
    queue_size: 100_000,
    batch: { min_size: 10_000, flush_timeout: '500ms' },
  }),
  queueBatchCase(
    'by items, split at max_size',
    { sizer: 'items', queue_size: 100_000, batch: { min_size: 10, max_size: 10, flush_timeout: '60s' } },
    { flushedByStop: true },
  ),
  queueBatchCase(
    'by items, max_size above min_size',
    { sizer: 'items', queue_size: 100_000, batch: { min_size: 20, max_size: 30, flush_timeout: '60s' } },
    { flushedByStop: true },
  ),
  queueBatchCase(
    'by bytes, split at max_size',
    { sizer: 'bytes', queue_size: 10_000_000, batch: { min_size: 600, max_size: 800, flush_timeout: '60s' } },
    { flushedByStop: true },
  ),
  queueBatchCase('by bytes, flushed by time', {
    sizer: 'bytes',
    queue_size: 10_000_000,
    batch: { min_size: 5_000_000, flush_timeout: '500ms' },
  }),
];
