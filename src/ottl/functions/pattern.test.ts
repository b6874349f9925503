import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../test/testkit/ottl-function.ts';
import { compilePattern } from './pattern.ts';

describe('a pattern', () => {
  it.each([
    ['(?i)abc', 'xABC', true],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\r', false],
    ['^.$', '😀', true],
    ['\\p{Lu}', 'aÜ', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['[[:alpha:]]{3}', 'abc', true],
    ['^\\s$', '\u00a0', false],
  ])('%s on %j: %s', (source, text, matches) => {
    expect(compilePattern(source).test(text)).toBe(matches);
  });

  it.each(['(', 'a{1001}', '(?=a)', '(?<=a)b', '\\1', 'a**', '((a{100}){10}){2}', '[z-a]'])(
    '%s is refused',
    (source) => {
      expect(() => compilePattern(source)).toThrow(/^is invalid/);
    },
  );

  it.each(['(?=a)', '(?!a)', '(?<=a)b', '(?<!x)a'])('%s is said to look around', (source) => {
    expect(() => compilePattern(source)).toThrow(/^is invalid: RE2 looks neither ahead nor behind, as `\(\?<?[=!]`/);
  });

  it('keeps the captures of an iteration that later ones leave out, as RE2 does', () => {
    expect(compilePattern('(?:(a)|b)*').find('ab')?.groups).toEqual(['ab', 'a']);
  });

  /** Patterns in which JavaScript's rules are RE2's: nothing empty is repeated, and nothing with groups. */
  const atom = fc.constantFrom('a', 'b', '[ab]', '.', '(a)', '(b|c)', '(?:ab|a)', 'c');
  const piece = fc
    .tuple(atom, fc.constantFrom('', '', '?', '+', '*', '+?', '{1,2}'))
    .map(([one, times]) => one + times);
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });

  it('finds what a backtracking engine finds, groups included', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const expected = [...subject.matchAll(new RegExp(source, 'g'))];
        const found = [...compilePattern(source).findAll(subject)];
        // Go leaves out an empty match right behind another.
        const kept = expected.filter((match, i) => match[0] !== '' || match.index !== endOf(expected[i - 1]));
        expect(found.map(({ start, groups }) => [start, ...groups])).toEqual(
          kept.map((match) => [match.index, ...match]),
        );
      }),
      { numRuns: 300 },
    );
  });

  const endOf = (match: RegExpExecArray | undefined): number =>
    match === undefined ? -1 : match.index + match[0].length;

  it('takes time in proportion to the text', () => {
    const started = performance.now();
    expect(evaluate('IsMatch(cache["t"], "^(a+)+$")', { t: `${'a'.repeat(50_000)}b` })).toBe(false);
    expect(evaluate('IsMatch(cache["t"], "(x+x+)+y")', { t: 'x'.repeat(50_000) })).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each([
    ['a{1000}'.repeat(1_000), /50000 instructions/],
    ['(a{10}){100}'.repeat(300), /50000 instructions/],
    ['.{999}'.repeat(1_000), /50000 instructions/],
    ['[:'.repeat(4_000), /is invalid/],
    [`${'(?:a*'.repeat(1_600)}${')'.repeat(1_600)}`, /is longer than 8192/],
  ])('that is too large is refused before it is written out: %.20s', (pattern, message) => {
    const started = performance.now();
    expect(() => evaluate(`IsMatch("a", ${JSON.stringify(pattern)})`)).toThrow(message);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('that takes long is not run on a long text', () => {
    const t = 'ab'.repeat(200_000);
    expect(evaluate('IsMatch(cache["t"], "(.*a.*b){100}$")', { t })).toMatch(/^error: .*400000 characters/);
    expect(evaluate('IsMatch(cache["t"], "(?i)(password|token)=")', { t })).toBe(false);
  });

  it('from data is compiled for each text, and refused where it is none', () => {
    expect(evaluate('IsMatch("abc", cache["p"])', { p: '^ab' })).toBe(true);
    expect(evaluate('IsMatch("abc", cache["p"])', { p: '(' })).toMatch(/^error: IsMatch: the pattern "\(" is invalid/);
    expect(() => evaluate('IsMatch("abc", "(")')).toThrow(/is invalid/);
  });
});
