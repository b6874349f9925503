import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { queueKey, type RememberedQueue, type RememberedQueues } from '../backlog/remembered-queue.ts';
import type { KeptResource, KeptResources } from '../compile/kept-resource.ts';
import type { RolloutRecord, RolloutRecords } from '../rollout/rollout-record.ts';

/** Everything that is remembered across restarts. */
export interface Memory {
  readonly kept: KeptResources;
  readonly records: RolloutRecords;
  readonly queues: RememberedQueues;
}

interface KeptEntry {
  readonly id: string;
  readonly resource: KeptResource;
}

interface QueueEntry {
  readonly queue: RememberedQueue;
}

interface RecordEntry {
  readonly workload: string;
  readonly record: RolloutRecord;
}

/** Keys of a ConfigMap are no longer. */
const MOST_KEY_CHARACTERS = 253;

/** One text for each thing remembered, by the key that it has in a ConfigMap. */
export function entriesOf({ kept, records, queues }: Memory): ReadonlyMap<string, string> {
  const entries = [
    ...[...kept].map(([id, resource]) => [keyOf(id.replace('/', '.')), JSON.stringify({ id, resource })] as const),
    ...[...records].map(
      ([workload, record]) => [keyOf(`workload.${workload}`), JSON.stringify({ workload, record })] as const,
    ),
    ...[...queues].map(
      ([key, queue]) => [keyOf(`queue.${key.replaceAll('/', '.')}`), JSON.stringify({ queue })] as const,
    ),
  ];
  return new Map(entries);
}

/** What the texts say; one that cannot be read is left out, since it only says what ran before. */
export function memoryOf(texts: Iterable<string>): Memory {
  const kept = new Map<string, KeptResource>();
  const records = new Map<string, RolloutRecord>();
  const queues = new Map<string, RememberedQueue>();
  for (const text of texts) {
    const entry = parsed(text);
    if (entry === undefined) continue;
    if ('queue' in entry) queues.set(queueKey(entry.queue), entry.queue);
    else if ('workload' in entry) records.set(entry.workload, entry.record);
    else if ((kept.get(entry.id)?.valid?.generation ?? -1) < (entry.resource.valid?.generation ?? 0)) {
      kept.set(entry.id, entry.resource);
    }
  }
  return { kept, records, queues };
}

/** Base64 of gzip, as `binaryData` takes it. */
export function packed(text: string): string {
  return gzipSync(text).toString('base64');
}

/** Undefined where it is none. */
export function unpacked(data: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: MOST_BYTES }).toString();
  } catch {
    return undefined; // edited by hand: it only says what ran before
  }
}

/** An object of the API is smaller. */
const MOST_BYTES = 16 * 2 ** 20;

function parsed(text: string): KeptEntry | RecordEntry | QueueEntry | undefined {
  try {
    const value = JSON.parse(text) as Partial<KeptEntry & RecordEntry & QueueEntry>;
    if (typeof value.queue?.workload === 'string') return value as QueueEntry;
    if (typeof value.workload === 'string' && typeof value.record === 'object') return value as RecordEntry;
    return typeof value.id === 'string' && typeof value.resource === 'object' ? (value as KeptEntry) : undefined;
  } catch {
    return undefined; // as above
  }
}

function keyOf(name: string): string {
  if (name.length <= MOST_KEY_CHARACTERS) return name;
  return `${name.slice(0, 180)}.${createHash('sha256').update(name).digest('hex')}`;
}
