/**
 * The index of a segment that is written no more, in a file beside it: what its headers say, so that a start reads
 * 25 bytes for each record instead of looking for it in the segment. Written without waiting for the disk, and believed only
 * if its checksum is right and the segment is as long as it was: without it the headers are read. Layout, little-endian:
 *
 *   0 4 `SLQi` · 4 4 CRC-32 from 8 on · 8 4 version · 12 4 nonce of the segment · 16 8 bytes of the segment · 24 4 rows ·
 *   28 4 zero · 32 the columns of RecordTable, one behind the other, the widest first; states are zero
 */
import { crc32 } from 'node:zlib';
import { RecordTable, ROW_BYTES } from './record-table.ts';
import type { SegmentName } from './segment-name.ts';

const MARK = 0x69_51_4c_53;
const VERSION = 1;
const START_BYTES = 32;

export function encodeIndex(table: RecordTable, nonce: number, segmentBytes: number): Buffer {
  const { count } = table;
  const bytes = Buffer.alloc(START_BYTES + count * ROW_BYTES);
  bytes.writeUInt32LE(MARK, 0);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(nonce, 12);
  bytes.writeDoubleLE(segmentBytes, 16);
  bytes.writeUInt32LE(count, 24);
  let at = START_BYTES;
  for (const column of [table.times, table.offsets, table.sizes, table.items, table.idDeltas]) {
    at += bytesOf(column, count).copy(bytes, at);
  }
  for (let row = 0; row < count; row++) bytes[at + row] = table.marks[row]! & 3;
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The records of the segment, all free; undefined where the index is not of this segment as it is now. */
export function decodeIndex(bytes: Buffer, name: SegmentName, segmentBytes: number): RecordTable | undefined {
  if (bytes.length < START_BYTES || bytes.readUInt32LE(0) !== MARK || bytes.readUInt32LE(8) !== VERSION)
    return undefined;
  const count = bytes.readUInt32LE(24);
  if (bytes.readUInt32LE(12) !== name.nonce || bytes.readDoubleLE(16) !== segmentBytes) return undefined;
  if (bytes.length !== START_BYTES + count * ROW_BYTES) return undefined;
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4)) return undefined;
  const table = new RecordTable(name.firstId);
  table.resize(count);
  let at = START_BYTES;
  for (const column of [table.times, table.offsets, table.sizes, table.items, table.idDeltas, table.marks]) {
    at += bytes.copy(bytesOf(column, count), 0, at);
  }
  return table;
}

function bytesOf(column: Uint8Array | Uint32Array | Float64Array, count: number): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT);
}
