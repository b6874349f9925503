/**
 * What the disk queue costs: MB/s and CPU-seconds per GB of append + settle, of reading a backlog, and the time of a start
 * with a backlog. `node_modules/.bin/node bench/disk-queue.ts [--backlog 2GB] [--record 30000] [--directory /tmp]`.
 * A page cache that is warm stands for the disk: what a device adds is its own figure.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DiskQueue, DiskQueueSettings } from '../src/engine/queue/disk/disk-queue.ts';
import { nodeFiles } from '../src/engine/queue/disk/node-files.ts';
import { openDiskQueue } from '../src/engine/queue/disk/open-disk-queue.ts';
import { parseByteSize, systemClock } from '../src/lib/index.ts';

const { values } = parseArgs({
  options: {
    backlog: { type: 'string', default: '2GB' },
    bytes: { type: 'string', default: '512MB' },
    record: { type: 'string', default: '30000' },
    senders: { type: 'string', default: '64' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const recordBytes = Number(values.record);
const senders = Number(values.senders);
const payload = Buffer.alloc(recordBytes, 'telemetry ');
const directory = await mkdtemp(join(values.directory, 'bench-disk-queue-'));

async function openQueue(settings: Pick<DiskQueueSettings, 'fsync'>): Promise<DiskQueue> {
  const events = { onLoss() {}, onUnreadable: console.error, onDisk: console.error, onReadable() {} };
  const opened = await openDiskQueue(
    { directory, maxBytes: 16e9, onFull: 'block', ...settings },
    { clock: systemClock, events, files: nodeFiles },
  );
  if (opened.status !== 'open') throw new Error(opened.message);
  return opened.queue;
}

/** Runs, and prints what it took for so many bytes. */
async function measure(label: string, bytes: number, run: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await run();
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const perRecord = (cpuSeconds * 1e6) / (bytes / recordBytes);
  console.log(
    `${label.padEnd(34)} ${(bytes / 1e6 / (ms / 1000)).toFixed(0).padStart(6)} MB/s  ${(cpuSeconds / (bytes / 1e9)).toFixed(2).padStart(6)} CPU-s/GB  ${perRecord.toFixed(1).padStart(6)} CPU-µs a record`,
  );
}

/** So many senders, each with one request under way. */
async function appendAll(queue: DiskQueue, bytes: number, settle: boolean): Promise<void> {
  let left = Math.floor(bytes / recordBytes);
  const send = async (): Promise<void> => {
    while (left-- > 0) {
      const result = await queue.append({ signal: 'logs', bytes: payload, itemCount: 100 }, { take: settle });
      if (result.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(result)}`);
      if (settle) queue.settle(result.id);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
}

async function start(label: string): Promise<DiskQueue> {
  const startMs = performance.now();
  const queue = await openQueue({ fsync: false });
  const ms = performance.now() - startMs;
  const { entries, diskBytes } = queue.stats;
  console.log(
    `${label.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms, ${entries} records, ${(diskBytes / 1e9).toFixed(2)} GB`,
  );
  return queue;
}

console.log(`records of ${recordBytes} bytes, ${senders} senders, ${directory}`);
try {
  for (const fsync of [false, true]) {
    const queue = await openQueue({ fsync });
    const bytes = parseByteSize(values.bytes)!;
    await measure(`append + settle, fsync ${fsync}`, bytes, () => appendAll(queue, bytes, true));
    await queue.close();
  }
  const bytes = parseByteSize(values.backlog)!;
  const filled = await openQueue({ fsync: false });
  await measure('append alone, fsync false', bytes, () => appendAll(filled, bytes, false));
  await filled.close();
  const indexed = await start('start with that backlog');
  await indexed.close();
  // As after a row of kills: an index is written when a segment is full, or the queue stops.
  for (const name of await readdir(directory)) if (name.endsWith('.index')) await rm(join(directory, name));
  const heapBefore = process.memoryUsage();
  const queue = await start('start without any index');
  const heap = process.memoryUsage();
  console.log(
    `${'memory of the backlog'.padEnd(34)} ${((heap.arrayBuffers + heap.heapUsed - heapBefore.arrayBuffers - heapBefore.heapUsed) / 1e6).toFixed(1)} MB`,
  );
  await measure('next + settle', bytes, async () => {
    for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) queue.settle(entry.id);
  });
  await queue.close();
} finally {
  await rm(directory, { recursive: true, force: true });
}
