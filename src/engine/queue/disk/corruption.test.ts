import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../../test/testkit/fake-clock.ts';
import { createDice, SimulatedDisk } from '../../../../test/testkit/simulated-disk.ts';
import type { DiskQueue, QueueLoss } from './disk-queue.ts';
import { openDiskQueue } from './open-disk-queue.ts';
import { decodeRecord } from './reader.ts';
import { encodeHeader, HEADER_BYTES } from './record.ts';
import { scanSegment } from './scan.ts';
import { Segment } from './segment.ts';

const MAX_BYTES = 2 * 1024 * 1024;
const NAME = /(\d{16})-([0-9a-f]{8})\.segment$/;

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk(createDice(7));
});

interface Started {
  readonly queue: DiskQueue;
  readonly losses: QueueLoss[];
  readonly unreadable: string[];
  readonly clock: FakeClock;
}

async function start(): Promise<Started> {
  const losses: QueueLoss[] = [];
  const unreadable: string[] = [];
  const clock = createFakeClock();
  const opened = await openDiskQueue(
    { directory: '/queue', maxBytes: MAX_BYTES, onFull: 'block', fsync: true },
    {
      clock,
      files: disk,
      events: {
        onLoss: (loss) => losses.push(loss),
        onUnreadable: (file, bytes, why) => unreadable.push(`${file.replace(NAME, 'SEGMENT')}: ${bytes}: ${why}`),
        onDisk: () => {},
        onReadable: () => {},
      },
    },
  );
  if (opened.status !== 'open') throw new Error(opened.message);
  return { queue: opened.queue, losses, unreadable, clock };
}

/** A segment of records with these payloads, as a process leaves it that is killed; its path and bytes. */
async function segmentOf(payloads: readonly string[]): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  const { queue } = await start();
  for (const payload of payloads) {
    await queue.append({ signal: 'logs', bytes: Buffer.from(payload), itemCount: 1 }, { take: false });
  }
  disk = disk.crash('kill');
  const path = disk.paths().find((one) => NAME.test(one))!;
  return { path, bytes: disk.bytesOf(path)! };
}

function nonceOf(path: string): number {
  return Number.parseInt(NAME.exec(path)![2]!, 16);
}

async function payloadsOf(queue: DiskQueue): Promise<string[]> {
  const payloads: string[] = [];
  for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) {
    payloads.push(Buffer.from(entry.bytes).toString());
  }
  return payloads;
}

const letters = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + i).repeat(length));

