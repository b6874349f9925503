import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import type { AppendResult, DiskQueue, DiskQueueSettings, QueueLoss } from './disk-queue.ts';
import { nodeFiles } from './node-files.ts';
import { openDiskQueue } from './open-disk-queue.ts';

const MB = 1024 * 1024;

let directory: string;
let open: DiskQueue[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-queue-'));
  open = [];
});

afterEach(async () => {
  for (const queue of open) await queue.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(settings: Partial<DiskQueueSettings> = {}) {
  const clock = createFakeClock();
  const losses: QueueLoss[] = [];
  const unreadable: { readonly file: string; readonly bytes: number; readonly why: string }[] = [];
  const disk: (string | undefined)[] = [];
  let readable = 0;
  const events = {
    onLoss: (loss: QueueLoss) => losses.push(loss),
    onUnreadable: (file: string, bytes: number, why: string) => unreadable.push({ file, bytes, why }),
    onDisk: (message: string | undefined) => disk.push(message),
    onReadable: () => readable++,
  };
  const all = { directory, maxBytes: MB, onFull: 'block', fsync: false, ...settings } as const;
  const opened = await openDiskQueue(all, { clock, events, files: nodeFiles });
  if (opened.status !== 'open') throw new Error(opened.message);
  const { queue } = opened;
  open.push(queue);
  return {
    queue,
    clock,
    losses,
    unreadable,
    disk,
    readableCount: () => readable,
    append: (text: string, options: { readonly take?: boolean; readonly items?: number } = {}) =>
      queue.append(
        { signal: 'logs', bytes: Buffer.from(text), itemCount: options.items ?? 1 },
        { take: options.take ?? false },
      ),
  };
}

/** Everything that is free, as texts; settled if asked for. */
async function drain(queue: DiskQueue, settle = false): Promise<string[]> {
  const texts: string[] = [];
  for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) {
    texts.push(Buffer.from(entry.bytes).toString());
    if (settle) queue.settle(entry.id);
  }
  return texts;
}

const idOf = (result: AppendResult): number => {
  if (result.status !== 'stored') throw new Error(`not stored: ${result.status}`);
  return result.id;
};

describe('a disk queue', () => {
  it.each([true, false])('gives back what was appended, oldest first (fsync: %s)', async (fsync) => {
    const { queue, append } = await start({ fsync });
    const results = await Promise.all(['a', 'b', 'c'].map((text) => append(text)));
    expect(results.map(idOf)).toEqual([1, 2, 3]);
    expect(await drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('gives what was not settled to the next start, and grows its ids', async () => {
    const first = await start();
    const ids = (await Promise.all(['a', 'b', 'c'].map((text) => first.append(text, { take: true, items: 5 })))).map(
      idOf,
    );
    first.queue.settle(ids[1]!);
    await first.queue.close();
    const second = await start();
    expect(second.queue.recovered).toEqual({ traces: 0, metrics: 0, logs: 10 });
    expect(second.queue.stats).toMatchObject({ entries: 2, items: { logs: 10 } });
    expect(idOf(await second.append('d'))).toBeGreaterThan(ids[2]!);
    expect(await drain(second.queue, true)).toEqual(['a', 'c', 'd']);
    expect(second.queue.stats).toMatchObject({ entries: 0, items: { traces: 0, metrics: 0, logs: 0 } });
    await second.queue.close();
    const third = await start();
    expect(await drain(third.queue)).toEqual([]);
    expect(idOf(await third.append('e'))).toBeGreaterThan(ids[2]! + 1);
  });

  it('gives a taken request only after it was released', async () => {
    const { queue, append, readableCount } = await start();
    const id = idOf(await append('a', { take: true }));
    expect(await drain(queue)).toEqual([]);
    queue.release(id);
    expect(readableCount()).toBe(1);
    expect(await drain(queue)).toEqual(['a']);
  });

  it('returns space as requests are settled', async () => {
    const { queue, append } = await start();
    const text = 'x'.repeat(10_000);
    for (let i = 0; i < 200; i++) {
      const id = idOf(await append(text, { take: true }));
      queue.settle(id);
    }
    await queue.close();
    expect((await readdir(directory)).length).toBeLessThan(6);
    expect(queue.stats.diskBytes).toBeLessThan(MB / 8);
  });
});
