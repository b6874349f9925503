import { describe, expect, it } from 'vitest';
import { ottlContexts, ottlFunctions } from './ottl.ts';
import { findTopic, topicProblem } from './topic.ts';
import { topicText } from './topic-text.ts';

const text = (word: string) => topicText(findTopic(word)!);

describe('what sluice explain knows of OTTL', () => {
  it('is a text for every function and path', () => {
    const words = [
      ...ottlFunctions().map(({ name }) => name),
      ...ottlContexts().flatMap(({ context, paths }) => [context, ...paths]),
    ];
    expect(words.length).toBeGreaterThan(200);
    for (const word of words) expect(text(word), word).toMatch(/^\S.+\n/);
  });

  it('is found as people write it', () => {
    expect(text('ismatch(')).toContain('IsMatch(target: StringLikeGetter, pattern: StringGetter)');
    expect(text('set')).toMatch(/^set: an editor of OTTL/);
    expect(text('span.attributes["x"]')).toMatch(/^span: what paths of OTTL begin with/);
    expect(text('log')).toContain('log.severity_number');
    expect(text('Log')).toMatch(/^Log: a converter/);
    expect(text('SPAN_KIND_SERVER')).toMatch(/^span: [\s\S]*\nSymbols .*SPAN_KIND_SERVER/);
    expect(text('resource')).not.toContain('Symbols');
    expect(text('transform')).toBe(text('ottl'));
    expect(text('PipelineTest')).toContain('spec.expect');
  });

  it('says what was meant', () => {
    expect(topicProblem('IsMatsh')).toContain('did you mean `IsMatch`?');
    expect(topicProblem('SPAN_KIND_SERVR')).toContain('did you mean `SPAN_KIND_SERVER`?');
    expect(topicProblem('span.nam')).toContain('did you mean `span.name`?');
  });
});
