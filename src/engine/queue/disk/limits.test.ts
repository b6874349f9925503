import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, settle as settled } from '../../../../test/testkit/fake-clock.ts';
import { createDice, type DiskFaults, SimulatedDisk } from '../../../../test/testkit/simulated-disk.ts';
import type { AppendResult, DiskQueue, DiskQueueSettings, QueueLoss } from './disk-queue.ts';
import { openDiskQueue } from './open-disk-queue.ts';
import { ROW_BYTES } from './record-table.ts';

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk(createDice(11));
});

async function start(settings: Partial<DiskQueueSettings> = {}) {
  const clock = createFakeClock();
  const losses: QueueLoss[] = [];
  const told: (string | undefined)[] = [];
  let readable = 0;
  const opened = await openDiskQueue(
    { directory: '/queue', maxBytes: 64 * 1024, onFull: 'block', fsync: true, ...settings },
    {
      clock,
      files: disk,
      events: {
        onLoss: (loss) => losses.push(loss),
        onUnreadable: () => {},
        onDisk: (message) => told.push(message),
        onReadable: () => readable++,
      },
    },
  );
  if (opened.status !== 'open') throw new Error(opened.message);
  const { queue } = opened;
  let count = 0;
  const append = (bytes = 1000, take = false) =>
    queue.append({ signal: 'traces', bytes: Buffer.alloc(bytes, count++), itemCount: 10 }, { take });
  return { queue, clock, losses, told, append, readableCount: () => readable };
}

const idOf = (result: AppendResult): number => {
  if (result.status !== 'stored') throw new Error(`not stored: ${result.status}`);
  return result.id;
};

/** Appends until one is not stored; returns its status and how many were. */
async function fill(
  append: () => Promise<AppendResult>,
): Promise<{ readonly status: string; readonly stored: number }> {
  for (let stored = 0; ; stored++) {
    const { status } = await append();
    if (status !== 'stored') return { status, stored };
  }
}

/** Ids of everything that is free. */
async function takeAll(queue: DiskQueue): Promise<number[]> {
  const ids: number[] = [];
  for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) ids.push(entry.id);
  return ids;
}

const bytesOnDisk = () => disk.paths().reduce((sum, path) => sum + disk.bytesOf(path)!.length, 0);

describe('a full queue', () => {
  it.each([
    ['block', 'full'],
    ['drop_newest', 'dropped'],
  ] as const)(
    'that is to %s answers %s, and takes again what fits when a segment is settled',
    async (onFull, status) => {
      const { queue, append, losses } = await start({ onFull });
      const full = await fill(append);
      expect(full.status).toBe(status);
      expect(full.stored).toBeGreaterThan(50);
      expect(queue.stats.diskBytes).toBeLessThanOrEqual(64 * 1024);
      for (const id of (await takeAll(queue)).slice(0, 8)) queue.settle(id);
      expect((await append()).status).toBe('stored');
      expect(losses).toEqual([]);
    },
  );

  it('that is to drop the oldest takes everything, and tells what it gave up', async () => {
    const { queue, append, losses } = await start({ onFull: 'drop_oldest' });
    for (let i = 0; i < 200; i++) expect((await append()).status).toBe('stored');
    await settled();
    expect(bytesOnDisk()).toBeLessThanOrEqual(64 * 1024);
    const left = await takeAll(queue);
    const lost = losses.reduce((sum, { itemCount }) => sum + itemCount, 0);
    expect(losses.every(({ cause, signal }) => cause === 'queue_full' && signal === 'traces')).toBe(true);
    expect(left.length + lost / 10).toBe(200);
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => 201 - left.length + i));
    expect(queue.stats.items.traces).toBe(left.length * 10);
  });

  it('never drops what is taken, and drops the newest where all is', async () => {
    const { queue, append, losses } = await start({ onFull: 'drop_oldest' });
    const full = await fill(() => append(1000, true));
    expect(full.status).toBe('dropped');
    expect(losses).toEqual([]);
    expect(queue.stats.entries).toBe(full.stored);
  });

  it('drops what is set aside with what is as old, so that a few such requests do not keep the oldest', async () => {
    const { queue, append, losses } = await start({ onFull: 'drop_oldest' });
    const aside: number[] = [];
    for (let i = 0; i < 200; i++) {
      const id = idOf(await append(1000, i % 3 === 0));
      if (i % 3 !== 0) continue;
      queue.setAside(id);
      aside.push(id);
    }
    const lost = losses.map(({ id }) => id);
    expect(lost).toEqual(Array.from({ length: lost.length }, (_, i) => i + 1));
    const left = aside.filter((id) => !lost.includes(id));
    const free = await takeAll(queue);
    expect(left.length).toBeGreaterThan(10);
    expect(free.filter((id) => aside.includes(id))).toEqual([]);
    expect(lost.length + left.length + free.length).toBe(200);
    for (const id of left) queue.release(id);
    expect(await takeAll(queue)).toEqual(left);
  });

  it('gives up a segment at a time, and only when it must', async () => {
    const { append, losses } = await start({ onFull: 'drop_oldest' });
    for (let i = 0; i < 59; i++) await append();
    expect(losses).toEqual([]);
    await append();
    const loss = { cause: 'queue_full', signal: 'traces', itemCount: 10, bytes: 1040 };
    expect(losses).toEqual([1, 2, 3].map((id) => ({ ...loss, id })));
    await append();
    await append();
    expect(losses.length).toBe(3);
  });

  it('of small requests takes no more of them than the memory of its list is planned for', async () => {
    const { append, queue } = await start();
    expect((await fill(() => append(10))).stored).toBe(Math.floor((64 * 1024) / 32 / ROW_BYTES));
    expect(queue.stats.diskBytes).toBeLessThanOrEqual(64 * 1024);
  });

  it('makes room of an open segment that is settled altogether', async () => {
    const { queue, append } = await start({ maxBytes: 4096 });
    for (let i = 0; i < 20; i++) queue.settle(idOf(await append(2000, true)));
    expect(queue.stats.entries).toBe(0);
  });

  it('refuses what never fits, and says so', async () => {
    const { append } = await start({ onFull: 'drop_oldest' });
    expect(await append(64 * 1024)).toEqual({ status: 'too_large' });
    expect((await append(60 * 1024)).status).toBe('stored');
  });

  it('counts what is being written, and no sender goes past the limit meanwhile', async () => {
    const { append, queue } = await start();
    const results = await Promise.all(Array.from({ length: 200 }, () => append()));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['stored', 'full']));
    expect(queue.stats.diskBytes).toBeLessThanOrEqual(64 * 1024);
  });

  it('that is made smaller drops at once, or refuses until it fits', async () => {
    const { queue, append, losses } = await start();
    await fill(append);
    queue.reconfigure({ maxBytes: 32 * 1024, onFull: 'block', fsync: true });
    expect(losses).toEqual([]);
    expect((await append()).status).toBe('full');
    queue.reconfigure({ maxBytes: 32 * 1024, onFull: 'drop_oldest', fsync: true });
    expect(queue.stats.diskBytes).toBeLessThanOrEqual(32 * 1024);
    expect(losses.length).toBeGreaterThan(0);
    expect(losses.every(({ cause }) => cause === 'queue_full')).toBe(true);
  });
});

