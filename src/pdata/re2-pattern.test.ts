import { describe, expect, it } from 'vitest';
import { compilePattern } from './re2-pattern.ts';

const compile = compilePattern;

describe('patterns in RE2 spelling', () => {
  it.each([
    ['a.c', 'a\rc', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['\\Aab\\z', 'ab', true],
    ['^\\s$', '\u00a0', false],
    ['^[\\s]$', '\t', true],
    ['^[^\\s]$', '\u00a0', true],
    ['^\\S$', '\u00a0', true],
    ['^[[:alpha:]_]+$', 'ab_C', true],
    ['^[[:alpha:]]+$', 'ab1', false],
    ['^[]a]+$', ']a]', true],
    ['^[^]a]+$', ']', false],
    ['^[a[]+$', '[a', true],
    ['\\.\\/\\-', './-', true],
    ['^(?:a|b)+$', 'abba', true],
    ['(?i)a', 'A', true],
    ['\\pL', 'ü', true],
    ['\\Qa.\\E', 'a.', true],
  ])('%s on %j: %s', (pattern, text, matches) => {
    expect(compile(pattern).test(text)).toBe(matches);
  });

  it('names groups as both spellings do', () => {
    expect(compile('(?P<a>.)(?<b>.)').groupNames).toEqual(['', 'a', 'b']);
  });

  it.each(['(?=a)', '[a', '[[:nothing:]]', '(', '\\1', '\\'])('refuses %s', (pattern) => {
    expect(() => compile(pattern)).toThrow(/^(?:is invalid|RE2)/);
  });
});
