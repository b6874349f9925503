/**
 * The file format of dead letters. A file begins with a line of text and holds letters one behind the other:
 *
 *   mark      4 bytes, 89 44 4C 0A
 *   head size 4 bytes, little endian
 *   body size 4 bytes, little endian
 *   head sum  4 bytes, CRC-32 of the two sizes and the head
 *   body sum  4 bytes, CRC-32 of the body
 *   head      JSON: nonce, exporter, signal, items, cause, message, rejected (ISO 8601)
 *   body      an ExportXServiceRequest, as the backend rejected it
 *
 * Invariants
 * - a reader needs nothing but the file, from any place in it: it goes on at the next mark whose head sum is right
 * - what is damaged costs that letter and no other, and is told
 */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SIGNALS, type Signal } from '../../../pdata/index.ts';
import type { Batch } from '../../batch.ts';
import type { DeadLetterReason } from '../dead-letters.ts';

export const FILE_LINE = Buffer.from('sluice dead letters 1\n');
const MARK = Buffer.from([0x89, 0x44, 0x4c, 0x0a]);
const PREFIX_BYTES = 20;
/** Of a head; what a backend says is cut to fit. */
const HEAD_LIMIT = 16 * 1024;
const MESSAGE_LIMIT = 2000;

/** A request that a backend rejected for good. */
export interface DeadLetter extends DeadLetterReason {
  /** No other letter has it, wherever it is and whatever became of the file. */
  readonly nonce: string;
  readonly exporter: string;
  readonly signal: Signal;
  readonly itemCount: number;
  readonly bytes: Uint8Array;
  /** Where it stands in its file. */
  readonly offset: number;
  /** What it takes of its file. */
  readonly sizeBytes: number;
}

/** A part of a file that holds no letter that can be read. */
export interface DamagedPart {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A letter as it stands in a file. */
export function encodeLetter(exporter: string, batch: Batch, reason: DeadLetterReason): readonly [Buffer, Uint8Array] {
  const head = Buffer.from(
    JSON.stringify({
      nonce: randomBytes(8).toString('hex'),
      exporter: exporter.slice(0, MESSAGE_LIMIT),
      signal: batch.signal,
      items: batch.itemCount,
      cause: reason.cause,
      message: reason.message.slice(0, MESSAGE_LIMIT),
      rejected: new Date(reason.rejectedMs).toISOString(),
    }),
  );
  const prefix = Buffer.alloc(PREFIX_BYTES + head.length);
  MARK.copy(prefix);
  prefix.writeUInt32LE(head.length, 4);
  prefix.writeUInt32LE(batch.bytes.length, 8);
  head.copy(prefix, PREFIX_BYTES);
  prefix.writeUInt32LE(headSum(prefix, 0, head.length), 12);
  prefix.writeUInt32LE(crc32(batch.bytes), 16);
  return [prefix, batch.bytes];
}

/** Every letter of a file, in order, and what is damaged between them. Bytes are views of `file`. */
export function* readLetters(file: Buffer): Generator<DeadLetter | DamagedPart> {
  let damagedFrom = -1;
  let at = file.subarray(0, FILE_LINE.length).equals(FILE_LINE) ? FILE_LINE.length : 0;
  while (at < file.length) {
    const letter = readLetter(file, at);
    if (letter !== undefined) {
      if (damagedFrom >= 0) yield { offset: damagedFrom, sizeBytes: at - damagedFrom };
      damagedFrom = -1;
      yield letter;
      at += letter.sizeBytes;
      continue;
    }
    if (damagedFrom < 0) damagedFrom = at;
    const next = file.indexOf(MARK, at + 1);
    at = next < 0 ? file.length : next;
  }
  if (damagedFrom >= 0) yield { offset: damagedFrom, sizeBytes: file.length - damagedFrom };
}

export function isLetter(part: DeadLetter | DamagedPart): part is DeadLetter {
  return 'bytes' in part;
}

function readLetter(file: Buffer, offset: number): DeadLetter | undefined {
  if (file.length - offset < PREFIX_BYTES || file.compare(MARK, 0, MARK.length, offset, offset + MARK.length) !== 0)
    return undefined;
  const headBytes = file.readUInt32LE(offset + 4);
  const bodyBytes = file.readUInt32LE(offset + 8);
  const bodyAt = offset + PREFIX_BYTES + headBytes;
  const sizeBytes = PREFIX_BYTES + headBytes + bodyBytes;
  if (headBytes > HEAD_LIMIT || sizeBytes > file.length - offset) return undefined;
  if (headSum(file, offset, headBytes) !== file.readUInt32LE(offset + 12)) return undefined;
  const bytes = file.subarray(bodyAt, bodyAt + bodyBytes);
  if (crc32(bytes) !== file.readUInt32LE(offset + 16)) return undefined;
  const head = readHead(file.toString('utf8', offset + PREFIX_BYTES, bodyAt));
  return head === undefined ? undefined : { ...head, bytes, offset, sizeBytes };
}

function headSum(file: Buffer, offset: number, headBytes: number): number {
  const head = file.subarray(offset + PREFIX_BYTES, offset + PREFIX_BYTES + headBytes);
  return crc32(head, crc32(file.subarray(offset + 4, offset + 12)));
}

/** A head whose sum is right was written by some version of this program; one that says other things is not read. */
function readHead(text: string): Omit<DeadLetter, 'bytes' | 'offset' | 'sizeBytes'> | undefined {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof head !== 'object' || head === null) return undefined;
  const { nonce, exporter, signal, items, cause, message, rejected } = head as Record<string, unknown>;
  const known = SIGNALS.find((one) => one === signal);
  const rejectedMs = typeof rejected === 'string' ? Date.parse(rejected) : Number.NaN;
  if (typeof nonce !== 'string' || !/^[0-9a-f]{16}$/.test(nonce)) return undefined;
  if (known === undefined || typeof exporter !== 'string' || typeof message !== 'string') return undefined;
  if (!Number.isSafeInteger(items) || (items as number) < 0 || Number.isNaN(rejectedMs)) return undefined;
  if (cause !== 'rejected_by_backend' && cause !== 'too_large') return undefined;
  return { nonce, exporter, signal: known, itemCount: items as number, cause, message, rejectedMs };
}