describe('a segment with bad bytes', () => {
  it('loses at most the record with the byte, and always counts it, whichever of 64 KB it is', async () => {
    const payloads = letters(16, 4096 - HEADER_BYTES);
    const { path, bytes } = await segmentOf(payloads);
    expect(bytes.length).toBe(64 * 1024);
    const name = { firstId: 1, nonce: nonceOf(path) };
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      const read = async (position: number, length: number) => flipped.subarray(position, position + length);
      const { table, gaps } = await scanSegment(read, name, flipped.length);
      const segment = new Segment('/queue', name, { table, bytes: flipped.length, keep: false, settledBytes: 0 });
      const left: number[] = [];
      for (let row = 0; row < table.count; row++) {
        const from = table.offsets[row]!;
        if (decodeRecord(flipped.subarray(from, from + table.sizes[row]!), segment, row)) left.push(table.id(row));
      }
      const hit = Math.floor(at / 4096) + 1;
      if (left.length !== 15 || left.includes(hit)) throw new Error(`byte ${at}: ${left} are left`);
      const counted = gaps.length + table.count - left.length;
      if (counted !== 1) throw new Error(`byte ${at}: counted ${counted} times`);
    }
  }, 60_000);

  it('loses and counts the same through the queue, for every byte of a header and some of the payloads', async () => {
    const payloads = letters(16, 4096 - HEADER_BYTES);
    const { path, bytes } = await segmentOf(payloads);
    for (let at = 0; at < bytes.length; at += at % 4096 < HEADER_BYTES && at < 8192 ? 1 : 509) {
      disk = new SimulatedDisk(createDice(at));
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      disk.put(path, flipped);
      const { queue, losses, unreadable } = await start();
      expect(await payloadsOf(queue), `byte ${at}`).toEqual(payloads.toSpliced(Math.floor(at / 4096), 1));
      expect(losses.length + unreadable.length, `byte ${at}`).toBe(1);
    }
  });

  it('says how many items were in a payload that went bad: they are recovered, and then lost', async () => {
    const { path, bytes } = await segmentOf(['first', 'second']);
    bytes[HEADER_BYTES]! ^= 1;
    disk.put(path, bytes);
    const { queue, losses, unreadable } = await start();
    expect(queue.recovered.logs).toBe(2);
    expect(await payloadsOf(queue)).toEqual(['second']);
    expect(losses).toEqual([{ cause: 'corrupt', id: 1, signal: 'logs', itemCount: 1, bytes: HEADER_BYTES + 5 }]);
    expect(unreadable).toEqual([]);
    expect(queue.stats).toMatchObject({ entries: 1, items: { logs: 1 } });
  });

  it('says how many bytes stand behind a header that went bad', async () => {
    const { path, bytes } = await segmentOf(['first', 'second', 'third']);
    bytes[HEADER_BYTES + 5 + 30]! ^= 1;
    disk.put(path, bytes);
    const { queue, unreadable } = await start();
    expect(await payloadsOf(queue)).toEqual(['first', 'third']);
    expect(unreadable).toEqual(['/queue/SEGMENT: 46: a header that does not check, from byte 45 on']);
  });

  it.each([0, 1, 20, HEADER_BYTES, HEADER_BYTES + 3, HEADER_BYTES + 5 + 4])(
    'gives back what is whole when it is cut off at byte %i',
    async (length) => {
      const { path, bytes } = await segmentOf(['first', 'second']);
      disk.put(path, bytes.subarray(0, length));
      const { queue, unreadable } = await start();
      expect(await payloadsOf(queue)).toEqual(length >= HEADER_BYTES + 5 ? ['first'] : []);
      expect(unreadable.length).toBe(length > 0 && length !== HEADER_BYTES + 5 ? 1 : 0);
      const appended = await queue.append({ signal: 'logs', bytes: Buffer.from('new'), itemCount: 1 }, { take: false });
      expect(appended.status).toBe('stored');
    },
  );

  it('does not take a record for real that a sender wrote into a payload', async () => {
    const forged = Buffer.alloc(HEADER_BYTES + 6);
    forged.write('forged', HEADER_BYTES);
    const payload = forged.subarray(HEADER_BYTES);
    encodeHeader(forged, 0, 12345, { signal: 'logs', itemCount: 1000, id: 77, appendedMs: 1, payload });
    const { path, bytes } = await segmentOf(['first', forged.toString('latin1'), 'third']);
    bytes[HEADER_BYTES + 5]! ^= 1;
    disk.put(path, bytes);
    const { queue } = await start();
    expect(await payloadsOf(queue)).toEqual(['first', 'third']);
  });

  it('reads headers again where the index is not of this segment', async () => {
    const { queue } = await start();
    await queue.append({ signal: 'logs', bytes: Buffer.from('first'), itemCount: 1 }, { take: false });
    await queue.close();
    const index = disk.paths().find((path) => path.endsWith('.index'))!;
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('nonsense'),
      Buffer.alloc(4096),
      disk.bytesOf(index)!.fill(1, 40, 41),
    ]) {
      disk.put(index, bytes);
      const again = await start();
      expect(again.queue.recovered.logs).toBe(1);
      expect(await payloadsOf(again.queue)).toEqual(['first']);
    }
  });

  it('sends again what a settlement log that went bad does not tell', async () => {
    const first = await start();
    for (const text of ['a', 'b', 'c']) {
      await first.queue.append({ signal: 'logs', bytes: Buffer.from(text), itemCount: 1 }, { take: true });
    }
    first.queue.settle(1);
    first.queue.settle(2);
    await first.queue.close();
    const log = disk.paths().find((path) => path.endsWith('.settled'))!;
    const bytes = disk.bytesOf(log)!;
    bytes[0]! ^= 1;
    disk.put(log, Buffer.concat([bytes, Buffer.from('torn')]));
    const second = await start();
    expect(await payloadsOf(second.queue)).toEqual(['a', 'c']);
  });
});

