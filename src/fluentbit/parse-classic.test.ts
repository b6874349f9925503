import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig, parseClassic, parseEntries, positionOf, writeClassic } from './index.ts';

describe('the classic format', () => {
  it('has sections of indented entries, comments and commands', () => {
    const text =
      '# top\n@SET a=b\n[SERVICE]\n    Flush  1\n\n    # inner\n    log_level warn\n@INCLUDE other.conf\n[INPUT]\n    Name tail\r\n';
    const { sections, commands, problems } = parseClassic(text);
    expect(problems).toEqual([]);
    expect(sections.map(({ name, entries }) => [name, entries.map(({ key, value }) => [key, value])])).toEqual([
      [
        'SERVICE',
        [
          ['Flush', '1'],
          ['log_level', 'warn'],
        ],
      ],
      ['INPUT', [['Name', 'tail']]],
    ]);
    expect(commands.map(({ name, argument }) => [name, argument])).toEqual([
      ['set', 'a=b'],
      ['include', 'other.conf'],
    ]);
    const { keyAt, valueAt } = sections[0]!.entries[0]!;
    expect(positionOf(text, keyAt.start)).toEqual({ line: 4, column: 5 });
    expect(text.slice(valueAt.start, valueAt.end)).toBe('1');
  });

  it.each([
    ['[INPUT]\nName tail\n', 'not indented'],
    ['[INPUT]\n    Name tail\n  Path x\n', 'indented otherwise'],
    ['[INPUT]\n    Name\n', 'no value'],
    ['[INPUT]\n    Name\ttail\n', 'tab'],
    ['    Name tail\n', 'no section'],
    ['[INPUT\n', 'header'],
    ['[]\n', 'header'],
    ['@FOO bar\n', 'command'],
    ['@SET bar\n', 'KEY=VALUE'],
    ['[INPUT]\n    Name ta\u0001il\n', 'control'],
  ])('refuses %j: %s', (text, message) => {
    expect(
      parseClassic(text)
        .problems.map((problem) => problem.message)
        .join(),
    ).toContain(message);
  });

  it('is written so that it reads back', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9._]{0,12}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const section = fc.record({
      name: fc.constantFrom('INPUT', 'FILTER', 'OUTPUT'),
      entries: fc.array(fc.record({ key: word, value }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(section, { maxLength: 5 }), (sections) => {
        const read = parseClassic(writeClassic(sections));
        expect(read.problems).toEqual([]);
        const plain = read.sections.map(({ name, entries }) => ({
          name,
          entries: entries.map(({ key, value }) => ({ key, value })),
        }));
        expect(plain).toEqual(sections);
      }),
    );
  });

  it('is not written with what it cannot hold', () => {
    for (const value of ['', ' a', 'a ', 'a\nb', 'a\rb', 'a\0b'])
      expect(() => writeClassic([{ name: 'A', entries: [{ key: 'k', value }] }])).toThrow('not representable');
    for (const key of ['', 'a b', '#a', '[a', '@set'])
      expect(() => writeClassic([{ name: 'A', entries: [{ key, value: 'v' }] }])).toThrow('not representable');
  });
});

const HOSTILE = fc.array(
  fc.constantFrom(
    '[',
    ']',
    '[INPUT]',
    '@',
    '@SET ',
    '@INCLUDE ',
    '#',
    ' ',
    '    ',
    '\t',
    '\n',
    '\r\n',
    'Name',
    'tail',
    'Match',
    '*',
    '${',
    '}',
    '(',
    '(?<',
    '>',
    '[:',
    '\\',
    '"',
    '\u2028',
    'é',
    '\0',
    '=',
    'rule',
    'regex',
  ),
  { maxLength: 60 },
);

describe('any text', () => {
  it('is read without a throw, with every problem and entry inside it', () => {
    fc.assert(
      fc.property(HOSTILE, (parts) => {
        const text = parts.join('');
        const classic = parseClassic(text);
        const custom = parseEntries(text);
        const ranges = [
          ...classic.problems,
          ...checkConfig(classic),
          ...custom.problems,
          ...custom.entries.flatMap(({ keyAt, valueAt }) => [keyAt, valueAt]),
        ];
        for (const { start, end } of ranges) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([['['], ['[INPUT]\n    a b\n'], ['    Name grep\n'], ['${'], ['Rule a\n'], ['\t'], ['\n']])(
    'of megabytes of %j takes no longer than its length',
    (unit) => {
      const text = unit.repeat(Math.ceil(1e6 / unit.length));
      const started = process.hrtime.bigint();
      parseClassic(text);
      parseEntries(text);
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(3000);
    },
  );
});

describe('entries of a resource', () => {
  it('may be indented as one likes', () => {
    expect(parseEntries('  Name grep\n\n\t# c\n      Regex\tlog  a b \n').entries).toMatchObject([
      { key: 'Name', value: 'grep' },
      { key: 'Regex', value: 'log  a b' },
    ]);
  });

  it.each(['[OUTPUT]', '  [FILTER]', '@INCLUDE /etc/passwd', '  @SET a=b', 'Name', 'a b\u0000c', 'a b\u2028c'])(
    'are none in %j',
    (line) => {
      const { entries, problems } = parseEntries(`Name grep\n${line}\n`);
      expect(entries).toHaveLength(1);
      expect(problems).toMatchObject([{ code: 'SL0130' }]);
    },
  );
});
