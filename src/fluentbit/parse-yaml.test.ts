import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig, parseYamlConfig, positionOf, type WritableSection, writeYamlConfig } from './index.ts';

const TEXT = `env:
  HOME_PAGE: /x
includes:
  - other.yaml
service:
  flush: 1
  http_server: on
pipeline:
  inputs:
    - name: tail
      path: /var/log/*.log
      tag: a.*
  filters:
    - name: grep
      match: '*'
      regex:
        - log a
        - log b
  outputs:
    - name: stdout
      match: a.*
multiline_parsers:
  - name: traces
    type: regex
    rules:
      - state: start_state
        regex: '/^[A-Z]/'
        next_state: cont
      - state: cont
        regex: '/^ +at/'
        next_state: cont
`;

describe('the YAML format', () => {
  it('is read as sections, and checked like these', () => {
    const parsed = parseYamlConfig(TEXT);
    expect(parsed.problems).toEqual([]);
    expect(checkConfig(parsed)).toEqual([]);
    expect(parsed.sections.map(({ name, entries }) => [name, entries.length])).toEqual([
      ['SERVICE', 2],
      ['INPUT', 3],
      ['FILTER', 4],
      ['OUTPUT', 2],
      ['MULTILINE_PARSER', 4],
    ]);
    expect(parsed.commands.map(({ name, argument }) => [name, argument])).toEqual([
      ['set', 'HOME_PAGE=/x'],
      ['include', 'other.yaml'],
    ]);
    const name = parsed.sections[1]!.entries[0]!;
    expect(positionOf(TEXT, name.valueAt.start)).toEqual({ line: 10, column: 13 });
  });

  it.each([
    ['pipeline:\n  inputs:\n    - name: tial\n      path: x\n', 'names no input of Fluent Bit: `tial`', 3, 13],
    ['pipeline:\n  outputs:\n    - name: http\n      match: a\n      prot: 1\n', 'sets `prot`', 5, 7],
    [
      'pipeline:\n  outputs:\n    - name: http\n      match: a\n      port: x\n',
      'must give `port` a whole number',
      5,
      13,
    ],
    ['piplines: {}\n', '`piplines` is no part', 1, 1],
    [
      'pipeline:\n  inputs:\n    - name: tail\n      path: x\n      processors: {logs: []}\n',
      '`processors` must be',
      5,
      7,
    ],
    ['pipeline:\n  inputs: tail\n', 'a list must stand here', 2, 3],
    ['service: [\n', '', 1, 1],
  ])('%j has its problem where it stands', (text, message, line, column) => {
    const parsed = parseYamlConfig(text);
    const [first] = [...parsed.problems, ...checkConfig(parsed)];
    expect(first?.message).toContain(message);
    if (message !== '') expect(positionOf(text, first!.start)).toEqual({ line, column });
  });

  it('is written so that it reads back', () => {
    const key = fc.stringMatching(/^[a-z][a-z._]{0,8}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const entries = fc.uniqueArray(fc.record({ key, value }), { selector: (entry) => entry.key, maxLength: 5 });
    const section = fc.record({ name: fc.constantFrom('INPUT', 'FILTER', 'OUTPUT'), entries });
    fc.assert(
      fc.property(fc.array(section, { maxLength: 4 }), (sections) => {
        const read = parseYamlConfig(writeYamlConfig(sections));
        expect(read.problems).toEqual([]);
        const order = ['INPUT', 'FILTER', 'OUTPUT'];
        const plain = (list: readonly WritableSection[]) =>
          order
            .flatMap((name) => list.filter((one) => one.name === name))
            .map((one) => ({
              name: one.name,
              entries: one.entries.map((entry) => ({ key: entry.key, value: entry.value })),
            }));
        expect(plain(read.sections)).toEqual(plain(sections));
      }),
    );
  });

  it('never throws at a text, and keeps its places inside it', () => {
    const parts = fc.constantFrom(
      'pipeline:',
      'inputs:',
      '- ',
      'name: ',
      'tail',
      '\n',
      '  ',
      '[',
      '{',
      '}',
      '"',
      "'",
      '&a ',
      '*a',
      '#',
      ':',
      '|',
      '\t',
      'rules:',
      'service:',
      '---\n',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (some) => {
        const text = some.join('');
        const parsed = parseYamlConfig(text);
        for (const { start, end } of [...parsed.problems, ...checkConfig(parsed)]) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