describe('a queue that needs the room of what is settled', () => {
  /** Full, and of three records two settled: as small a part of each segment is left. */
  async function startSparse(onFull: DiskQueueSettings['onFull'] = 'block', faults: DiskFaults = {}) {
    const started = await start({ onFull });
    await fill(() => started.append(1000, true));
    const ids = Array.from({ length: started.queue.stats.entries }, (_, i) => i + 1);
    const left = ids.filter((id) => id % 3 === 0 || id === ids.length);
    for (const id of ids) if (!left.includes(id)) started.queue.settle(id);
    disk.faults = faults;
    await started.clock.advance(1000);
    await settled();
    return { ...started, left };
  }

  it.each(['block', 'drop_newest', 'drop_oldest'] as const)(
    'has it although each segment holds one that is not (%s)',
    async (onFull) => {
      const { append, left, losses, queue } = await startSparse(onFull);
      for (let i = 0; i < 30; i++) {
        expect((await append()).status).toBe('stored');
        await settled();
        expect(bytesOnDisk()).toBeLessThanOrEqual(queue.stats.diskBytes);
      }
      expect(losses).toEqual([]);
      expect(queue.stats.entries).toBe(left.length + 30);
      for (const id of left) queue.release(id);
      expect((await takeAll(queue)).slice(0, left.length)).toEqual(left);
    },
  );

  it.each(['kill', 'power'] as const)('gives the rest as it was after a %s', async (crash) => {
    const { append, left, queue } = await startSparse();
    const added: number[] = [];
    for (let i = 0; i < 30; i++) {
      added.push(idOf(await append()));
      await settled();
    }
    queue.settle(left[0]!);
    await queue.close();
    disk = disk.crash(crash);
    const again = await start();
    // A loss of power may bring back what was settled just before.
    const ids = (await takeAll(again.queue)).filter((id) => crash === 'kill' || id !== left[0]);
    expect(ids).toEqual([...left.slice(1), ...added]);
  });

  it('stays as it was where the disk takes no copy, and is tried again', async () => {
    const { append, clock, left, queue } = await startSparse('block', { create: 'ENOSPC' });
    expect((await append()).status).toBe('full');
    await settled();
    expect((await append()).status).toBe('full');
    expect(disk.paths().filter((path) => path.endsWith('.copy'))).toEqual([]);
    disk.faults = {};
    await clock.advance(10_000);
    await append();
    await settled();
    expect((await append()).status).toBe('stored');
    for (const id of left) queue.release(id);
    expect((await takeAll(queue)).slice(0, left.length)).toEqual(left);
  });

  it('rewrites nothing while nobody needs the room', async () => {
    const { append, queue, clock } = await start();
    for (let id = 1; id <= 30; id++) {
      await append(1000, true);
      if (id % 3 > 0) queue.settle(id);
    }
    const before = queue.stats.diskBytes;
    await clock.advance(60_000);
    await append();
    await settled();
    expect(queue.stats.diskBytes).toBeGreaterThan(before + 1000);
  });
});

