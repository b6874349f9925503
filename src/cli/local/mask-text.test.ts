import { expect, it } from 'vitest';
import { maskText } from './mask-text.ts';

const span = (line: number, column: number, endLine: number, endColumn: number) => ({
  file: 'a.yaml',
  line,
  column,
  endLine,
  endColumn,
});

it('hides secrets and keeps the number of every line', () => {
  const text = 'a: one two\nb: |\n  secret\n  more\nc: x';
  const sensitive = [span(1, 8, 1, 11), span(2, 4, 4, 7)];
  expect(maskText({ file: 'a.yaml', text, sensitive })).toBe('a: one ‹hidden›\nb: ‹hidden›\n\n\nc: x');
});

it('hides to the end of the line, whatever overlaps', () => {
  const rest = span(1, 4, 1, Number.MAX_SAFE_INTEGER);
  const masked = maskText({ file: 'a.yaml', text: 'a: [one, two]\nb', sensitive: [rest, span(1, 5, 1, 8)] });
  expect(masked).toBe('a: ‹hidden›\nb');
});

it('hides all of places that overlap, whichever ends later', () => {
  const text = 'a: x\nb: "one\n  1 secret"';
  const whole = span(2, 4, 3, 12);
  expect(maskText({ file: 'a.yaml', text, sensitive: [whole, span(3, 3, 3, 4)] })).toBe('a: x\nb: ‹hidden›\n');
  expect(maskText({ file: 'a.yaml', text, sensitive: [whole, whole] })).toBe('a: x\nb: ‹hidden›\n');
});
