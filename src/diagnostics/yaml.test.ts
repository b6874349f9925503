import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SourceSpan } from './issue.ts';
import type { SourceNode } from './source-document.ts';
import { parseYamlDocuments } from './yaml.ts';

const values = (text: string) => parseYamlDocuments(text, 'f.yaml').documents.map((document) => document.value);
const codes = (text: string) => parseYamlDocuments(text, 'f.yaml').issues.map((issue) => issue.code);

/** The text a span stands for. */
function cut(text: string, span: SourceSpan | undefined): string {
  if (!span) throw new Error('no span');
  const lines = text.split('\n');
  const offset = (line: number, column: number) =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  return text.slice(offset(span.line, span.column), offset(span.endLine, span.endColumn));
}

describe('parseYamlDocuments', () => {
  it('reads documents in order and leaves empty ones out', () => {
    expect(values('---\na: 1\n---\n# nothing\n---\nb: [x, 2]\n...\n')).toEqual([{ a: 1 }, { b: ['x', 2] }]);
  });

  it('tells a second `: ` on a line from a line below that is indented too deep', () => {
    const label = (text: string) => parseYamlDocuments(text, 'f.yaml').issues[0]?.label;
    expect(label('a: b: c\n')).toBe('second `: ` on this line');
    expect(label('a:\n  b: http://host:4317\n   c: d\n')).toBe(
      'the line below is indented deeper, so it belongs to this value',
    );
  });

  it('reads JSON', () => {
    expect(values('{"a": {"b": ["c", null, true, 1.5]}}')).toEqual([{ a: { b: ['c', null, true, 1.5] } }]);
  });

  it('reads words as kubectl does, and as the Collector does when asked', () => {
    const text = 'a: yes\nb: "yes"\nc: !!str 1\n';
    expect(values(text)).toEqual([{ a: true, b: 'yes', c: '1' }]);
    expect(parseYamlDocuments(text, 'f', { dialect: 'collector' }).documents[0]?.value).toEqual({
      a: 'yes',
      b: 'yes',
      c: '1',
    });
  });

  it('merges and repeats anchors', () => {
    expect(values('base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\nlist: [*b]\n')).toEqual([
      { base: { x: 1, z: 2 }, use: { x: 1, z: 3 }, list: [{ x: 1, z: 2 }] },
    ]);
  });

  it('keeps a key named __proto__ as data', () => {
    const [value] = values('__proto__: {polluted: true}\n') as [object];
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('knows where keys and values stand, in every style of writing', () => {
    const text =
      'a: plain\n"b": "quoted \\" text"\nc:\n  - one\n  - { d: 2 }\ne: |\n  line 1\n  line 2\nf: >-\n  folded\ng: &x 1\nh: *x\ni:\n';
    const document = parseYamlDocuments(text, 'f.yaml').documents[0]!;
    expect(cut(text, document.spanOf(['a']))).toBe('plain');
    expect(cut(text, document.spanOf(['b'], 'key'))).toBe('"b"');
    expect(cut(text, document.spanOf(['b']))).toBe('"quoted \\" text"');
    expect(cut(text, document.spanOf(['c', 0]))).toBe('one');
    expect(cut(text, document.spanOf(['c', 1, 'd'], 'key'))).toBe('d');
    expect(cut(text, document.spanOf(['c', 1, 'd']))).toBe('2');
    expect(cut(text, document.spanOf(['e']))).toBe('|\n  line 1\n  line 2');
    expect(cut(text, document.spanOf(['h']))).toBe('*x');
    expect(cut(text, document.spanOf(['i']))).toBe('i');
    expect(document.spanOf(['c', 2])).toBeUndefined();
    expect(cut(text, document.nearestSpan(['c', 1, 'd', 'x', 'y']))).toBe('d');
  });

  it('counts lines and columns with Windows line ends', () => {
    const document = parseYamlDocuments('a: 1\r\nbb:\r\n  c: 2\r\n', 'f').documents[0]!;
    expect(document.spanOf(['bb', 'c'])).toEqual({ file: 'f', line: 3, column: 6, endLine: 3, endColumn: 7 });
  });

  it('names both places of a key written twice', () => {
    const { documents, issues } = parseYamlDocuments('a: 1\nb: 2\na: 3\n', 'f');
    expect(documents).toEqual([]);
    expect(issues).toMatchObject([
      { code: 'SL0002', span: { line: 3, column: 1 }, related: [{ span: { line: 1, column: 1 } }] },
    ]);
  });

  it.each([
    ['a:\n\tb: 1\n', 'SL0003'],
    ['a: "open\n', 'SL0001'],
    ["a: 'open\n", 'SL0001'],
    ['a: [1, 2\n', 'SL0001'],
    ['a: b: c\n', 'SL0001'],
    ['a: *none\n', 'SL0005'],
    ['a: &a [*a]\n', 'SL0005'],
    ['a: &a {<<: 1}\n', 'SL0005'],
    ['a: !env X\n', 'SL0006'],
    ['? [a]\n: 1\n', 'SL0007'],
    ['a: {{ x }}\n', 'SL0007'],
  ])('reports %j', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  it.each([150, 20_000])('refuses %i nested lists', (depth) => {
    expect(codes('['.repeat(depth) + ']'.repeat(depth))).toEqual(['SL0004']);
    expect(codes('- '.repeat(depth))).toEqual(['SL0004']);
  });

  it('stops at what aliases expand to, quickly', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(10)}]`),
    ];
    expect(codes(bomb.join('\n'))).toEqual(['SL0004']);
  });

  it('keeps the documents beside a broken one', () => {
    const { documents, issues } = parseYamlDocuments('a: 1\n---\nb: "\n---\nc: 1\n', 'f');
    expect(documents.length).toBeGreaterThanOrEqual(1);
    expect(issues).toMatchObject([{ code: 'SL0001', span: { line: 3, column: 4 } }]);
  });

  it('never shows the text of a broken value', () => {
    for (const text of [
      'a: "CANARY\n',
      'a: `CANARY\n',
      'a: @CANARY\n',
      'a: "\\qCANARY"\n',
      'a: %CANARY\n',
      'a: b: CANARY\n',
      '- a\nCANARY\n',
    ]) {
      const { issues } = parseYamlDocuments(text, 'f');
      expect(issues.length, text).toBeGreaterThan(0);
      expect(JSON.stringify(issues), text).not.toContain('CANARY');
    }
  });
});

