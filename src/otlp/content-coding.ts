import zlib from 'node:zlib';

import { errorCode } from '../lib/index.ts';
import { compactBytes } from '../pdata/index.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { Turns } from './turns.ts';

/** Content codings both sides of the protocol know; `lz4` is not among them. */
export const CONTENT_CODINGS = ['gzip', 'zstd', 'deflate', 'snappy'] as const;
export type ContentCoding = (typeof CONTENT_CODINGS)[number];
/** Those of Node's zlib. */
type NodeCoding = Exclude<ContentCoding, 'snappy'>;

/** Why bytes could not be decompressed: more than the limit, or not in that coding. */
export type DecompressFailure = 'too_large' | 'corrupt';

/** The coding a header names; undefined for none (`identity`), false for one we don't have. */
export function parseContentCoding(name: string | undefined): ContentCoding | undefined | false {
  if (name === undefined || name === '' || name === 'identity') return undefined;
  const lower = name.trim().toLowerCase();
  if (lower === 'identity') return undefined;
  // RFC 9110 8.4.1.3 and the Collector: "deflate" is the zlib format; some senders call it by that name.
  if (lower === 'zlib') return 'deflate';
  if (lower === 'x-gzip') return 'gzip';
  if (lower === 'x-snappy-framed') return 'snappy';
  return CONTENT_CODINGS.find((coding) => coding === lower) ?? false;
}

// Below this a thread hop costs more than the work; above it the event loop would stall for milliseconds.
const SYNC_DECOMPRESS_BYTES = 256 * 1024;
const SYNC_COMPRESS_BYTES = 64 * 1024;
const GZIP_TRAILER_BYTES = 4;
const MAX_CHUNK_BYTES = 1024 * 1024;
/** One process has four threads for this: more at once would be no faster, and each may hold its limit in bytes that nobody has counted yet. */
const LARGE_AT_ONCE = new Turns(4);

/** Output buffer size: gzip tells its length, others are guessed; never beyond the limit plus the byte that shows it was passed. */
function outputChunkBytes(coding: NodeCoding, bytes: Uint8Array, maxBytes: number): number {
  let guess = bytes.length * 4;
  if (coding === 'gzip' && bytes.length > GZIP_TRAILER_BYTES) {
    const end = bytes.length;
    guess = (bytes[end - 4]! | (bytes[end - 3]! << 8) | (bytes[end - 2]! << 16) | (bytes[end - 1]! << 24)) >>> 0;
  }
  return Math.max(1024, Math.min(guess + 1, maxBytes + 1, MAX_CHUNK_BYTES));
}

function decompressFailure(error: unknown): DecompressFailure {
  return errorCode(error) === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'corrupt';
}

function decompressSync(coding: NodeCoding, bytes: Uint8Array, options: zlib.ZlibOptions): Uint8Array {
  switch (coding) {
    case 'gzip':
      return zlib.gunzipSync(bytes, options);
    case 'deflate':
      return zlib.inflateSync(bytes, options);
    case 'zstd':
      return zlib.zstdDecompressSync(bytes, options as zlib.ZstdOptions);
  }
}

/**
 * Decompresses at most `maxBytes` and stops there, so that a bomb costs no more. Small inputs are done at once; for large ones the result
 * is a promise, and the event loop stays free. The result may share memory with nothing else.
 */
export function decompress(
  coding: ContentCoding,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | DecompressFailure | Promise<Uint8Array | DecompressFailure> {
  if (coding === 'snappy') return decompressSnappy(bytes, maxBytes);
  const options = { maxOutputLength: Math.max(1, maxBytes), chunkSize: outputChunkBytes(coding, bytes, maxBytes) };
  if (bytes.length <= SYNC_DECOMPRESS_BYTES) {
    try {
      return compactBytes(decompressSync(coding, bytes, options));
    } catch (error) {
      return decompressFailure(error);
    }
  }
  return new Promise((resolve) => {
    LARGE_AT_ONCE.take((ended) => {
      const done = (error: Error | null, result: Uint8Array) => {
        resolve(error ? decompressFailure(error) : compactBytes(result));
        ended();
      };
      if (coding === 'gzip') zlib.gunzip(bytes, options, done);
      else if (coding === 'deflate') zlib.inflate(bytes, options, done);
      else zlib.zstdDecompress(bytes, options as zlib.ZstdOptions, done);
    });
  });
}

// Level 1 with the largest hash memory: on OTLP data the higher levels cost two to three times the time for a tenth of the bytes.
const GZIP_OPTIONS: zlib.ZlibOptions = { level: 1, memLevel: 9, chunkSize: 128 * 1024 };
const ZSTD_OPTIONS: zlib.ZstdOptions = {
  chunkSize: 128 * 1024,
  params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
};

function compressSync(coding: NodeCoding, bytes: Uint8Array): Uint8Array {
  switch (coding) {
    case 'gzip':
      return zlib.gzipSync(bytes, GZIP_OPTIONS);
    case 'deflate':
      return zlib.deflateSync(bytes, GZIP_OPTIONS);
    case 'zstd':
      return zlib.zstdCompressSync(bytes, ZSTD_OPTIONS);
  }
}

/** Compresses at the fastest useful level; large inputs on another thread, but for snappy, which is as fast as copying. */
export function compress(coding: ContentCoding, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  if (coding === 'snappy') return compressSnappy(bytes);
  if (bytes.length <= SYNC_COMPRESS_BYTES) return compressSync(coding, bytes);
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: Uint8Array) => (error ? reject(error) : resolve(result));
    if (coding === 'gzip') zlib.gzip(bytes, GZIP_OPTIONS, done);
    else if (coding === 'deflate') zlib.deflate(bytes, GZIP_OPTIONS, done);
    else zlib.zstdCompress(bytes, ZSTD_OPTIONS, done);
  });
}
