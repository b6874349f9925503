import { describe, expect, it } from 'vitest';
import type { Issue, SourceSpan } from './issue.ts';
import { renderHuman } from './render-human.ts';
import { renderShort } from './render-short.ts';
import { renderJson } from './report.ts';
import { sortIssues, summaryLine } from './summary.ts';

const span = (line: number, column: number, length: number, file = 'a.yaml'): SourceSpan => ({
  file,
  line,
  column,
  endLine: line,
  endColumn: column + length,
});

const issue = (fields: Partial<Issue>): Issue => ({ code: 'SL0101', severity: 'error', message: 'wrong', ...fields });

const human = (issues: Issue[], text: string, sensitive: SourceSpan[] = []) =>
  renderHuman(issues, { sources: [{ file: 'a.yaml', text, sensitive }], color: false, unicode: true });

describe('renderHuman', () => {
  it('shows a lint of two places', () => {
    const lint = issue({
      code: 'SL0301',
      severity: 'warning',
      message: 'this condition can never be true',
      span: span(4, 12, 26),
      label: 'always nil at this point',
      related: [{ span: span(1, 12, 38), label: 'the key is deleted here, before filters run' }],
      help: 'test `resource.attributes["bar"] == "x"` instead',
      notes: ['transforms run before filters'],
    });
    const text = `        - 'delete_key(resource.attributes, "foo")'\n  filter:\n    - conditions:\n        - 'resource.attributes["foo"] == "x"'\n`;
    expect(human([lint], text)).toBe(`warning[SL0301]: this condition can never be true
 --> a.yaml:4:12
  |
1 |         - 'delete_key(resource.attributes, "foo")'
  |            -------------------------------------- the key is deleted here, before filters run
...
4 |         - 'resource.attributes["foo"] == "x"'
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^ always nil at this point
  |
  = help: test \`resource.attributes["bar"] == "x"\` instead
  = note: transforms run before filters
`);
  });

  it('shows two places of one line, and of two files', () => {
    const twice = issue({
      span: span(1, 5, 1),
      label: 'again',
      related: [
        { span: span(1, 1, 1), label: 'first' },
        { span: span(9, 1, 1, 'b.yaml'), label: 'other' },
      ],
    });
    expect(human([twice], 'x   x\n')).toBe(`error[SL0101]: wrong
 --> a.yaml:1:5
  |
1 | x   x
  | - first
  |     ^ again
 ::: b.yaml:9:1
  |
`);
  });

  it('shows an issue without a place, or in a file it does not have', () => {
    expect(human([issue({ help: 'do it' })], '')).toBe('error[SL0101]: wrong\n  = help: do it\n');
    expect(human([issue({ span: span(3, 1, 1, 'gone.yaml') })], '')).toBe('error[SL0101]: wrong\n --> gone.yaml:3:1\n');
  });

  it('underlines the first line of a long value', () => {
    const long = issue({ span: { file: 'a.yaml', line: 1, column: 4, endLine: 3, endColumn: 4 } });
    expect(human([long], 'a: |  \n  b\n  c\n')).toContain('1 | a: |\n  |    ^\n');
  });

  it('fits into the terminal: lines are cut around the place, words wrapped', () => {
    const text = `${'x'.repeat(300)}FIND${'x'.repeat(300)}\n`;
    const help = `${'many words '.repeat(20)}aVeryLongWordThatIsNeverBroken`;
    const out = renderHuman([issue({ span: span(1, 301, 4), label: 'here', help })], {
      sources: [{ file: 'a.yaml', text }],
      color: false,
      unicode: true,
      columns: 60,
    });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(out).toContain('FIND');
    expect(out).toContain('aVeryLongWordThatIsNeverBroken');
    expect(out.replace(/\s+/g, ' ')).toContain(help);
  });

  it('counts what looks alike and says where', () => {
    expect(
      human(
        [1, 2, 3].map((line) => issue({ span: span(line, 1, 1) })),
        'x\nx\nx\n',
      ),
    ).toContain('= note: and 2 more like this, at a.yaml:2:1, a.yaml:3:1\n');
  });

  it('colours when asked, and only then', () => {
    const options = { sources: [{ file: 'a.yaml', text: 'x\n' }], unicode: true };
    const colored = renderHuman([issue({ span: span(1, 1, 1) })], { ...options, color: true });
    expect(colored).toContain('\u001b[31;1merror[SL0101]\u001b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(colored.replace(/\u001b\[[0-9;]*m/g, '')).toBe(
      renderHuman([issue({ span: span(1, 1, 1) })], { ...options, color: false }),
    );
  });

  it('keeps its own words to ASCII when asked', () => {
    const out = renderHuman([issue({ help: 'write `value: …`' })], { sources: [], color: false, unicode: false });
    expect(out).toContain('value: ...');
  });

  it('keeps the place in view on a very long line', () => {
    const out = human([issue({ span: span(1, 3001, 4), label: 'here' })], `${'x'.repeat(3000)}FIND${'x'.repeat(3000)}`);
    const [, , , line, marks] = out.split('\n') as [string, string, string, string, string];
    expect(line.length).toBeLessThan(180);
    expect(line.slice(marks.indexOf('^'), marks.indexOf('^') + 4)).toBe('FIND');
  });

  it('puts the marks under what is shown instead of tabs, wide characters and secrets', () => {
    const text = '\tname: "日本" # CANARY x\n';
    const masked = text.indexOf('CANARY');
    const out = human([issue({ span: span(1, text.indexOf('x\n') + 1, 1) })], text, [span(1, masked + 1, 6)]);
    expect(out).not.toContain('CANARY');
    expect(out).toContain('1 |     name: "日本" # ******** x\n  |                             ^');
  });

  it('does not let a text steer the terminal', () => {
    const out = human(
      [issue({ message: 'bad \u001b[2J', span: span(1, 1, 1), label: '\u202e' })],
      'x\u001b]0;title\u0007\u009b\n',
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not come through
    expect(out).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
    expect(out).toContain('\\x1b');
  });
});

describe('renderShort', () => {
  it('writes a line an issue, in the order of the file', () => {
    const issues = [
      issue({ span: span(9, 2, 1), message: 'late', help: 'do it' }),
      issue({ span: span(1, 3, 1), severity: 'warning', message: 'early' }),
      issue({ message: 'nowhere' }),
    ];
    expect(renderShort(issues)).toBe(
      'error[SL0101]: nowhere\na.yaml:1:3: warning[SL0101]: early\na.yaml:9:2: error[SL0101]: late (do it)\n',
    );
  });
});

describe('renderJson', () => {
  it('is the ValidationReport', () => {
    const fix = { applicability: 'MaybeIncorrect', span: span(8, 7, 7), newText: 'enabled' } as const;
    const report = renderJson(
      [
        issue({
          message: 'unknown field `a.enabeld`',
          path: ['a', 'enabeld'],
          span: span(8, 7, 7),
          help: 'did you mean `enabled`?',
          fix,
        }),
      ],
      { cliVersion: '0.1.0', files: 1, resources: 1 },
    );
    expect(JSON.parse(JSON.stringify(report))).toEqual({
      apiVersion: 'cli.sluice.io/v1',
      kind: 'ValidationReport',
      metadata: { cliVersion: '0.1.0', target: 'files' },
      summary: { files: 1, resources: 1, errors: 1, warnings: 0 },
      items: [
        {
          code: 'SL0101',
          severity: 'error',
          message: 'unknown field `a.enabeld`',
          location: { file: 'a.yaml', line: 8, column: 7, endLine: 8, endColumn: 14, path: ['a', 'enabeld'] },
          help: 'did you mean `enabled`?',
          docs: 'docs/spec/diagnostics.md#sl0101',
          fixes: [{ applicability: 'MaybeIncorrect', edits: [{ start: [8, 7], end: [8, 14], newText: 'enabled' }] }],
        },
      ],
    });
  });
});

describe('summary', () => {
  it('counts, and names a code to explain', () => {
    expect(summaryLine([], { files: 2, resources: 1 })).toBe('2 files, 1 resource: 0 errors, 0 warnings');
    expect(summaryLine([issue({}), issue({ severity: 'warning' })], { files: 1, resources: 2 })).toBe(
      '1 file, 2 resources: 1 error, 1 warning. Details of a code: sluice explain SL0101',
    );
  });

  it('sorts by file, line and column and keeps the order of equals', () => {
    const issues = [
      issue({ span: span(2, 1, 1, 'b') }),
      issue({ span: span(3, 1, 1), message: '1' }),
      issue({ span: span(3, 1, 1), message: '2' }),
      issue({ span: span(2, 9, 1) }),
      issue({}),
    ];
    expect(sortIssues(issues).map((one) => `${one.span?.file} ${one.span?.line} ${one.message}`)).toEqual([
      'undefined undefined wrong',
      'a.yaml 2 wrong',
      'a.yaml 3 1',
      'a.yaml 3 2',
      'b 2 wrong',
    ]);
  });
});
