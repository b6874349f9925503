import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireWriter } from '../../pdata/index.ts';
import { decodeText, encodeText, writeText } from './wire-text.ts';

const seed = 20_261_122;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function written(text: string): Uint8Array {
  const writer = new WireWriter(4);
  writeText(writer, text);
  return writer.finish();
}

/** Bytes among which parts of characters are frequent. */
const almostText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => [...new TextEncoder().encode(text)]),
      fc.constantFrom([0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbf, 0xbd], [0xe2, 0x82]),
      fc.uint8Array({ maxLength: 3 }).map((bytes) => [...bytes]),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

describe('texts on the wire', () => {
  it('are written as they came, whatever the bytes', () => {
    fc.assert(
      fc.property(almostText, (bytes) => {
        const text = decodeText(bytes, 0, bytes.length);
        expect([...written(text)]).toEqual([...bytes]);
        expect([...encodeText(text)]).toEqual([...bytes]);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('are what a strict decoder reads, where it reads any', () => {
    fc.assert(
      fc.property(almostText, (bytes) => {
        let expected: string | undefined;
        try {
          expected = strict.decode(bytes);
        } catch {}
        const text = decodeText(bytes, 0, bytes.length);
        if (expected !== undefined) expect(text).toBe(expected);
        else expect(text.isWellFormed()).toBe(false);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('are written as U+FFFD where a surrogate stands for no byte', () => {
    expect([...written('a\ud800')]).toEqual([0x61, 0xef, 0xbf, 0xbd]);
  });
});