describe('a queue with an age limit', () => {
  it('gives up what is free and too old, and tells it, whether anyone asks or not', async () => {
    const { queue, clock, append, losses } = await start({ maxAgeMs: 60_000 });
    await append();
    await clock.advance(30_000);
    await append();
    await clock.advance(31_000);
    expect(losses).toEqual([{ cause: 'expired', id: 1, signal: 'traces', itemCount: 10, bytes: 1040 }]);
    expect(await takeAll(queue)).toEqual([2]);
  });

  it('leaves what is taken to its taker', async () => {
    const { queue, clock, append, losses } = await start({ maxAgeMs: 60_000 });
    const id = idOf(await append(1000, true));
    await clock.advance(100_000);
    expect(losses).toEqual([]);
    queue.release(id);
    expect(await takeAll(queue)).toEqual([]);
    expect(losses).toMatchObject([{ cause: 'expired', itemCount: 10 }]);
  });

  it('counts what grew too old while it was stopped as recovered, and then as expired', async () => {
    const first = await start();
    await first.append();
    await first.queue.close();
    const { queue, clock, losses } = await start({ maxAgeMs: 60_000 });
    expect(queue.recovered.traces).toBe(10);
    await clock.advance(61_000);
    expect(losses).toMatchObject([{ cause: 'expired', itemCount: 10 }]);
    expect(queue.stats).toEqual({ diskBytes: 0, liveBytes: 0, entries: 0, items: { traces: 0, metrics: 0, logs: 0 } });
  });

  it('says since when the oldest waits', async () => {
    const { queue, clock, append } = await start();
    expect(queue.stats.oldestMs).toBeUndefined();
    const startMs = clock.nowMs();
    const id = idOf(await append());
    await clock.advance(500);
    await append();
    expect(queue.stats.oldestMs).toBe(startMs);
    queue.settle(id);
    expect(queue.stats.oldestMs).toBe(startMs + 500);
  });
});

describe('a disk that hangs', () => {
  it('costs so much memory and no more, and no other queue its time', async () => {
    const { append, told } = await start({ maxBytes: 1e9 });
    disk.isQuick = false;
    const statuses: string[] = [];
    for (let i = 0; i < 80; i++) void append(1024 * 1024).then(({ status }) => statuses.push(status));
    await settled();
    expect(new Set(statuses)).toEqual(new Set(['full']));
    expect(80 - statuses.length).toBeLessThanOrEqual(64);
    expect(80 - statuses.length).toBeGreaterThan(50);
    expect(told).toEqual([]);
    disk = new SimulatedDisk(createDice(1));
    const other = await start();
    expect((await other.append()).status).toBe('stored');
  });
});

describe('a disk that fails', () => {
  it('is full: appends fail, it is told once, and once more when there is space', async () => {
    const { queue, append, told } = await start();
    const kept = idOf(await append());
    disk.faults = { write: 'ENOSPC', create: 'ENOSPC' };
    expect(await append()).toEqual({ status: 'failed', message: '/queue: ENOSPC: simulated' });
    expect((await append()).status).toBe('failed');
    expect(told).toEqual(['/queue: ENOSPC: simulated']);
    disk.faults = {};
    const later = idOf(await append());
    expect(told).toEqual(['/queue: ENOSPC: simulated', undefined]);
    expect(await takeAll(queue)).toEqual([kept, later]);
    disk = disk.crash('kill');
    const second = await start();
    expect(await takeAll(second.queue)).toEqual([kept, later]);
  });

  it('is full: what is settled frees space all the same, and is written when there is some', async () => {
    const { queue, append, clock, told } = await start();
    const ids = await Promise.all([append(1000, true), append(1000, true)]);
    disk.faults = { write: 'ENOSPC', create: 'ENOSPC' };
    queue.settle(idOf(ids[0]!));
    await clock.advance(10);
    expect(told.length).toBe(1);
    disk.faults = {};
    await clock.advance(1000);
    disk = disk.crash('kill');
    const second = await start();
    expect(await takeAll(second.queue)).toEqual([idOf(ids[1]!)]);
  });

  it('is full when the queue opens: what it holds is there, and its space comes back', async () => {
    const first = await start();
    await fill(first.append);
    disk = disk.crash('kill');
    disk.faults = { write: 'ENOSPC', create: 'ENOSPC' };
    const { queue } = await start();
    const ids = await takeAll(queue);
    expect(ids.length).toBeGreaterThan(50);
    for (const id of ids) queue.settle(id);
    await queue.close();
    expect(bytesOnDisk()).toBe(0);
  });

  it('does not sync: the appends of that commit fail, and what follows goes to another segment', async () => {
    const { queue, append } = await start();
    const kept = idOf(await append());
    const segment = disk.paths().find((path) => path.endsWith('.segment'))!;
    const bytes = disk.bytesOf(segment)!.length;
    disk.faults = { sync: 'EIO' };
    expect((await append()).status).toBe('failed');
    disk.faults = {};
    const later = idOf(await append());
    expect(disk.bytesOf(segment)!.length).toBe(bytes);
    expect(disk.paths().filter((path) => path.endsWith('.segment')).length).toBe(2);
    expect(await takeAll(queue)).toEqual([kept, later]);
  });
});

