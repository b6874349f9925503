import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Compressor, Decompressor } from 'snappy';
import { describe, expect, it } from 'vitest';

import { CONTENT_CODINGS, compress, decompress, parseContentCoding } from './content-coding.ts';
import { compressSnappyFrames, decompressSnappy } from './snappy.ts';

const MIB = 1024 * 1024;

describe.each(CONTENT_CODINGS)('%s', (coding) => {
  it.each([0, 1, 5_000, MIB])('gives %d bytes back', async (sizeBytes) => {
    const plain = Buffer.concat([randomBytes(sizeBytes >> 1), Buffer.alloc(sizeBytes - (sizeBytes >> 1), 7)]);
    const back = await decompress(coding, await compress(coding, plain), 2 * MIB);
    expect(Buffer.compare(back as Uint8Array, plain)).toBe(0);
  });

  it('stops at the limit, for small and for large inputs', async () => {
    const bomb = await compress(coding, Buffer.alloc(64 * MIB));
    expect(await decompress(coding, bomb, MIB)).toBe('too_large');
    const large = await compress(coding, Buffer.concat([randomBytes(MIB), Buffer.alloc(8 * MIB)]));
    expect(large.length).toBeGreaterThan(256 * 1024);
    expect(await decompress(coding, large, 2 * MIB)).toBe('too_large');
  });

  it('takes exactly the limit', async () => {
    const compressed = await compress(coding, Buffer.alloc(5000, 1));
    expect(((await decompress(coding, compressed, 5000)) as Uint8Array).length).toBe(5000);
    expect(await decompress(coding, compressed, 4999)).toBe('too_large');
  });

  it('names truncated and foreign bytes', async () => {
    const compressed = await compress(coding, randomBytes(5000));
    expect(await decompress(coding, compressed.subarray(0, 2000), MIB)).toBe('corrupt');
    expect(await decompress(coding, Buffer.from('not compressed at all'), MIB)).toBe('corrupt');
  });
});

describe('gzip trailer', () => {
  it('cannot make the output longer or the buffer larger than the limit', async () => {
    const lying = Buffer.from(gzipSync(Buffer.alloc(100)));
    lying.writeUInt32LE(0xffffffff, lying.length - 4);
    expect(await decompress('gzip', lying, MIB)).toBe('corrupt');
  });

  it('cannot make a small message keep a large buffer', async () => {
    const garbage = Buffer.alloc(8);
    garbage.writeUInt32LE(MIB - 1, 4);
    const plain = (await decompress('gzip', Buffer.concat([gzipSync(Buffer.alloc(100)), garbage]), MIB)) as Uint8Array;
    expect([plain.length, plain.buffer.byteLength]).toEqual([100, 100]);
  });

  it('is of no use for several members, which still decompress', async () => {
    const members = Buffer.concat([gzipSync(Buffer.alloc(9000, 1)), gzipSync(Buffer.alloc(10, 2))]);
    expect(((await decompress('gzip', members, MIB)) as Uint8Array).length).toBe(9010);
  });
});

it('decompresses large inputs a few at a time, all of them', async () => {
  const plain = Buffer.concat([randomBytes(300 * 1024), Buffer.alloc(MIB)]);
  const compressed = gzipSync(plain, { level: 1 });
  const results = await Promise.all(Array.from({ length: 20 }, () => decompress('gzip', compressed, 2 * MIB)));
  expect(results.every((result) => (result as Uint8Array).length === plain.length)).toBe(true);
});

describe('names of codings', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['zlib', 'deflate'],
    ['br', false],
    ['snappy', 'snappy'],
    ['x-snappy-framed', 'snappy'],
    ['lz4', false],
  ])('%s is %s', (name, coding) => {
    expect(parseContentCoding(name)).toBe(coding);
  });
});

describe('zstd', () => {
  it('reads frames whose size is not announced', async () => {
    const plain = Buffer.alloc(300_000, 3);
    expect(((await decompress('zstd', zstdCompressSync(plain), MIB)) as Uint8Array).length).toBe(plain.length);
  });
});

describe('snappy frames', () => {
  const plain = Buffer.concat([randomBytes(100_000), Buffer.alloc(100_000, 7)]);

  it.each([Buffer.alloc(0), Buffer.from('short'), plain])(
    'are what another implementation reads (%#)',
    async (bytes) => {
      const frames = compressSnappyFrames(bytes);
      const reader = new Decompressor();
      const back = Buffer.concat([reader.update(frames), await reader.finish()]);
      expect(back.equals(bytes)).toBe(true);
      expect(Buffer.compare(decompressSnappy(frames, MIB) as Uint8Array, bytes)).toBe(0);
    },
  );

  it('of another implementation are read', async () => {
    const writer = new Compressor();
    const frames = Buffer.concat([writer.update(plain), await writer.finish()]);
    expect(Buffer.compare(decompressSnappy(frames, MIB) as Uint8Array, plain)).toBe(0);
  });

  it('stop at the limit, and are told from damaged ones', () => {
    const frames = Buffer.from(compressSnappyFrames(plain));
    expect(decompressSnappy(frames, plain.length)).toHaveLength(plain.length);
    expect(decompressSnappy(frames, plain.length - 1)).toBe('too_large');
    expect(decompressSnappy(frames, 1000)).toBe('too_large');
    expect(decompressSnappy(frames.subarray(0, frames.length - 1), MIB)).toBe('corrupt');
    frames[15]! ^= 1;
    expect(decompressSnappy(frames, MIB)).toBe('corrupt');
  });
});
