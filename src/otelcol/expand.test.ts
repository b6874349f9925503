// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { describe, expect, it } from 'vitest';
import { type ExpandProblem, expandValue } from './expand.ts';

function expand(value: unknown, env: Record<string, string> = {}, path: (string | number)[] = ['x']) {
  const problems: ExpandProblem[] = [];
  const result = expandValue(value, path, { env, report: (problem) => problems.push(problem) });
  return { result, problems };
}

describe('expandValue', () => {
  it.each([
    ['${env:A}', { A: '1' }, 1],
    ['${A}', { A: 'true' }, true],
    ['${env:A}', { A: '[1, two]' }, [1, 'two']],
    ['${env:A}', { A: '{a: {b: 2}}' }, { a: { b: 2 } }],
    ['${env:A}', { A: '' }, null],
    ['${env:A}', { A: '"quoted"' }, '"quoted"'],
    ['${env:A}', { A: 'not: [yaml' }, 'not: [yaml'],
    ['${env:A:-5s}', {}, '5s'],
    ['${env:A:-5}', { A: '6' }, 6],
    ['http://${env:A}:${B}/', { A: 'h', B: '0123' }, 'http://h:0123/'],
    ['a ${env:A}', { A: '[1]' }, 'a [1]'],
    ['${env:A}', { A: '${env:B}', B: '7' }, 7],
    ['${env:${env:A}}', { A: 'B', B: 'b' }, 'b'],
  ])('%s with %j is %j', (text, env, expected) => {
    expect(expand(text, env as unknown as Record<string, string>)).toEqual({ result: expected, problems: [] });
  });

  it.each([
    ['$$', '$'],
    ['$$$$', '$$'],
    ['$1 costs $5', '$1 costs $5'],
    ['$${env:A}', '${env:A}'],
    ['$$${env:A}', '$a'],
    ['$$$${env:A}', '$${env:A}'],
    // The Collector stops at the first escaped reference, so the second one stays too.
    ['$${env:A} ${env:A}', '${env:A} ${env:A}'],
    ['${env:A', '${env:A'],
    ['{env:A}', '{env:A}'],
  ])('takes %s as %s', (text, expected) => {
    expect(expand(text, { A: 'a' })).toEqual({ result: expected, problems: [] });
  });

  it('keeps the text of a variable where the setting is text', () => {
    const env = { A: '00123' };
    const value = { headers: { 'x-id': '${env:A}' }, endpoint: '${env:A}', num_consumers: '${env:A}' };
    expect(expand(value, env).result).toEqual({ headers: { 'x-id': '00123' }, endpoint: '00123', num_consumers: 83 });
    expect(expand([{ name: 'x-id', value: '${env:A}' }], env, ['headers']).result).toEqual([
      { name: 'x-id', value: '00123' },
    ]);
    expect(expand({ endpoint_params: { audience: ['${env:A}'] } }, env).result).toEqual({
      endpoint_params: { audience: ['00123'] },
    });
  });

  it('never expands keys', () => {
    expect(expand({ '${env:A}$$': 'x' }, { A: 'a' }).result).toEqual({ '${env:A}$$': 'x' });
  });

  it('takes a variable that is not set as empty and says so', () => {
    expect(expand('a${env:A}b')).toEqual({ result: 'ab', problems: [{ kind: 'unset', name: 'A', path: ['x'] }] });
  });

  it('does not see what every object inherits', () => {
    expect(expand('${env:constructor}').problems).toMatchObject([{ kind: 'unset' }]);
  });

  it.each(['${file:/etc/passwd}', '${yaml:a: 1}', '${http://example.com/x}', '${s3:bucket}'])('refuses %s', (text) => {
    expect(expand(text).problems).toMatchObject([{ kind: 'provider' }]);
  });

  it.each(['${}', '${env:}', '${env:A-B}', '${env:A$B}', '${1A}'])('refuses %s', (text) => {
    expect(expand(text, { A: 'a' }).problems).toMatchObject([{ kind: 'invalid' }]);
  });

  it.each([
    ['a reference to itself', { A: '${env:A}' }],
    ['a reference that doubles', { A: '${env:A}${env:A}' }],
    ['a list of references to itself', { A: '[${env:A}, ${env:A}]' }],
  ])('stops at %s', (_, env) => {
    expect(expand('${env:A}', env).problems).toMatchObject([
      { kind: 'invalid', reason: 'too many recursive expansions' },
    ]);
  });
});