describe('an append that failed', () => {
  it('is never read, not even where the disk did not let it be cut off', async () => {
    for (let seed = 0; seed < 20; seed++) {
      disk = new SimulatedDisk(createDice(seed));
      const { append, clock } = await start();
      const kept = idOf(await append(100));
      disk.faults = { write: 'EIO', truncate: 'EIO' };
      const failed = await Promise.all([append(1), append(1), append(1)]);
      expect(failed.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
      disk.faults = {};
      await clock.advance(1000);
      const later = idOf(await append(100));
      disk = disk.crash('kill');
      const second = await start();
      expect(await takeAll(second.queue)).toEqual([kept, later]);
      expect(second.losses).toEqual([]);
    }
  });
});

describe('a disk that does not give back', () => {
  it('is asked again, and nothing is lost when it does', async () => {
    const { queue, append, clock, told, losses, readableCount } = await start();
    const id = idOf(await append());
    disk.faults = { read: 'EIO' };
    expect(await queue.next()).toBeUndefined();
    expect(told).toEqual([expect.stringContaining('EIO: simulated')]);
    expect(queue.stats.entries).toBe(1);
    disk.faults = {};
    await clock.advance(1000);
    expect(readableCount()).toBe(1);
    expect(await takeAll(queue)).toEqual([id]);
    expect(told.length).toBe(2);
    expect(losses).toEqual([]);
  });

  it('loses the record that it never gives back, and tells it', async () => {
    const { queue, append, clock, losses } = await start();
    await append();
    disk.faults = { read: 'EIO' };
    for (let i = 0; i < 5; i++) {
      expect(await queue.next()).toBeUndefined();
      await clock.advance(1000);
    }
    expect(losses).toMatchObject([{ cause: 'corrupt', itemCount: 10 }]);
    expect(queue.stats.entries).toBe(0);
  });
});

describe('a queue that begins to sync', () => {
  it('keeps what it promises from then on through a loss of power, whatever the name of the segment is worth', async () => {
    for (let seed = 0; seed < 40; seed++) {
      disk = new SimulatedDisk(createDice(seed));
      const { queue, append } = await start({ fsync: false });
      await append();
      queue.reconfigure({ maxBytes: 64 * 1024, onFull: 'block', fsync: true });
      const id = idOf(await append());
      disk = disk.crash('power');
      const second = await start();
      expect(await takeAll(second.queue)).toContain(id);
    }
  });
});

describe('a queue that is closed', () => {
  it('waits 10 s for a disk that hangs, says so, and leaves it', async () => {
    const { queue, append, clock, told } = await start();
    disk.isQuick = false;
    void append();
    await settled();
    let isClosed = false;
    void queue.close().then(() => {
      isClosed = true;
    });
    await clock.advance(9000);
    expect([isClosed, told]).toEqual([false, []]);
    await clock.advance(1000);
    expect(isClosed).toBe(true);
    expect(told).toEqual(['/queue: the disk has not answered for 10 s, and is left as it is']);
  });

  it.each([0, 1, 100])('has no file open, %i requests after its start, settled or not', async (count) => {
    for (const isSettled of [true, false]) {
      const { queue, append } = await start();
      for (let i = 0; i < count; i++) await append();
      if (isSettled) for (const id of await takeAll(queue)) queue.settle(id);
      await queue.close();
      expect(disk.openFiles).toBe(0);
    }
  });

  it('has written what it was given before, and takes no more', async () => {
    const { queue, append } = await start();
    const before = append();
    await queue.close();
    expect((await before).status).toBe('stored');
    expect((await append()).status).toBe('failed');
    expect(await queue.next()).toBeUndefined();
  });
});
