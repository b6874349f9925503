import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frame } from '../../../../test/testkit/raw-http2.ts';
import { ConnectionError, FLAG, FRAME } from './frame.ts';
import { FrameReader } from './frame-reader.ts';

/** Frames as the reader saw them, DATA put together again. */
function read(chunks: readonly Buffer[]): { frames: string[]; creditBytes: number } {
  const frames: string[] = [];
  let creditBytes = 0;
  let content: Buffer[] = [];
  const reader = new FrameReader({
    onData(streamId, piece, credit, endStream, last) {
      content.push(Buffer.from(piece));
      creditBytes += credit;
      if (!last) return;
      frames.push(`data ${streamId} ${endStream} ${Buffer.concat(content).toString('hex')}`);
      content = [];
    },
    onFrame(type, flags, streamId, payload) {
      frames.push(`${type} ${flags} ${streamId} ${payload.toString('hex')}`);
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  return { frames, creditBytes };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

const payloads = fc.uint8Array({ maxLength: 50 });
const ids = fc.integer({ min: 0, max: 0x7fffffff });
const others = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 0, max: 255 }), ids, payloads)
  .map(([type, flags, id, payload]) => ({
    bytes: frame(type, flags, id, payload),
    seen: `${type} ${flags} ${id} ${Buffer.from(payload).toString('hex')}`,
    credit: 0,
  }));
const datas = fc
  .tuple(fc.boolean(), ids, payloads, fc.option(fc.nat(20), { nil: undefined }))
  .map(([end, id, content, padding]) => {
    const padded = padding === undefined ? [] : [Buffer.from([padding])];
    const payload = Buffer.concat([...padded, content, Buffer.alloc(padding ?? 0)]);
    const flags = (end ? FLAG.endStream : 0) | (padding === undefined ? 0 : FLAG.padded);
    return {
      bytes: frame(FRAME.data, flags, id, payload),
      seen: `data ${id} ${end} ${Buffer.from(content).toString('hex')}`,
      credit: payload.length,
    };
  });

describe('frame reader', () => {
  it('sees the same frames wherever the bytes are cut, and owes credit for every byte of DATA', () => {
    const sequences = fc.array(fc.oneof(others, datas), { maxLength: 8 });
    fc.assert(
      fc.property(sequences, fc.array(fc.nat(30), { maxLength: 40 }), (sequence, sizes) => {
        const bytes = Buffer.concat(sequence.map((one) => one.bytes));
        const { frames, creditBytes } = read(cut(bytes, sizes));
        expect(frames).toEqual(sequence.map((one) => one.seen));
        expect(creditBytes).toBe(sequence.reduce((sum, one) => sum + one.credit, 0));
      }),
    );
  });

  it('refuses frames over 16 KiB and padding over the end before it stores them', () => {
    expect(() => read([frame(FRAME.headers, 0, 1, Buffer.alloc(16_385)).subarray(0, 9)])).toThrow(ConnectionError);
    expect(() => read([frame(FRAME.data, FLAG.padded, 1, Buffer.from([2, 0]))])).toThrow(ConnectionError);
    expect(() => read([frame(FRAME.data, FLAG.padded, 1)])).toThrow(ConnectionError);
  });
});
