import { createRequire } from 'node:module';
import { crc32c } from './crc32c.ts';

/**
 * Snappy, as blocks and as the stream of blocks with checksums that the Collector calls `snappy` for OTLP.
 * Source: framing_format.txt and format_description.txt of google/snappy.
 */

/** The native library is loaded with the first request that needs it. */
const require = createRequire(import.meta.url);
let library: typeof import('snappy') | undefined;

function snappy(): typeof import('snappy') {
  library ??= require('snappy') as typeof import('snappy');
  return library;
}

const IDENTIFIER = Uint8Array.of(0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const CHUNK = { compressed: 0x00, plain: 0x01, identifier: 0xff } as const;
const FIRST_SKIPPABLE = 0x80;
const MAX_BLOCK_BYTES = 65_536;
const HEAD_BYTES = 4;
const CHECKSUM_BYTES = 4;
const CHECKSUM_MASK = 0xa282ead8;

/** One block. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  return snappy().compressSync(bytes);
}

/** A stream of blocks. */
export function compressSnappyFrames(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [IDENTIFIER];
  for (let at = 0; at < bytes.length; at += MAX_BLOCK_BYTES) {
    const block = bytes.subarray(at, at + MAX_BLOCK_BYTES);
    const compressed = snappy().compressSync(block);
    // As Go's writer does: what hardly shrinks goes as it is.
    const isWorth = compressed.length < block.length - block.length / 8;
    const content = isWorth ? compressed : block;
    const head = Buffer.alloc(HEAD_BYTES + CHECKSUM_BYTES);
    head[0] = isWorth ? CHUNK.compressed : CHUNK.plain;
    head.writeUIntLE(content.length + CHECKSUM_BYTES, 1, 3);
    head.writeUInt32LE(maskedChecksum(block), HEAD_BYTES);
    parts.push(head, content);
  }
  return Buffer.concat(parts);
}

/** Either form, as the Collector's receiver takes them. Nothing beyond `maxBytes` is decompressed. */
export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array | 'too_large' | 'corrupt' {
  return isFramed(bytes) ? decompressFrames(bytes, maxBytes) : decompressBlock(bytes, maxBytes);
}

function isFramed(bytes: Uint8Array): boolean {
  return bytes.length >= IDENTIFIER.length && IDENTIFIER.every((byte, at) => bytes[at] === byte);
}

/** A block begins with the length of what is in it. */
function decompressBlock(bytes: Uint8Array, maxBytes: number): Uint8Array | 'too_large' | 'corrupt' {
  const length = decodedLength(bytes);
  if (length === undefined) return 'corrupt';
  if (length > maxBytes) return 'too_large';
  try {
    return snappy().uncompressSync(bytes, { asBuffer: true }) as Buffer;
  } catch {
    return 'corrupt'; // the library throws at what is no snappy
  }
}

function decodedLength(bytes: Uint8Array): number | undefined {
  let length = 0;
  for (let at = 0; at < 5 && at < bytes.length; at++) {
    length += (bytes[at]! & 0x7f) * 2 ** (7 * at);
    if (bytes[at]! < 0x80) return length < 2 ** 32 ? length : undefined;
  }
  return undefined;
}

function decompressFrames(bytes: Uint8Array, maxBytes: number): Uint8Array | 'too_large' | 'corrupt' {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let size = 0;
  let end = 0;
  for (let at = 0; at < view.length; at = end) {
    if (at + HEAD_BYTES > view.length) return 'corrupt';
    end = at + HEAD_BYTES + view.readUIntLE(at + 1, 3);
    if (end > view.length) return 'corrupt';
    const part = decompressChunk(view.subarray(at, end), maxBytes - size);
    if (typeof part === 'string') return part;
    size += part.length;
    if (size > maxBytes) return 'too_large';
    if (part.length > 0) parts.push(part);
  }
  return Buffer.concat(parts);
}

const NOTHING = new Uint8Array(0);

function decompressChunk(chunk: Buffer, maxBytes: number): Uint8Array | 'too_large' | 'corrupt' {
  const type = chunk[0]!;
  const content = chunk.subarray(HEAD_BYTES);
  if (type === CHUNK.identifier) return isFramed(chunk) && chunk.length === IDENTIFIER.length ? NOTHING : 'corrupt';
  if (type >= FIRST_SKIPPABLE) return NOTHING;
  if (type > CHUNK.plain || content.length < CHECKSUM_BYTES) return 'corrupt';
  const data = content.subarray(CHECKSUM_BYTES);
  const block = type === CHUNK.plain ? data : decompressBlock(data, Math.min(maxBytes, MAX_BLOCK_BYTES));
  if (typeof block === 'string') return block === 'too_large' && maxBytes >= MAX_BLOCK_BYTES ? 'corrupt' : block;
  if (block.length > MAX_BLOCK_BYTES || maskedChecksum(block) !== content.readUInt32LE(0)) return 'corrupt';
  return block;
}

function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + CHECKSUM_MASK) >>> 0;
}
