import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ITEM_LABEL_LENGTH,
  parseItemLabel,
  runOfSeed,
  sequenceOfSpanId,
  traceIdText,
  writeItemLabel,
  writeSpanId,
} from './identity.ts';

const sequence = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const run = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('identity of generated items', () => {
  it('a span id gives its sequence number back and is never zero', () => {
    fc.assert(
      fc.property(run, sequence, (runId, number) => {
        const bytes = new Uint8Array(8);
        writeSpanId(bytes, 0, runId, number);
        expect(sequenceOfSpanId(bytes, 0)).toBe(number);
        expect(bytes.some((byte) => byte !== 0)).toBe(true);
      }),
    );
  });

  it('a label gives its run and sequence number back', () => {
    fc.assert(
      fc.property(run, sequence, (runId, number) => {
        const bytes = new Uint8Array(ITEM_LABEL_LENGTH + 3);
        writeItemLabel(bytes, 3, runId, number);
        expect(parseItemLabel(bytes, 3, ITEM_LABEL_LENGTH)).toEqual({ run: runId, sequence: number });
      }),
    );
  });

  it.each(['', '0123456789ABCDEF-0123', 'xxxxxxxx-000000000000', '00000000_000000000000'])('%j is no label', (text) => {
    const bytes = new TextEncoder().encode(text);
    expect(parseItemLabel(bytes, 0, bytes.length)).toBeUndefined();
  });

  it('trace ids of a run are unique, and seeds have runs of their own', () => {
    const ids = new Set(Array.from({ length: 20_000 }, (_, i) => traceIdText(runOfSeed(1), i)));
    expect(ids.size).toBe(20_000);
    expect(new Set(Array.from({ length: 20_000 }, (_, seed) => runOfSeed(seed))).size).toBe(20_000);
  });
});
