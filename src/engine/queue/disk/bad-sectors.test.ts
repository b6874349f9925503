import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import { createDice, SimulatedDisk } from '../../../../test/testkit/simulated-disk.ts';
import type { DiskQueue, QueueLoss } from './disk-queue.ts';
import type { QueueFile } from './files.ts';
import { openDiskQueue } from './open-disk-queue.ts';

const RECORD_BYTES = 1040;

/** Counts what was asked of it in vain, in bytes. */
class CountingDisk extends SimulatedDisk {
  readonly failedReads: number[] = [];
  failsToClose = false;

  override async open(path: string): Promise<QueueFile> {
    const file = await super.open(path);
    return {
      ...file,
      read: (into, position) =>
        file.read(into, position).catch((error: unknown) => {
          this.failedReads.push(into.length);
          throw error;
        }),
      close: async () => {
        await file.close();
        if (this.failsToClose) throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
      },
    };
  }
}

let disk: CountingDisk;

beforeEach(() => {
  disk = new CountingDisk(createDice(11));
});

/** A queue with requests on disk that take `RECORD_BYTES` each, in one segment. */
async function start(requests: number) {
  const clock = createFakeClock();
  const losses: QueueLoss[] = [];
  const told: (string | undefined)[] = [];
  const opened = await openDiskQueue(
    { directory: '/queue', maxBytes: 2 ** 27, onFull: 'block', fsync: true },
    {
      clock,
      files: disk,
      events: {
        onLoss: (loss) => losses.push(loss),
        onUnreadable: () => {},
        onDisk: (message) => told.push(message),
        onReadable: () => {},
      },
    },
  );
  if (opened.status !== 'open') throw new Error(opened.message);
  const { queue } = opened;
  for (let i = 0; i < requests; i++)
    await queue.append({ signal: 'traces', bytes: Buffer.alloc(1000, i), itemCount: 1 }, { take: false });
  /** Reads everything, with as many seconds between as it takes. Returns the ids, and how many seconds went by. */
  const readAll = async (): Promise<{ readonly ids: number[]; readonly seconds: number }> => {
    const ids: number[] = [];
    let seconds = 0;
    while (queue.stats.entries > 0) {
      const entry = await queue.next();
      if (entry !== undefined) {
        ids.push(entry.id);
        queue.settle(entry.id);
      } else {
        await clock.advance(1000);
        seconds++;
      }
    }
    return { ids, seconds };
  };
  return { queue, clock, losses, told, readAll };
}

const recordsAt = (from: number, to: number): readonly [number, number] => [from * RECORD_BYTES, to * RECORD_BYTES];

async function nextOf(queue: DiskQueue): Promise<number | undefined> {
  return (await queue.next())?.id;
}

describe('a sector that the disk does not give back', () => {
  it('is asked for once as part of a block, and not with every record before it', async () => {
    const { readAll, losses } = await start(100);
    disk.faults = { unreadable: recordsAt(90, 91) };
    const { ids } = await readAll();
    expect(ids).toHaveLength(99);
    expect(losses.map(({ id }) => id)).toEqual([91]);
    expect(disk.failedReads.filter((bytes) => bytes > RECORD_BYTES)).toHaveLength(1);
  });

  it('costs time once, however many requests stand in it', async () => {
    const { readAll, losses } = await start(100);
    disk.faults = { unreadable: recordsAt(10, 40) };
    const { ids, seconds } = await readAll();
    expect(ids).toHaveLength(70);
    expect(losses).toHaveLength(30);
    expect(seconds).toBeLessThanOrEqual(4);
  });

  it('has the next of them asked for as patiently once a MiB lies between, as the disk may be gone altogether', async () => {
    const { readAll } = await start(3000);
    disk.faults = { unreadable: recordsAt(0, 2000) };
    expect((await readAll()).seconds).toBe(8);
  });

  it('is no failing disk any more when it was the last', async () => {
    const { clock, queue, told } = await start(1);
    disk.faults = { read: 'EIO' };
    for (let i = 0; i < 5; i++) {
      expect(await queue.next()).toBeUndefined();
      await clock.advance(1000);
    }
    expect(told).toEqual([expect.stringContaining('EIO: simulated'), undefined]);
  });
});

describe('a file that does not close', () => {
  it('is left, and reading goes on', async () => {
    const { queue } = await start(2);
    disk.failsToClose = true;
    expect([await nextOf(queue), await nextOf(queue), await nextOf(queue)]).toEqual([1, 2, undefined]);
    await queue.append({ signal: 'traces', bytes: Buffer.alloc(10), itemCount: 1 }, { take: false });
    expect(await nextOf(queue)).toBe(3);
  });
});
