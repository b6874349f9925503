import { describe, expect, it } from 'vitest';
import type { JsonSchema } from './json-schema.ts';
import { sensitiveSpans } from './sensitive.ts';
import { sensitiveSpansOfText } from './sensitive-text.ts';
import { parseYamlDocuments } from './yaml.ts';

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    open: { type: 'string' },
    login: { type: 'object', properties: { token: { type: 'string', format: 'password' } } },
    headers: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, value: { type: 'string', format: 'password' } },
      },
    },
    params: { type: 'object', additionalProperties: { type: 'string', format: 'password' } },
    valueFrom: {
      type: 'object',
      properties: {
        secretKeyRef: { type: 'object', properties: { name: { type: 'string' }, key: { type: 'string' } } },
      },
    },
  },
};

function hidden(text: string): string[] {
  const document = parseYamlDocuments(text, 'f').documents[0]!;
  return sensitiveSpans(document, SCHEMA).map((span) =>
    text
      .split('\n')
      [span.line - 1]!.slice(span.column - 1, span.line === span.endLine ? span.endColumn - 1 : undefined),
  );
}

describe('sensitiveSpans', () => {
  it('finds the values that the schema marks', () => {
    expect(hidden('open: a\nlogin: { token: b }\nheaders: [{ name: c, value: d }]\nparams: { x: e }\n')).toEqual([
      'b',
      'd',
      'e',
    ]);
  });

  it('finds whatever was written where a secret belongs', () => {
    expect(hidden('login: { token: { a: b, c: [d, 1] } }\nheaders: { Authorization: e }\nparams: f\n')).toEqual([
      'b',
      'd',
      '1',
      'e',
      'f',
    ]);
    expect(hidden('headers: [g, { value: { x: h } }]\n')).toEqual(['g', 'h']);
  });

  it('finds unknown fields that are probably one', () => {
    expect(
      hidden(
        'login: { tokn: a }\nheders: [{ value: b }]\nheaders: [{ vlue: c }]\napiKey: d\nopn: e\nthing: { password: f, name: g }\n',
      ),
    ).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  it('shows references to Secrets: they name one and are none', () => {
    expect(hidden('valueFrom: { secretKeyRef: { name: a, key: b } }\nother: { secretKeyRef: { name: c } }\n')).toEqual(
      [],
    );
  });

  it('finds credentials in URLs anywhere', () => {
    expect(hidden('open: http://user:pass@host\nthing: [https://token@host/]\n')).toEqual([
      'http://user:pass@host',
      'https://token@host/',
    ]);
    expect(hidden('open: me@example.com\n')).toEqual([]);
  });

  it('covers values of several lines', () => {
    const document = parseYamlDocuments('login:\n  token: |\n    one\n    two\n', 'f').documents[0]!;
    expect(sensitiveSpans(document, SCHEMA)).toMatchObject([{ line: 2, endLine: 4 }]);
  });
});

describe('sensitiveSpansOfText', () => {
  const lines = (text: string) => sensitiveSpansOfText(text, 'f').map((span) => span.line);

  it('hides what follows a telling key, and what is under it', () => {
    expect(lines('path: 1\npassword: "x\nformat: 2\n')).toEqual([2]);
    expect(lines('headers:\n  - name: a\n    value: "x\n  - value: y\npath: "z\n')).toEqual([3, 4]);
    expect(lines('tls:\n  key:\n    value: |\n      ----BEGIN\n      abc\n  insecure: true\n')).toEqual([3, 4, 5]);
  });

  it('hides the value of a key it does not know', () => {
    expect(lines('vlue: x\nprotocol: http\nendpoint:\n  value: "a\n')).toEqual([1]);
  });

  it('hides from the telling word on in flow style', () => {
    const text = 'basic: { user: { value: a }, password: { value: CANARY } ]\n';
    const [span] = sensitiveSpansOfText(text, 'f');
    expect(text.slice(span!.column - 1)).toContain('CANARY');
    expect(span!.column).toBeLessThan(text.indexOf('CANARY'));
  });

  it('hides credentials in URLs', () => {
    expect(lines('endpoint: "http://u:p@host\n')).toEqual([1]);
  });
});
