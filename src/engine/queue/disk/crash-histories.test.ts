/**
 * Histories of a queue: random actions, a disk that reorders, fails and fills up, and crashes, with or without the power.
 * Whatever the history, after it: every request that was acknowledged and not settled is given back, byte for byte, but for
 * those whose loss was told; nothing is given that was not appended; the figures are those of a plain model.
 */
import { describe, expect, it } from 'vitest';
import { createFakeClock, settle as settled } from '../../../../test/testkit/fake-clock.ts';
import { type Crash, createDice, type Dice, SimulatedDisk } from '../../../../test/testkit/simulated-disk.ts';
import { SIGNALS } from '../../../pdata/index.ts';
import type { DiskQueue, DiskQueueSettings, OnFull, QueueLoss, StoredEntry } from './disk-queue.ts';
import { openDiskQueue } from './open-disk-queue.ts';

const HISTORIES = 10_000;
const CHUNKS = 10;
const FIRST_SEED = 20_261_122;

/** What the model knows of a request. It goes by its serial number, which is in its payload. */
interface Known {
  readonly payload: Buffer;
  readonly itemCount: number;
  id: number | undefined;
  /** `asked`: not answered, it may be there or not; so may what was `given_up` shortly before a crash. */
  status: 'asked' | 'stored' | 'failed' | 'refused' | 'settled' | 'settled_for_sure' | 'given_up';
}

class History {
  readonly #dice: Dice;
  readonly #clock = createFakeClock();
  readonly #settings: DiskQueueSettings;
  readonly #known: Known[] = [];
  readonly #taken = new Map<number, Known>();
  #disk: SimulatedDisk;
  #queue!: DiskQueue;
  /** Items that the queue said it gave up, by itself, of what it had acknowledged. */
  #givenUp = 0;
  #corrupt = 0;
  #crashes = 0;
  rewriteCount = 0;
  #fetching: Promise<void> | undefined;

  constructor(seed: number) {
    this.#dice = createDice(seed);
    const onFull = (['block', 'block', 'drop_newest', 'drop_oldest'] as const)[this.#dice(4)] as OnFull;
    this.#settings = {
      directory: '/queue',
      maxBytes: 4096 + this.#dice(40_000),
      onFull,
      fsync: this.#dice(4) > 0,
      ...(this.#dice(5) === 0 ? { maxAgeMs: 5000 } : {}),
    };
    this.#disk = new SimulatedDisk(this.#dice);
  }

  async run(): Promise<void> {
    await this.#open();
    const lives = 1 + this.#dice(3);
    for (let life = 0; life < lives; life++) {
      const actions = 5 + this.#dice(30);
      for (let i = 0; i < actions; i++) await this.#act();
      if (this.#dice(6) === 0) await this.#stop();
      else this.#crash();
      await this.#open();
      await this.#checkEverything();
    }
  }

  async #open(): Promise<void> {
    this.#disk.isQuick = true;
    this.#corrupt = 0;
    const crash = this.#crashes;
    const opened = await openDiskQueue(this.#settings, {
      clock: this.#clock,
      files: this.#disk,
      events: {
        onLoss: (loss) => {
          if (crash === this.#crashes) this.#lose(loss);
        },
        onUnreadable: () => {},
        onDisk: () => {},
        onReadable: () => {},
      },
    });
    if (opened.status !== 'open') throw new Error(opened.message);
    this.#queue = opened.queue;
    this.#disk.isQuick = false;
  }

  #lose(loss: QueueLoss): void {
    if (loss.cause === 'corrupt') this.#corrupt += loss.itemCount;
    else this.#givenUp += loss.itemCount;
  }

  async #act(): Promise<void> {
    const roll = this.#dice(100);
    if (roll < 35) this.#append();
    else if (roll < 45) this.#fetch();
    else if (roll < 60) this.#settleOne();
    else if (roll < 64) this.#releaseOne();
    else if (roll < 85) this.#disk.step();
    else if (roll < 90) await this.#drain();
    else if (roll < 94) this.#disk.faults = this.#someFaults();
    else if (roll < 97) await this.#clock.advance(this.#dice(2000));
    else await this.#thinOut();
    if (this.#dice(2) === 0) await settled();
  }

