import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import type { AppendResult, DiskQueue, DiskQueueSettings, QueueLoss } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { nodeFiles } from './node-files.ts';
import { openDiskQueue } from './open-disk-queue.ts';

const MB = 1024 * 1024;
const noEvents = { onLoss() {}, onUnreadable() {}, onDisk() {}, onReadable() {} };

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

async function start(settings: Partial<DiskQueueSettings> = {}, files: QueueFiles = nodeFiles) {
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
  const opened = await openDiskQueue(all, { clock, events, files });
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

  it('counts as waiting what is not settled, whenever its files are given back, also after a restart', async () => {
    const first = await start();
    const texts = ['a', 'b'.repeat(2000)];
    const ids = (await Promise.all(texts.map((text) => first.append(text, { take: true })))).map(idOf);
    const both = first.queue.stats.liveBytes;
    expect(first.queue.stats.diskBytes).toBe(both);
    first.queue.settle(ids[0]!);
    const left = first.queue.stats.liveBytes;
    expect(left).toBeGreaterThan(both / 2);
    expect(left).toBeLessThan(both);
    await first.queue.close();
    const second = await start();
    expect(second.queue.stats.liveBytes).toBe(left);
    second.queue.settle((await second.queue.next())!.id);
    expect(second.queue.stats.liveBytes).toBe(0);
    const id = idOf(await second.append('c', { take: true }));
    second.queue.settle(id);
    expect(second.queue.stats).toMatchObject({ entries: 0, liveBytes: 0 });
    expect(second.queue.stats.diskBytes).toBeGreaterThan(0);
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

describe('a queue that needs the room of what is settled', () => {
  it('writes its files anew without that, and the next start finds the rest', async () => {
    const { queue, append, clock, losses } = await start({ maxBytes: 64 * 1024, onFull: 'drop_oldest', fsync: true });
    const text = (i: number) => `${i} `.padEnd(1000, 'x');
    const kept: string[] = [];
    for (let i = 0; i < 55; i++) {
      const id = idOf(await append(text(i), { take: true }));
      if (i % 3 > 0) queue.settle(id);
      else kept.push(text(i));
    }
    await clock.advance(1000);
    for (let i = 100; i < 125; i++) {
      expect((await append(text(i), { take: true })).status).toBe('stored');
      kept.push(text(i));
    }
    await queue.close();
    expect((await readdir(directory)).filter((name) => name.endsWith('.copy'))).toEqual([]);
    expect(losses).toEqual([]);
    const again = await start({ maxBytes: 64 * 1024 });
    expect(await drain(again.queue)).toEqual(kept);
    expect(again.unreadable).toEqual([]);
  });
});

/** Another process that opens the queue, prints a line, and then one for each id that it was promised, until it is killed. */
function startOther(): { readonly child: ChildProcess; readonly lines: string[]; line(count: number): Promise<void> } {
  const url = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href);
  const program = `
    import { openDiskQueue } from ${url('open-disk-queue.ts')};
    import { nodeFiles } from ${url('node-files.ts')};
    import { systemClock } from ${url('../../../lib/clock.ts')};
    const events = { onLoss() {}, onUnreadable() {}, onDisk() {}, onReadable() {} };
    const settings = { directory: ${JSON.stringify(directory)}, maxBytes: 1e9, onFull: 'block', fsync: true };
    const opened = await openDiskQueue(settings, { clock: systemClock, events, files: nodeFiles });
    console.log(opened.status);
    for (let i = 0; opened.status === 'open'; i++) {
      const entry = { signal: 'logs', bytes: new Uint8Array(1 + i % 5000).fill(i), itemCount: 1 };
      const result = await opened.queue.append(entry, { take: true });
      await new Promise((resolve) => process.stdout.write(result.id + '\\n', resolve));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
  });
  const line = async (count: number) => {
    while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { child, lines, line };
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('a directory', () => {
  it('belongs to the process that has it, until that ends, and keeps every promise it made', async () => {
    for (let round = 0, promised = 0; round < 3; round++) {
      const other = startOther();
      await other.line(2);
      expect(other.lines[0]).toBe('open');
      const second = await openDiskQueue(
        { directory, maxBytes: MB, onFull: 'block', fsync: false },
        { clock: createFakeClock(), events: noEvents, files: nodeFiles },
      );
      expect(second).toEqual({
        status: 'in_use',
        message: `${directory} is in use by process ${other.child.pid}: stop it, or give this queue a directory of its own`,
      });
      await other.line(100 + round);
      await killed(other.child);
      const { queue, losses } = await start({ maxBytes: 1e9 });
      const found = new Set<number>();
      for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) {
        expect(entry.bytes.every((byte) => byte === entry.bytes[0])).toBe(true);
        found.add(entry.id);
      }
      expect(other.lines.slice(1).filter((id) => !found.has(Number(id)))).toEqual([]);
      expect(found.size).toBeGreaterThanOrEqual(promised + other.lines.length - 1);
      expect(losses).toEqual([]);
      promised = found.size;
      await queue.close();
    }
  });

  it('belongs to one of many that open it at once', async () => {
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: process.pid, start: '1', boot: null }));
    const settings = { directory, maxBytes: MB, onFull: 'block', fsync: false } as const;
    const parts = { clock: createFakeClock(), events: noEvents, files: nodeFiles };
    const all = await Promise.all(Array.from({ length: 20 }, () => openDiskQueue(settings, parts)));
    const winners = all.filter((one) => one.status === 'open');
    expect(winners.length).toBe(1);
    open.push(winners[0]!.queue);
  });

  it('can be claimed when another was killed while it claimed it', async () => {
    const claim = join(directory, 'lock.claim');
    await writeFile(claim, '');
    await utimes(claim, 0, 0);
    const { append } = await start();
    expect((await append('a')).status).toBe('stored');
  });

  it('is not claimed by a process that has the number of one that is gone', async () => {
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: process.pid, start: '1', boot: null }));
    const { append } = await start();
    expect((await append('a')).status).toBe('stored');
  });

  it('belongs to one queue of a process', async () => {
    const { queue } = await start();
    await expect(start()).rejects.toThrow('is in use by another queue of this process');
    await queue.close();
    await start();
  });

  it('is awaited from whoever leaves it while it is asked for, and had the next time', async () => {
    const { queue: former } = await start();
    let isLeaving = true;
    const settings = { directory, maxBytes: MB, onFull: 'drop_oldest', fsync: false } as const;
    const opened = await openDiskQueue(settings, {
      clock: createFakeClock(),
      events: noEvents,
      files: {
        ...nodeFiles,
        lock: async (path) => {
          const found = await nodeFiles.lock(path);
          await former.close();
          isLeaving = false;
          return found;
        },
      },
      waits: () => isLeaving,
    });
    if (opened.status !== 'open') throw new Error(opened.message);
    open.push(opened.queue);
    expect(opened.folder).toBe('awaited');
    const entry = { signal: 'logs', bytes: Buffer.from('a'), itemCount: 1 } as const;
    expect((await opened.queue.append(entry, { take: false })).status).toBe('stored');
  });

  it.runIf(process.platform === 'linux')(
    'is not held by a process that has ended and has not been asked how',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const [printed] = (await once(parent.stdout!, 'data')) as [Buffer];
        const pid = Number(printed.toString());
        const statOf = () => readFile(`/proc/${pid}/stat`, 'utf8');
        const fields = (await statOf()).split(') ')[1]!.split(' ');
        const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
        await expect.poll(async () => (await statOf()).split(') ')[1], { timeout: 10_000 }).toMatch(/^Z/);
        await writeFile(join(directory, 'lock'), JSON.stringify({ pid, start: fields[19], boot }));
        const { append } = await start();
        expect((await append('a')).status).toBe('stored');
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  it('that is none makes appends fail until it is one', async () => {
    const inside = join(directory, 'queue');
    await writeFile(inside, 'a file');
    const { append, disk, queue } = await start({ directory: inside });
    expect(queue.recovered).toEqual({ traces: 0, metrics: 0, logs: 0 });
    expect(disk.length).toBe(1);
    expect((await append('a')).status).toBe('failed');
    await rm(inside);
    expect((await append('b')).status).toBe('stored');
    expect(disk.length).toBe(2);
    expect(await drain(queue)).toEqual(['b']);
  });

  it('with folders where files should be is told of, and used', async () => {
    for (const name of ['0000000000000001-00000000.segment', '0000000000000002-00000000.settled', 'lost+found']) {
      await mkdir(join(directory, name));
    }
    const { append, unreadable, queue } = await start();
    expect(unreadable.map(({ why }) => why)).toEqual(['it is no file']);
    expect((await append('a')).status).toBe('stored');
    expect(await drain(queue)).toEqual(['a']);
  });

  it('that could not be read at one start gives everything to the next, each under an id of its own', async () => {
    const first = await start();
    for (const text of ['a', 'b', 'c']) await first.append(text);
    await first.queue.close();
    // As after a kill: the newest segment has no index.
    for (const name of await readdir(directory)) if (name.endsWith('.index')) await rm(join(directory, name));
    const second = await start(
      {},
      { ...nodeFiles, open: () => Promise.reject(new Error('EMFILE: too many open files')) },
    );
    expect(second.unreadable.map(({ why }) => why)).toEqual(['EMFILE: too many open files']);
    await second.append('d', { take: true });
    await second.queue.close();
    const third = await start();
    const ids = new Set<number>();
    const texts: string[] = [];
    for (let entry = await third.queue.next(); entry !== undefined; entry = await third.queue.next()) {
      texts.push(Buffer.from(entry.bytes).toString());
      ids.add(entry.id);
      third.queue.settle(entry.id);
    }
    expect(texts).toEqual(['a', 'b', 'c', 'd']);
    expect(ids.size).toBe(4);
    expect(third.queue.stats.entries).toBe(0);
  });

  it('is made with its parents, for nobody else to read', async () => {
    const { append } = await start({ directory: join(directory, 'a', 'b'), fsync: true });
    expect((await append('a')).status).toBe('stored');
    expect(((await stat(join(directory, 'a', 'b'))).mode & 0o777).toString(8)).toBe('700');
  });

  it('whose files go away loses what was in them, and tells it', async () => {
    const { append, losses, queue } = await start();
    await append('a', { items: 7 });
    for (const name of await readdir(directory)) if (name.endsWith('.segment')) await rm(join(directory, name));
    expect(await drain(queue)).toEqual([]);
    expect(losses).toMatchObject([{ cause: 'corrupt', itemCount: 7 }]);
  });
});

describe('reading', () => {
  it('gives what is larger and smaller than a block back as it was, alone and in a row', async () => {
    const { append, queue } = await start({ maxBytes: 64 * MB });
    const texts = [10, 700_000, 20, 3_000_000, 500_000, 500_000, 600_000, 1].map((length, i) => `${i}`.repeat(length));
    await Promise.all(texts.map((text) => append(text)));
    const ids: number[] = [];
    for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) {
      expect(Buffer.from(entry.bytes).toString()).toBe(texts[ids.length]);
      expect(entry.bytes.buffer.byteLength).toBeLessThan(entry.bytes.length + 100);
      ids.push(entry.id);
    }
    expect(ids.length).toBe(texts.length);
    queue.release(ids[3]!);
    queue.release(ids[0]!);
    expect((await drain(queue)).map((text) => text.length)).toEqual([10, 3_000_000]);
  });
});
