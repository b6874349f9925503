import type { Signal } from '../../../pdata/index.ts';
import type { QueueLoss } from './disk-queue.ts';
import type { RecordTable } from './record-table.ts';
import { chargeOf, type Segment } from './segment.ts';

/** A record: its segment, and its row there. */
export interface Place {
  readonly segment: Segment;
  readonly row: number;
}

export interface InventoryEvents {
  onLoss(loss: QueueLoss): void;
  /** Has settlements to write. */
  onEnded(segment: Segment): void;
  /** All of its records are ended and it is not written to: its files can go. It counts no more. */
  onEmpty(segment: Segment): void;
}

/**
 * What the queue holds, in memory: which records are free, taken, set aside, ended, and what they take on disk. Nothing here waits or
 * touches a file.
 *
 * Invariants
 * - segments are in the order of their ids; only the last is open
 * - `usedBytes` is the sum of the charges of the segments; a segment whose records are all ended leaves at once, unless it
 *   is open. The file of one that is kept stays, and counts no more: what this program cannot read must not fill its queue.
 */
export class Inventory {
  readonly #events: InventoryEvents;
  #segments: Segment[] = [];
  usedBytes = 0;
  /** What counts against the limit of records that are not ended. */
  liveBytes = 0;
  entries = 0;
  readonly items = perSignal();

  constructor(events: InventoryEvents) {
    this.#events = events;
  }

  /** Puts a segment behind the others, with the records it has. */
  addSegment(segment: Segment): void {
    this.#segments.push(segment);
    const { table } = segment;
    segment.charge = segment.bytes;
    for (let row = 0; row < table.count; row++) {
      segment.charge += chargeOfRow(table, row) - table.sizes[row]!;
      if (table.state(row) === 'ended') continue;
      this.entries++;
      this.#addLive(segment, chargeOfRow(table, row));
      this.items[table.signal(row)] += table.items[row]!;
    }
    this.usedBytes += segment.charge;
    this.#leaveIfEmpty(segment);
  }

  /** Counts records that the writer has added to the table of a segment, from `row` on. */
  addRows(segment: Segment, row: number): void {
    const { table } = segment;
    for (let at = row; at < table.count; at++) {
      const charge = chargeOfRow(table, at);
      segment.charge += charge;
      this.usedBytes += charge;
      this.entries++;
      this.#addLive(segment, charge);
      this.items[table.signal(at)] += table.items[at]!;
    }
  }

  /** A segment that gets no more records. */
  closeSegment(segment: Segment): void {
    segment.isOpen = false;
    segment.table.trim();
    this.#leaveIfEmpty(segment);
  }

  find(id: number): Place | undefined {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#segments[middle]!.name.firstId <= id) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    const row = segment?.table.find(id);
    return segment === undefined || row === undefined ? undefined : { segment, row };
  }

  /** The oldest free record. */
  firstFree(): Place | undefined {
    for (const segment of this.#segments) {
      const row = segment.table.firstFree();
      if (row !== undefined) return { segment, row };
    }
    return undefined;
  }

  /** When the oldest of what is not ended was appended. */
  oldestMs(): number | undefined {
    for (const { table } of this.#segments) {
      const row = table.firstLive();
      if (row !== undefined) return table.times[row]!;
    }
    return undefined;
  }

  /** The segment with the most to gain from being rewritten: at least half of it is ended, and will not go by itself soon. */
  sparsest(nowMs: number): Segment | undefined {
    let best: Segment | undefined;
    for (const segment of this.#segments) {
      const { isOpen, keep, liveBytes, charge, restUntilMs } = segment;
      if (isOpen || keep || liveBytes * 2 > charge || restUntilMs > nowMs) continue;
      if (best === undefined || charge - liveBytes > best.charge - best.liveBytes) best = segment;
    }
    return best;
  }

  /** The segment was rewritten: its file is these records and nothing else. */
  replaceTable(segment: Segment, table: RecordTable): void {
    const before = segment.charge;
    segment.table = table;
    segment.bytes = 0;
    segment.charge = 0;
    for (let row = 0; row < table.count; row++) {
      segment.bytes += table.sizes[row]!;
      segment.charge += chargeOfRow(table, row);
    }
    table.trim();
    if (this.#segments.includes(segment)) this.usedBytes += segment.charge - before;
  }

  /** Ends a record for good. */
  end({ segment, row }: Place): void {
    const { table } = segment;
    table.setState(row, 'ended');
    this.entries--;
    this.#addLive(segment, -chargeOfRow(table, row));
    this.items[table.signal(row)] -= table.items[row]!;
    segment.unwritten.push(table.idDeltas[row]!);
    if (!this.#leaveIfEmpty(segment)) this.#events.onEnded(segment);
  }

  /** Ends a record that the queue gives up. */
  lose(place: Place, cause: QueueLoss['cause']): void {
    const { table } = place.segment;
    const { row } = place;
    const loss: QueueLoss = {
      cause,
      id: table.id(row),
      signal: table.signal(row),
      itemCount: table.items[row]!,
      bytes: table.sizes[row]!,
    };
    this.end(place);
    this.#events.onLoss(loss);
  }

  /** Gives up the oldest free records that were appended at or before `untilMs`. */
  expire(untilMs: number): void {
    for (let place = this.firstFree(); place !== undefined; place = this.firstFree()) {
      if (place.segment.table.times[place.row]! > untilMs) break;
      this.lose(place, 'expired');
    }
  }

  /**
   * Gives up the oldest segments of which nothing is taken until `bytes` have come back. False, and nothing is given up: as
   * much is not to be had.
   */
  dropOldest(bytes: number): boolean {
    const victims: Segment[] = [];
    let freed = 0;
    for (const segment of this.#segments) {
      if (freed >= bytes) break;
      const { liveCount, droppableCount } = segment.table;
      if (segment.isOpen || segment.keep || liveCount !== droppableCount) continue;
      victims.push(segment);
      freed += segment.charge;
    }
    if (freed < bytes) return false;
    for (const segment of victims) {
      for (let row = segment.table.firstLive(); row !== undefined; row = segment.table.firstLive()) {
        this.lose({ segment, row }, 'queue_full');
      }
    }
    return true;
  }

  #addLive(segment: Segment, bytes: number): void {
    segment.liveBytes += bytes;
    this.liveBytes += bytes;
  }

  /** True: its files go, so that what was settled need not be written. */
  #leaveIfEmpty(segment: Segment): boolean {
    if (segment.isOpen || segment.table.liveCount > 0) return false;
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.usedBytes -= segment.charge;
    if (segment.keep) return false;
    segment.unwritten = [];
    this.#events.onEmpty(segment);
    return true;
  }
}

function chargeOfRow({ sizes }: RecordTable, row: number): number {
  return chargeOf(sizes[row]!);
}

/** A counter for each signal, at 0. */
export function perSignal(): Record<Signal, number> {
  return { traces: 0, metrics: 0, logs: 0 };
}
