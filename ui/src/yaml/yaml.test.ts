import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockLines } from './block-lines.ts';
import { tokenizeLine } from './highlight.ts';

describe('tokenizeLine', () => {
  it.each([
    ['kind: TracePipeline', ['key', 'mark', 'text', 'text']],
    ['  enabled: true # why', ['text', 'key', 'mark', 'text', 'literal', 'comment']],
    ['# a comment', ['comment']],
    ['    - \'isMatch(span.name, "#x")\'', ['mark', 'string']],
    ['- name: "a: b"', ['mark', 'key', 'mark', 'text', 'string']],
    ['text: |-', ['key', 'mark', 'text', 'mark']],
    ['---', ['mark']],
    ['value: http://localhost:14317', ['key', 'mark', 'text', 'text']],
    ['retries: 5', ['key', 'mark', 'text', 'literal']],
  ])('tells the parts of %j apart', (line, kinds) => {
    expect(tokenizeLine(line).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('never adds or loses a character', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('- ', '  ', '#', ':', ': ', '"', "'", 'key', '1', '|', '\\'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const single = text.replaceAll('\n', '');
        expect(
          tokenizeLine(single)
            .map((token) => token.text)
            .join(''),
        ).toBe(single);
      }),
    );
  });
});

describe('blockLines', () => {
  it('finds blocks by their keys, whatever slashes the ids hold', () => {
    const yaml = [
      'exporters:',
      '  otlp_grpc/tracepipeline-a:',
      '    endpoint: localhost:4317',
      'service:',
      '  pipelines:',
      '    traces/tracepipeline-a:',
      '      exporters:',
      '        - otlp_grpc/tracepipeline-a',
    ].join('\n');
    const lines = blockLines(yaml);
    expect(lines.get('exporters/otlp_grpc/tracepipeline-a')).toBe(2);
    expect(lines.get('service/pipelines/traces/tracepipeline-a')).toBe(6);
    expect(lines.get('service/pipelines/traces/tracepipeline-a/exporters')).toBe(7);
  });
});
