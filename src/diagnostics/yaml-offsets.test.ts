import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, Scalar } from 'yaml';
import type { SourceSpan } from './issue.ts';
import { parseYamlDocuments } from './yaml.ts';

/** The text a span stands for. */
function cut(text: string, span: SourceSpan | undefined): string {
  if (!span) throw new Error('no span');
  const lines = text.split('\n');
  const offset = (line: number, column: number) =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  return text.slice(offset(span.line, span.column), offset(span.endLine, span.endColumn));
}

/** What stands where a part of the text at `a` was written. */
function written(yaml: string, part: string): string {
  const { documents, issues } = parseYamlDocuments(yaml, 'f.yaml');
  expect(issues).toEqual([]);
  const { a } = documents[0]!.value as { readonly a: string };
  const at = a.indexOf(part);
  expect(at, `${JSON.stringify(part)} in ${JSON.stringify(a)}`).toBeGreaterThanOrEqual(0);
  return cut(yaml, documents[0]!.spanWithin(['a'], at, at + part.length));
}

describe('a part of a text stands where it was written', () => {
  it.each([
    ['plain', 'a: set(x["k"], 1) # why\n', '"k"', '"k"'],
    ['plain over lines', 'a: set(x,\n   1)\n   where y\n', '1)', '1)'],
    ['plain over lines, with an empty one', 'a: one\n\n  two\n', 'two', 'two'],
    ['single quoted', "a: 'set(x, ''y'')'\n", "'y'", "''y''"],
    ['behind a doubled quote', "a: 'it''s(x)'\n", 'x', 'x'],
    ['single quoted over lines', "a: 'one\n\n  two \n  three'\n", 'three', 'three'],
    ['double quoted', 'a: "set(x[\\"k\\"], 1)"\n', '"k"', '\\"k\\"'],
    ['behind escapes', 'a: "\\u00e4\\x41\\U0001F600\\t\\\\x(y)"\n', 'y', 'y'],
    ['an escape', 'a: "x\\u00e4y"\n', 'ä', '\\u00e4'],
    ['half of a pair', 'a: "\\U0001F600"\n', '\u{1f600}', '\\U0001F600'],
    ['double quoted over lines', 'a: "one \n   two\\\n   three"\n', 'three', 'three'],
    ['a kept blank at the end of a line', 'a: "one\\ \n  two"\n', 'two', 'two'],
    ['double quoted with an empty line', 'a: "one\n\n\n  two"\n', 'two', 'two'],
    ['literal', 'a: |\n  set(x,\n    1)\n', '1)', '1)'],
    ['literal with an indicator', 'a: |2-\n    set(x,\n    1)\n', '1)', '1)'],
    ['literal with a comment', 'a: | # why\n\n  set(x)\n', 'x', 'x'],
    ['literal with CRLF', 'a: |\r\n  one\r\n  two\r\n', 'two', 'two'],
    ['folded', 'a: >\n  set(x,\n  1)\n  where y\n', 'where', 'where'],
    ['folded with empty lines', 'a: >-\n  one\n\n\n  two\n', 'two', 'two'],
    ['folded with deeper lines', 'a: >-\n  one\n    two\n    three\n  four\n', 'four', 'four'],
    ['folded from a deeper line on', 'a: >2-\n\n      one\n  two\n', 'two', 'two'],
  ])('%s', (_, yaml, part, expected) => {
    expect(written(yaml, part)).toBe(expected);
  });

  it('of an alias: at its anchor', () => {
    const yaml = 'b: &x "one two"\na: *x\n';
    expect(written(yaml, 'two')).toBe('two');
  });

  it('points at the last character where the text ends', () => {
    const yaml = 'a: "set(x"\n';
    expect(cut(yaml, parseYamlDocuments(yaml, 'f').documents[0]!.spanWithin(['a'], 5, 5))).toBe('x');
  });

  it('points at an empty text as a whole', () => {
    expect(cut('a: ""\n', parseYamlDocuments('a: ""\n', 'f').documents[0]!.spanWithin(['a'], 0, 3))).toBe('""');
  });

  it('whatever it is and however it is written', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b ', ' c', 'd', '\n', '\n\n', '"', "'", '\\', 'ä', '\u{1f600}', '\t', '(', '#'), {
        maxLength: 14,
      })
      .map((parts) => parts.join(''));
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    const lineWidth = fc.constantFrom(0, 20);
    fc.assert(
      fc.property(text, style, lineWidth, (value, type, width) => {
        const scalar = new Scalar(value);
        scalar.type = type as Scalar.Type;
        const yaml = new Document({ a: scalar }).toString({ lineWidth: width, minContentWidth: 4 });
        // A break within a pair is in no file: its halves have no UTF-8.
        if (/\p{Surrogate}/u.test(yaml)) return;
        const [document] = parseYamlDocuments(yaml, 'f').documents;
        if ((document?.value as { a?: unknown } | undefined)?.a !== value) return;
        for (const [at, character] of [...value].entries()) {
          const start = [...value].slice(0, at).join('').length;
          const found = cut(yaml, document!.spanWithin(['a'], start, start + character.length));
          if (/[\s]/.test(character)) continue;
          const forms: Readonly<Record<string, readonly string[]>> = {
            "'": ["'", "''"],
            '"': ['"', '\\"'],
            '\\': ['\\', '\\\\'],
          };
          expect(forms[character] ?? [character]).toContain(found);
        }
      }),
      { numRuns: 2000, examples: [['a\n\n\ta\n\n\t\u{1f600}b ', 'QUOTE_SINGLE', 20]] },
    );
  });
});