const yamlish = fc.array(
  fc.constantFrom(
    'a',
    'b:',
    ' ',
    '  ',
    '\n',
    '\r\n',
    '- ',
    '? ',
    ': ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '|',
    '>',
    '&x ',
    '*x',
    '!t ',
    '#',
    '%',
    '@',
    '`',
    '\t',
    '---\n',
    '...\n',
    '<<: ',
    'é',
    '🙂',
    '\u0000',
    '\ufeff',
    '1',
    'yes',
    '\\',
  ),
  { maxLength: 40 },
);

const json = fc.jsonValue({ maxDepth: 4 });

function everySpan(node: SourceNode): SourceSpan[] {
  return [
    node.span,
    ...(node.keySpan ? [node.keySpan] : []),
    ...[...(node.children?.values() ?? [])].flatMap(everySpan),
  ];
}

function expectInside(text: string, span: SourceSpan): void {
  const lines = text.split('\n');
  expect(span.line).toBeGreaterThanOrEqual(1);
  expect(span.endLine).toBeLessThanOrEqual(lines.length);
  expect(span.column).toBeGreaterThanOrEqual(1);
  expect(span.column).toBeLessThanOrEqual(lines[span.line - 1]!.length + 1);
  expect(span.endColumn).toBeLessThanOrEqual(lines[span.endLine - 1]!.length + 1);
  expect(
    [span.endLine, span.endColumn] >= [span.line, span.column] ||
      span.endLine > span.line ||
      span.endColumn >= span.column,
  ).toBe(true);
}

describe('parseYamlDocuments, any text', () => {
  it.each([
    ['yaml-like text', yamlish.map((parts) => parts.join(''))],
    ['random text', fc.string({ unit: 'binary', maxLength: 200 })],
  ])('never throws, and every place is inside the text: %s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const { documents, issues } = parseYamlDocuments(text, 'f');
        for (const document of documents) for (const span of everySpan(document.root)) expectInside(text, span);
        for (const issue of issues) {
          expectInside(text, issue.span!);
          for (const place of issue.related ?? []) expectInside(text, place.span);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('reads back what was written, in block and flow style', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, flow) => {
        const text = flow
          ? JSON.stringify(value)
          : stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE', lineWidth: 0 });
        const { documents, issues } = parseYamlDocuments(text, 'f');
        expect(issues).toEqual([]);
        expect(JSON.stringify(documents[0]?.value ?? null)).toBe(JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
  });
});
