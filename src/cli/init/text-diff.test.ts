import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './text-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((lines) => lines.join('\n'));

describe('the difference of two texts', () => {
  it('shows what changed, with a line around', () => {
    expect(diffLines('1\n2\n3\n4\n5', '1\n2\nx\n4\n5')).toEqual(['  2', '- 3', '+ x', '  4']);
  });

  it('is empty for equal texts, and else accounts for every line that one of them has more', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        expect(lines.length === 0).toBe(before === after);
        const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length;
        expect(count('+') - count('-')).toBe(after.split('\n').length - before.split('\n').length);
      }),
    );
  });
});
