import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../../test/testkit/engine.ts';
import type { DeadLetterReason } from '../dead-letters.ts';
import { type DeadLetter, encodeLetter, FILE_LINE, isLetter, readLetters } from './letter.ts';

const REASON: DeadLetterReason = { cause: 'rejected_by_backend', message: 'no', rejectedMs: Date.UTC(2026, 10, 22) };

const letterBytes = (name: string, reason: DeadLetterReason = REASON): Buffer =>
  Buffer.concat(encodeLetter('otlp/x', batchOf([name]), reason));
const fileOf = (...letters: readonly Buffer[]): Buffer => Buffer.concat([FILE_LINE, ...letters]);
const lettersIn = (file: Buffer): DeadLetter[] => [...readLetters(file)].filter(isLetter);
const bodies = (file: Buffer): string[] => lettersIn(file).map(({ bytes }) => Buffer.from(bytes).toString('hex'));
const bodyOf = (name: string): string => Buffer.from(batchOf([name]).bytes).toString('hex');

describe('a file of dead letters', () => {
  it('holds everything that is known of a request', () => {
    const reason = { ...REASON, cause: 'too_large' as const, message: 'ungültig: "€"\n😀' };
    const [letter] = lettersIn(fileOf(letterBytes('a', reason)));
    expect(letter).toMatchObject({ ...reason, exporter: 'otlp/x', signal: 'traces', itemCount: 1 });
    expect(Buffer.from(letter!.bytes).toString('hex')).toBe(bodyOf('a'));
  });

  it('keeps requests of any size and bytes, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (contents) => {
        const letters = contents.map((bytes) =>
          Buffer.concat(
            encodeLetter('x', { signal: 'logs', bytes, itemCount: bytes.length, acknowledged: true }, REASON),
          ),
        );
        const parts = [...readLetters(fileOf(...letters))];
        expect(parts.every(isLetter)).toBe(true);
        expect(parts.map((part) => isLetter(part) && [...part.bytes])).toEqual(contents.map((bytes) => [...bytes]));
      }),
    );
  });

  it('cuts what a backend says at length', () => {
    const [letter] = lettersIn(fileOf(letterBytes('a', { ...REASON, message: 'x'.repeat(1_000_000) })));
    expect(letter!.message).toHaveLength(2000);
  });

  it('loses one letter at most with any byte that flips, and tells of it', () => {
    const letters = ['a', 'b', 'c'].map((name) => letterBytes(name));
    const file = fileOf(...letters);
    for (let at = FILE_LINE.length; at < file.length; at++) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 0x40;
      const parts = [...readLetters(damaged)];
      expect(parts.filter(isLetter).length, `byte ${at}`).toBe(2);
      expect(parts.filter((part) => !isLetter(part)).length, `byte ${at}`).toBe(1);
    }
  });

  it('is read up to where it was cut off', () => {
    const letters = ['a', 'b'].map((name) => letterBytes(name));
    const file = fileOf(...letters);
    const whole = file.length - letters[1]!.length;
    for (let length = whole; length < file.length; length++) {
      const parts = [...readLetters(file.subarray(0, length))];
      expect(parts.filter(isLetter)).toHaveLength(1);
      expect(parts.length).toBe(length === whole ? 1 : 2);
    }
  });

  it('is read from its second half on, too', () => {
    const file = fileOf(letterBytes('a'), letterBytes('b'), letterBytes('c'));
    expect(bodies(file.subarray(file.length >> 1)).at(-1)).toBe(bodyOf('c'));
  });

  it('gives back what stands in it and nothing else, whatever is written between', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.constant(Uint8Array.of(0x89, 0x44, 0x4c, 0x0a)),
      fc.constant(letterBytes('z').subarray(0, 30)),
      fc.constant(FILE_LINE),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, fc.constantFrom('a', 'b', 'c')), { maxLength: 6 }), (pieces) => {
        const file = Buffer.concat(pieces.flatMap(([bytes, name]) => [bytes, letterBytes(name)]));
        expect(bodies(file)).toEqual(pieces.map(([, name]) => bodyOf(name)));
        const covered = [...readLetters(file)].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const line = file.subarray(0, FILE_LINE.length).equals(FILE_LINE) ? FILE_LINE.length : 0;
        expect(covered).toBe(file.length - line);
      }),
      { numRuns: 300 },
    );
  });

  it('is read to its end whatever it holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const parts = [...readLetters(Buffer.from(bytes))];
        expect(parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is read in linear time when it holds nothing but marks', () => {
    const file = Buffer.alloc(4 * 1024 * 1024, Buffer.from([0x89, 0x44, 0x4c, 0x0a]));
    const startedMs = performance.now();
    expect([...readLetters(file)]).toEqual([{ offset: 0, sizeBytes: file.length }]);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});