  #someFaults(): SimulatedDisk['faults'] {
    return ([{}, { write: 'ENOSPC', create: 'ENOSPC' }, { write: 'EIO' }, { sync: 'EIO' }] as const)[this.#dice(4)]!;
  }

  #append(): void {
    const serial = this.#known.length;
    const payload = Buffer.alloc(4 + this.#dice(this.#dice(8) === 0 ? 5000 : 300), serial & 0xff);
    payload.writeUInt32LE(serial, 0);
    const known: Known = { payload, itemCount: 1 + this.#dice(50), id: undefined, status: 'asked' };
    this.#known.push(known);
    const take = this.#dice(2) === 0;
    const crash = this.#crashes;
    const entry = { signal: SIGNALS[serial % 3]!, bytes: payload, itemCount: known.itemCount };
    void this.#queue.append(entry, { take }).then((result) => {
      if (crash !== this.#crashes) return;
      if (result.status === 'stored') {
        known.status = 'stored';
        known.id = result.id;
        if (take) this.#taken.set(result.id, known);
      } else known.status = result.status === 'failed' ? 'failed' : 'refused';
    });
  }

  #fetch(): void {
    const crash = this.#crashes;
    this.#fetching ??= this.#queue.next().then((entry) => {
      if (crash !== this.#crashes) return;
      this.#fetching = undefined;
      if (entry !== undefined) this.#taken.set(entry.id, this.#check(entry));
    });
  }

  /** What is given is what was appended. */
  #check(entry: StoredEntry): Known {
    const serial = Buffer.from(entry.bytes).readUInt32LE(0);
    const known = this.#known[serial];
    if (known === undefined) throw new Error('given, and never appended');
    must(Buffer.compare(known.payload, entry.bytes) === 0, 'other bytes');
    must(entry.itemCount === known.itemCount && entry.signal === SIGNALS[serial % 3], 'other items');
    must((known.id ?? entry.id) === entry.id, 'another id');
    const isOver = ['failed', 'refused', 'settled_for_sure'].includes(known.status);
    must(!isOver, `given, and it was ${known.status}`);
    return known;
  }

  #someTaken(): [number, Known] | undefined {
    const all = [...this.#taken];
    const one = all[this.#dice(Math.max(1, all.length))];
    if (one !== undefined) this.#taken.delete(one[0]);
    return one;
  }

  #settleOne(): void {
    const one = this.#someTaken();
    if (one === undefined) return;
    this.#queue.settle(one[0]);
    one[1].status = 'settled';
  }

  /** Leaves segments with a part of what they had, at rest, and the queue in want of room. */
  async #thinOut(): Promise<void> {
    for (let i = 0; i < 12; i++) this.#append();
    this.#disk.isQuick = this.#dice(2) === 0;
    await settled();
    for (let i = 0; i < 12; i++) this.#settleOne();
    await this.#clock.advance(1000);
    this.#disk.isQuick = false;
    for (let i = 0; i < 12; i++) this.#append();
  }

  #releaseOne(): void {
    const one = this.#someTaken();
    if (one !== undefined) this.#queue.release(one[0]);
  }

  /** Lets the queue do all it has to do, on a disk that works. */
  async #drain(): Promise<void> {
    this.#disk.faults = {};
    await this.#clock.advance(1000);
    await this.#runUntil(async () => {});
    await this.#clock.advance(0);
    if (this.#settings.onFull !== 'drop_oldest' && this.#settings.maxAgeMs === undefined) this.#checkFigures();
    for (const known of this.#known) if (known.status === 'settled') known.status = 'settled_for_sure';
  }

  async #runUntil(act: () => Promise<void>): Promise<void> {
    let isDone = false;
    const done = act().then(() => {
      isDone = true;
    });
    for (let idle = 0; !isDone || idle < 3; ) {
      idle = this.#disk.step() ? 0 : idle + 1;
      await settled();
    }
    await done;
  }

  #checkFigures(): void {
    const held = this.#known.filter(({ status }) => status === 'stored');
    const { entries, items } = this.#queue.stats;
    const itemSum = items.traces + items.metrics + items.logs;
    // After a crash the queue may also hold what was asked for, and what was settled in the last moment.
    if (this.#crashes === 0) expect({ entries, itemSum }).toEqual({ entries: held.length, itemSum: sumOf(held) });
    else expect(itemSum).toBeGreaterThanOrEqual(sumOf(held));
    const used = this.#disk.paths().reduce((sum, path) => sum + this.#disk.bytesOf(path)!.length, 0);
    expect(used, 'the limit').toBeLessThanOrEqual(this.#settings.maxBytes);
  }

  async #stop(): Promise<void> {
    await this.#drain();
    await this.#runUntil(() => this.#queue.close());
    this.#crash('kill');
  }

  #crash(asked?: Crash): void {
    const kind = asked ?? (this.#settings.fsync && this.#dice(3) > 0 ? 'power' : 'kill');
    this.#crashes++;
    this.rewriteCount += this.#disk.renameCount;
    this.#disk = this.#disk.crash(kind);
    this.#taken.clear();
    this.#fetching = undefined;
    // A loss of power may bring back what was settled, and what could not be cut off in time.
    if (kind === 'power') {
      for (const known of this.#known) {
        if (known.status === 'settled_for_sure') known.status = 'settled';
        if (known.status === 'failed') known.status = 'asked';
      }
    }
  }

  /** Takes everything, and puts it back. */
  async #checkEverything(): Promise<void> {
    this.#disk.isQuick = true;
    const found = new Set<Known>();
    const before = sumOfRecord(this.#queue.recovered);
    const givenUpBefore = this.#givenUp;
    for (let entry = await this.#queue.next(); entry !== undefined; entry = await this.#queue.next()) {
      const known = this.#check(entry);
      must(!found.has(known), 'given twice');
      found.add(known);
      this.#taken.set(entry.id, known);
      known.id = entry.id;
      // Nobody was promised that it is there: it may be gone again after the next crash.
      if (known.status !== 'stored') known.status = 'asked';
    }
    const missing = this.#known.filter((known) => known.status === 'stored' && !found.has(known));
    const told = this.#givenUp;
    expect(sumOf(missing), 'acknowledged items that are gone, beyond those whose loss was told').toBeLessThanOrEqual(
      told,
    );
    if (this.#settings.onFull !== 'drop_oldest' && this.#settings.maxAgeMs === undefined) expect(missing).toEqual([]);
    expect(before, 'recovered = given + lost').toBe(sumOf([...found]) + this.#corrupt + this.#givenUp - givenUpBefore);
    for (const known of missing) known.status = 'given_up';
    for (const [id] of this.#taken) this.#queue.release(id);
    this.#taken.clear();
    this.#disk.isQuick = false;
  }
}

/** `expect` takes longer than all the rest, for what is asked a million times. */
function must(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

function sumOf(known: readonly Known[]): number {
  return known.reduce((sum, { itemCount }) => sum + itemCount, 0);
}

function sumOfRecord(items: DiskQueue['recovered']): number {
  return items.traces + items.metrics + items.logs;
}

describe('crashes', () => {
  it.each(Array.from({ length: CHUNKS }, (_, i) => FIRST_SEED + i * (HISTORIES / CHUNKS)))(
    'lose no acknowledged item, in 1,000 histories from seed %i on',
    async (first) => {
      let rewriteCount = 0;
      for (let seed = first; seed < first + HISTORIES / CHUNKS; seed++) {
        try {
          const history = new History(seed);
          await history.run();
          rewriteCount += history.rewriteCount;
        } catch (error) {
          throw new Error(`history ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
        }
      }
      expect(rewriteCount, 'segments that were rewritten').toBeGreaterThan(100);
    },
  );
});
