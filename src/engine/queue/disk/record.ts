/**
 * The record of a disk queue: one request, behind a header that says what it is.
 *
 * A segment is a file named `<first id, 16 digits>-<nonce, 8 hex digits>.segment` and is nothing but records, one behind the
 * other. A record, all numbers little-endian:
 *
 *   offset  bytes
 *        0      4  mark: `SLQr`
 *        4      4  nonce of the segment
 *        8      4  CRC-32 of the header from 12 on
 *       12      1  version of the format
 *       13      1  bytes of the header, all of it
 *       14      1  signal: 0 traces, 1 metrics, 2 logs
 *       15      1  0
 *       16      4  bytes of the payload
 *       20      4  CRC-32 of the payload
 *       24      4  items in the payload
 *       28      6  id
 *       34      6  wall clock of the appending, ms since the epoch
 *       40      .  payload: an ExportXServiceRequest
 *
 * - Header and payload are checked apart: a payload that went bad still says how many items it held, and where the next
 *   record begins.
 * - A reader that finds no valid header looks for the next mark. It can stand in a payload by accident, or because a sender
 *   wrote it there; the nonce, which no sender can know, and the checksum keep such a record from being believed.
 * - The first 20 bytes stay what they are in every version to come, 14 and 15 excepted. So any reader can tell a newer record
 *   from a broken one and step over it. A newer version gets a row in READERS and its own layout from 20 on; the rows of
 *   older versions stay, and old segments are read by them until they are delivered. Where a segment is rewritten to give
 *   back space (rewriter.ts), its records are copied as they are, whatever their version.
 */
import { crc32 } from 'node:zlib';
import { SIGNALS, type Signal } from '../../../pdata/index.ts';

export const HEADER_BYTES = 40;
export const MARK_BYTES = 8;
/** The part of a header that every version has. */
export const COMMON_BYTES = 20;
const VERSION = 1;
const MARK = 0x72_51_4c_53;
const MAX_PAYLOAD_BYTES = 2 ** 31 - 1 - HEADER_BYTES;

export interface RecordHeader {
  readonly signal: Signal;
  readonly itemCount: number;
  readonly id: number;
  readonly appendedMs: number;
  readonly headerBytes: number;
  readonly payloadBytes: number;
  readonly payloadCrc: number;
}

/** `newer`: valid, of a version that this program does not know. `cut_off`: the bytes end before the header does. */
export type DecodedHeader =
  | { readonly kind: 'record'; readonly header: RecordHeader }
  | { readonly kind: 'newer'; readonly version: number; readonly bytes: number }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'cut_off' };

type ReadHeader = (bytes: Buffer, at: number) => RecordHeader | undefined;

/** How the header of each version is read. */
const READERS: Readonly<Record<number, ReadHeader>> = { 1: readVersion1 };

export function fitsRecord(payloadBytes: number): boolean {
  return payloadBytes <= MAX_PAYLOAD_BYTES;
}

/** The eight bytes that begin every record of a segment. */
export function markOf(nonce: number): Buffer {
  const mark = Buffer.allocUnsafe(MARK_BYTES);
  mark.writeUInt32LE(MARK, 0);
  mark.writeUInt32LE(nonce, 4);
  return mark;
}

/** Whether a file without any record may be a first commit that a crash cut short; otherwise it is something else. */
export function mayBeTorn(start: Buffer, nonce: number): boolean {
  return start.equals(markOf(nonce).subarray(0, start.length)) || start.every((byte) => byte === 0);
}

export interface RecordFields {
  readonly signal: Signal;
  readonly itemCount: number;
  readonly id: number;
  readonly appendedMs: number;
  readonly payload: Uint8Array;
}

/** Writes the header of a record into `into` at `at`. */
export function encodeHeader(into: Buffer, at: number, nonce: number, fields: RecordFields): void {
  into.writeUInt32LE(MARK, at);
  into.writeUInt32LE(nonce, at + 4);
  into[at + 12] = VERSION;
  into[at + 13] = HEADER_BYTES;
  into[at + 14] = SIGNALS.indexOf(fields.signal);
  into[at + 15] = 0;
  into.writeUInt32LE(fields.payload.length, at + 16);
  into.writeUInt32LE(crc32(fields.payload), at + 20);
  into.writeUInt32LE(fields.itemCount, at + 24);
  into.writeUIntLE(fields.id, at + 28, 6);
  into.writeUIntLE(fields.appendedMs, at + 34, 6);
  into.writeUInt32LE(crc32(into.subarray(at + 12, at + HEADER_BYTES)), at + 8);
}

/** What stands at `at`, in a segment with this nonce. */
export function decodeHeader(bytes: Buffer, at: number, nonce: number): DecodedHeader {
  if (bytes.length - at < COMMON_BYTES) return { kind: 'cut_off' };
  if (bytes.readUInt32LE(at) !== MARK || bytes.readUInt32LE(at + 4) !== nonce) return { kind: 'invalid' };
  const headerBytes = bytes[at + 13]!;
  if (headerBytes < COMMON_BYTES) return { kind: 'invalid' };
  if (bytes.length - at < headerBytes) return { kind: 'cut_off' };
  if (crc32(bytes.subarray(at + 12, at + headerBytes)) !== bytes.readUInt32LE(at + 8)) return { kind: 'invalid' };
  const version = bytes[at + 12]!;
  const read = READERS[version];
  if (read === undefined) return { kind: 'newer', version, bytes: headerBytes + bytes.readUInt32LE(at + 16) };
  const header = read(bytes, at);
  return header === undefined ? { kind: 'invalid' } : { kind: 'record', header };
}

function readVersion1(bytes: Buffer, at: number): RecordHeader | undefined {
  const signal = SIGNALS[bytes[at + 14]!];
  if (signal === undefined || bytes[at + 13] !== HEADER_BYTES) return undefined;
  return {
    signal,
    itemCount: bytes.readUInt32LE(at + 24),
    id: bytes.readUIntLE(at + 28, 6),
    appendedMs: bytes.readUIntLE(at + 34, 6),
    headerBytes: HEADER_BYTES,
    payloadBytes: bytes.readUInt32LE(at + 16),
    payloadCrc: bytes.readUInt32LE(at + 20),
  };
}

/** Whether a payload is what was appended. */
export function isIntact(header: RecordHeader, payload: Uint8Array): boolean {
  return payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc;
}
