import { COMMON_BYTES, decodeHeader, markOf } from './record.ts';
import { RecordTable } from './record-table.ts';
import type { SegmentName } from './segment-name.ts';

/** Bytes of a segment from a place on: as many as there are, up to `length`. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** A piece of a segment in which no record was found. */
export interface Gap {
  readonly bytes: number;
  readonly why: string;
}

export interface Scan {
  readonly table: RecordTable;
  readonly gaps: readonly Gap[];
  /** Records of a newer version stand in it. */
  readonly hasNewer: boolean;
}

/** Records smaller than this are read with their neighbours, larger ones are stepped over: a read costs as much as 100 kB do. */
const SMALL_RECORD_BYTES = 100 * 1024;
const WINDOW_BYTES = 1024 * 1024;
const STEP_BYTES = 4 * 1024;
/** No version has more: its length is one byte. */
const MAX_HEADER_BYTES = 255;

/** Finds the records of a segment by their headers; payloads are not looked at. */
export async function scanSegment(read: ReadAt, name: SegmentName, segmentBytes: number): Promise<Scan> {
  const table = new RecordTable(name.firstId);
  const gaps: Gap[] = [];
  let hasNewer = false;
  let window: Buffer = Buffer.alloc(0);
  let windowAt = 0;
  let recordBytes = 0;
  let nextId = name.firstId;
  let at = 0;
  while (at < segmentBytes) {
    const needed = Math.min(MAX_HEADER_BYTES, segmentBytes - at);
    if (at < windowAt || at + needed > windowAt + window.length) {
      const stepBytes = recordBytes < SMALL_RECORD_BYTES ? WINDOW_BYTES : STEP_BYTES;
      window = await read(at, Math.min(stepBytes, segmentBytes - at));
      windowAt = at;
      if (window.length === 0) break;
    }
    const found = decodeHeader(window, at - windowAt, name.nonce);
    recordBytes = found.kind === 'record' && found.header.id < nextId ? 0 : sizeOf(found);
    if (recordBytes === 0) {
      const next = await findMark(read, name, at + 1, segmentBytes);
      const why = next === segmentBytes ? 'no record up to its end' : 'a header that does not check';
      gaps.push({ bytes: next - at, why: `${why}, from byte ${at} on` });
      at = next;
    } else if (at + recordBytes > segmentBytes) {
      // A write that a crash cut off, mostly: nobody was told that it is stored.
      gaps.push({ bytes: segmentBytes - at, why: `cut off in its last record, at byte ${at}` });
      break;
    } else {
      if (found.kind === 'newer') {
        hasNewer = true;
        gaps.push({
          bytes: recordBytes,
          why: `a record of version ${found.version} of the format, kept for a newer Sluice`,
        });
      } else if (found.kind === 'record') {
        table.add({ ...found.header, offset: at, bytes: recordBytes });
        nextId = found.header.id + 1;
      }
      at += recordBytes;
    }
  }
  return { table, gaps, hasNewer };
}

/** Header and payload; 0: there is no header to believe. */
function sizeOf(found: ReturnType<typeof decodeHeader>): number {
  if (found.kind === 'newer') return found.bytes;
  return found.kind === 'record' ? found.header.headerBytes + found.header.payloadBytes : 0;
}

/** Where the next valid header begins; the end of the segment: nowhere. */
async function findMark(read: ReadAt, name: SegmentName, from: number, segmentBytes: number): Promise<number> {
  const mark = markOf(name.nonce);
  for (let at = from; at + COMMON_BYTES <= segmentBytes; ) {
    const window = await read(at, Math.min(WINDOW_BYTES, segmentBytes - at));
    if (window.length < COMMON_BYTES) break;
    const isLast = at + window.length >= segmentBytes;
    // A header across the edge of two windows is looked at in the second.
    const end = isLast ? window.length : window.length - MAX_HEADER_BYTES;
    for (let i = window.indexOf(mark); i >= 0 && i < end; i = window.indexOf(mark, i + 1)) {
      const { kind } = decodeHeader(window, i, name.nonce);
      if (kind === 'record' || kind === 'newer') return at + i;
    }
    if (isLast || end <= 0) break;
    at += end;
  }
  return segmentBytes;
}