describe('a disk that does not give a piece of a segment back', () => {
  const payloads = letters(16, 4096 - HEADER_BYTES);

  it('gives every record around it, and loses the one in it when it was asked often enough', async () => {
    const before = await start();
    for (const payload of payloads) {
      await before.queue.append({ signal: 'logs', bytes: Buffer.from(payload), itemCount: 1 }, { take: false });
    }
    await before.queue.close();
    // The middle of the fourth payload.
    disk.faults = { unreadable: [3 * 4096 + 1000, 3 * 4096 + 1100] };
    const { queue, losses, clock } = await start();
    const found = await payloadsOf(queue);
    for (let i = 0; i < 5; i++) {
      await clock.advance(1000);
      found.push(...(await payloadsOf(queue)));
    }
    expect(found).toEqual(payloads.toSpliced(3, 1));
    expect(losses).toMatchObject([{ cause: 'corrupt', itemCount: 1 }]);
  });

  it('gives every record around a header, and keeps the file, told with its bytes, until it can be read', async () => {
    const { path } = await segmentOf(payloads);
    disk.faults = { unreadable: [3 * 4096 + 4, 3 * 4096 + 8] };
    const first = await start();
    expect(first.unreadable).toEqual([
      '/queue/SEGMENT: 4096: a header that does not check, from byte 12288 on, where the disk cannot be read',
    ]);
    for (let entry = await first.queue.next(); entry !== undefined; entry = await first.queue.next()) {
      first.queue.settle(entry.id);
    }
    await first.queue.close();
    expect(disk.paths()).toContain(path);
    disk.faults = {};
    const second = await start();
    expect(second.unreadable).toEqual([]);
    expect(await payloadsOf(second.queue)).toEqual([payloads[3]]);
  });
});

describe('a record of a newer version', () => {
  /** The second of three records, as a later Sluice may write it: another version, a longer header. */
  async function withNewer(): Promise<string> {
    const { path, bytes } = await segmentOf(['first', 'second', 'third']);
    const nonce = nonceOf(path);
    const from = HEADER_BYTES + 5;
    const newer = Buffer.alloc(48 + 6);
    newer.writeUInt32LE(0x72_51_4c_53, 0);
    newer.writeUInt32LE(nonce, 4);
    newer[12] = 2;
    newer[13] = 48;
    newer.writeUInt32LE(6, 16);
    newer.writeUInt32LE(crc32(newer.subarray(12, 48)), 8);
    disk.put(path, Buffer.concat([bytes.subarray(0, from), newer, bytes.subarray(from + HEADER_BYTES + 6)]));
    return path;
  }

  it('is stepped over, told, and kept on the disk when all else is settled', async () => {
    const path = await withNewer();
    const { queue, unreadable } = await start();
    expect(unreadable).toEqual(['/queue/SEGMENT: 54: a record of version 2 of the format, kept for a newer Sluice']);
    for (let entry = await queue.next(); entry !== undefined; entry = await queue.next()) queue.settle(entry.id);
    expect(queue.stats).toMatchObject({ entries: 0, diskBytes: 0 });
    await queue.close();
    expect(disk.paths()).toContain(path);
    const again = await start();
    expect(await payloadsOf(again.queue)).toEqual([]);
    expect(again.unreadable.length).toBe(1);
  });
});

describe('files that are nobody’s', () => {
  it('stay, and change nothing', async () => {
    const { path } = await segmentOf(['first']);
    const foreign = ['/queue/notes.txt', '/queue/1.segment', '/queue/0000000000000001-0000000g.segment'];
    for (const one of foreign) disk.put(one, Buffer.from('something else'));
    disk.put('/queue/9999999999999999-00000000.segment', Buffer.from('an id out of range'));
    const { queue, unreadable } = await start();
    expect(await payloadsOf(queue)).toEqual(['first']);
    await queue.close();
    expect(disk.paths()).toEqual(expect.arrayContaining([...foreign, path]));
    expect(unreadable).toEqual([]);
  });

  it('with the name of a segment are told and stay, and take no id from the queue', async () => {
    const path = '/queue/0000000000000100-0000abcd.segment';
    disk.put(path, Buffer.from('x'.repeat(1000)));
    const { queue, unreadable } = await start();
    expect(unreadable).toEqual(['/queue/SEGMENT: 1000: no record up to its end, from byte 0 on']);
    expect(await queue.append({ signal: 'logs', bytes: Buffer.from('new'), itemCount: 1 }, { take: false })).toEqual({
      status: 'stored',
      id: 100 + 2 ** 32,
    });
    expect(queue.stats.entries).toBe(1);
    await queue.close();
    expect(disk.bytesOf(path)?.length).toBe(1000);
  });

  it('that belong to a segment that is gone are removed', async () => {
    disk.put('/queue/0000000000000005-0000abcd.settled', Buffer.alloc(16));
    disk.put('/queue/0000000000000005-0000abcd.index', Buffer.alloc(16));
    const { queue } = await start();
    await queue.close();
    expect(disk.paths().filter((path) => path.includes('0000abcd'))).toEqual([]);
  });
});
