import { join } from 'node:path';
import { RecordTable, ROW_BYTES } from './record-table.ts';
import { fileName, type SegmentName, type SegmentPart } from './segment-name.ts';
import { SETTLEMENT_BYTES } from './settlements.ts';

/** What the limit counts for each record beside its bytes: a settlement, a row of the index, and its share of what begins the index. */
const SIDE_BYTES = SETTLEMENT_BYTES + ROW_BYTES + 31;

/** The list of what a queue holds, in memory, takes at most one byte for so many of its limit. */
const BYTES_PER_LIST_BYTE = 32;

/** What a record counts against the limit: a small one as much as bounds the list. */
export function chargeOf(recordBytes: number): number {
  return Math.max(recordBytes + SIDE_BYTES, ROW_BYTES * BYTES_PER_LIST_BYTE);
}

/** Charges that stay below this are stored in segments of the smallest size. */
const MIN_SEGMENT_BYTES = 4096;
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

/** Space comes back a segment at a time: a sixteenth of the queue, and not so large that a crash leaves much to look through. */
export function segmentBytesFor(maxBytes: number): number {
  return Math.min(MAX_SEGMENT_BYTES, Math.max(MIN_SEGMENT_BYTES, Math.floor(maxBytes / 16)));
}

/** One file of records, with what is known of each. */
export class Segment {
  readonly name: SegmentName;
  table: RecordTable;
  readonly #directory: string;
  /** What of the file is valid: behind it the writer goes on. */
  bytes: number;
  /** Something that this program cannot read stands in it: it stays, whatever else is settled. */
  readonly keep: boolean;
  /** Settled, and not written to the log yet: distances from the first id. */
  unwritten: number[] = [];
  /** Where the log goes on. */
  settledBytes: number;
  /** What it counts against the limit; the inventory keeps it. */
  charge = 0;
  /** The part of it that is of records that are not ended. */
  liveBytes = 0;
  /** Until then, on the monotonic clock, it is not rewritten: it may become empty by itself. */
  restUntilMs = 0;
  /** The writer may add to it. */
  isOpen = false;

  constructor(
    directory: string,
    name: SegmentName,
    found: {
      readonly table: RecordTable;
      readonly bytes: number;
      readonly keep: boolean;
      readonly settledBytes: number;
    },
  ) {
    this.#directory = directory;
    this.name = name;
    this.table = found.table;
    this.bytes = found.bytes;
    this.keep = found.keep;
    this.settledBytes = found.settledBytes;
  }

  path(part: SegmentPart): string {
    return join(this.#directory, fileName(this.name, part));
  }
}

export function newSegment(directory: string, name: SegmentName): Segment {
  const table = new RecordTable(name.firstId);
  return new Segment(directory, name, { table, bytes: 0, keep: false, settledBytes: 0 });
}
