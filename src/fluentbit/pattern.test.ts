import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectPattern } from './pattern.ts';

describe('patterns in the syntax of Ruby', () => {
  it.each([
    ['^(?<time>[^ ]*) (?<msg>.*)$', ['time', 'msg']],
    ['/^(?<pri>[0-9]+)$/m', ['pri']],
    ['[]a]', []],
    ['[^]a]', []],
    ['[[:alpha:]&&[^aeiou]]', []],
    ['\\[ \\( [(] (?:a|b) (?=c) (?<!d)', []],
    ['(?#a comment with ( in it)a', []],
    ['(?x) # ( is a comment', []],
    ['\\\\', []],
    ['(?<größe>\\d+)', ['größe']],
  ])('takes %s', (pattern, groups) => {
    expect(inspectPattern(pattern)).toEqual({ groups });
  });

  it.each(['(', 'a)', '[a', '(?<a-b>x)', '(?<>x)', '(?#x', '[[a]', 'a\\'])('has something against %s', (pattern) => {
    expect(inspectPattern(pattern).problem).toBeDefined();
  });

  it('never throws, and takes no time for texts of nothing but beginnings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('(', ')', '[', ']', '(?<', '>', '[:', ':]', '\\', '^', '/', 'x', '(?x', '#')),
        (parts) => {
          inspectPattern(parts.join(''));
        },
      ),
    );
    for (const unit of ['(?<', '[[:', '[', '\\', '/x', '[]']) {
      const started = process.hrtime.bigint();
      inspectPattern(unit.repeat(200_000));
      expect(Number(process.hrtime.bigint() - started) / 1e6, unit).toBeLessThan(1500);
    }
  });
});
