import { describe, expect, it } from 'vitest';
import { findPipeline, parsePipeline } from './pipeline-argument.ts';

describe('a pipeline on the command line', () => {
  it.each([
    ['tp/jaeger', 'TracePipeline'],
    ['MetricPipeline/jaeger', 'MetricPipeline'],
    ['logpipelines/jaeger', 'LogPipeline'],
  ])('%s', (text, kind) => {
    expect(parsePipeline(text)).toEqual({ kind, name: 'jaeger' });
  });

  it.each([
    ['jaeger', '`jaeger` is no pipeline'],
    ['tp/', '`tp/` is no pipeline'],
    ['tp/a/b', '`tp/a/b` is no pipeline'],
    ['tracpipeline/a', '`tracpipeline/a` is no pipeline; did you mean `tracepipeline/a`?'],
  ])('is not %s', (text, message) => {
    expect(() => parsePipeline(text)).toThrow(message);
  });

  it('has to be there; the others of its kind are named', () => {
    const known = [
      { kind: 'TracePipeline', name: 'a' },
      { kind: 'LogPipeline', name: 'b' },
    ] as const;
    expect(() => findPipeline({ kind: 'TracePipeline', name: 'a' }, known, 'here')).not.toThrow();
    expect(() => findPipeline({ kind: 'TracePipeline', name: 'b' }, known, 'here')).toThrow(
      'no TracePipeline `b` here; there are: a',
    );
    expect(() => findPipeline({ kind: 'MetricPipeline', name: 'b' }, known, 'here')).toThrow('there are none');
  });
});
