/** What each wire-level operation costs: `node bench/pdata.ts`. One thread, in process, CPU time of the best of five rounds. */
import { createHash } from 'node:crypto';
import { decodeJson, decodeToObject, encodeJson } from '../src/otlp/index.ts';
import {
  compileResourcePatch,
  countItems,
  mergeRequests,
  type Signal,
  splitRequest,
  validateRequest,
} from '../src/pdata/index.ts';
import { logPayload, metricPayload, tracePayload } from './pdata-payload.ts';

interface Shape {
  readonly name: string;
  readonly signal: Signal;
  readonly itemCount: number;
  readonly bytes: Uint8Array;
}

const SHAPES: readonly Shape[] = [
  { name: 'traces, 1 a request', signal: 'traces', itemCount: 1, bytes: tracePayload(1, 10) },
  { name: 'traces, 10', signal: 'traces', itemCount: 10, bytes: tracePayload(10, 10) },
  { name: 'traces, 100', signal: 'traces', itemCount: 100, bytes: tracePayload(100, 10) },
  { name: 'traces, 100 of 40 attributes', signal: 'traces', itemCount: 100, bytes: tracePayload(100, 40) },
  { name: 'metrics, 100', signal: 'metrics', itemCount: 100, bytes: metricPayload(100) },
  { name: 'logs, 100', signal: 'logs', itemCount: 100, bytes: logPayload(100) },
];

const upsert = compileResourcePatch(
  [
    { action: 'upsert', key: 'k8s.cluster.name', value: 'production' },
    { action: 'insert', key: 'deployment.environment.name', value: 'production' },
    { action: 'delete', key: 'process.pid' },
  ],
  {
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  },
);

type Operation = (shape: Shape) => () => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  validate:
    ({ signal, bytes }) =>
    () =>
      validateRequest(signal, bytes),
  count:
    ({ signal, bytes }) =>
    () =>
      countItems(signal, bytes),
  merge:
    ({ bytes }) =>
    () =>
      mergeRequests([bytes, bytes]),
  'split in halves':
    ({ signal, bytes, itemCount }) =>
    () =>
      splitRequest(signal, bytes, { maxItems: Math.ceil(itemCount / 2) }),
  'split by bytes':
    ({ signal, bytes }) =>
    () =>
      splitRequest(signal, bytes, { maxBytes: Math.ceil(bytes.length / 2) }),
  'patch resource':
    ({ bytes }) =>
    () =>
      upsert(bytes),
  'JSON in': ({ signal, bytes }) => {
    const json = new TextEncoder().encode(encodeJson(signal, bytes));
    return () => decodeJson(signal, json);
  },
  'JSON out':
    ({ signal, bytes }) =>
    () =>
      encodeJson(signal, bytes),
  'to objects':
    ({ signal, bytes }) =>
    () =>
      decodeToObject(signal, bytes),
};

const ITEMS_PER_ROUND = 20_000;
const ROUNDS = 5;

/** Nanoseconds of CPU for one item. */
function measure(operation: () => unknown, itemCount: number): number {
  const runs = Math.ceil(ITEMS_PER_ROUND / itemCount);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let run = 0; run < runs; run++) operation();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / (runs * itemCount));
  }
  return best;
}

for (const shape of SHAPES) {
  console.log(`${shape.name} (${Math.round(shape.bytes.length / shape.itemCount)} B an item)`);
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const nanoseconds = measure(operation(shape), shape.itemCount);
    console.log(
      `  ${name.padEnd(16)} ${nanoseconds.toFixed(0).padStart(7)} ns/item  ${(nanoseconds / 1000).toFixed(3).padStart(7)} CPU-s/M`,
    );
  }
}
