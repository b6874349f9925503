import { describe, expect, it } from 'vitest';
import { plain, run } from '../../../test/testkit/ottl-function.ts';
import type { Value } from '../value.ts';

const map = (entries: Readonly<Record<string, Value>>): Map<string, Value> => new Map(Object.entries(entries));

/** What a statement leaves of `cache["m"]`, or its failure. */
function edited(statement: string, m: Value): unknown {
  const cache = run(statement, { m });
  return cache.get('result') ?? plain(cache.get('m'));
}

describe('editors of maps', () => {
  const sample = (): Map<string, Value> => map({ test: 'hello', test2: 3n, n: map({ a: 'x' }) });
  it.each([
    ['delete_key(cache["m"], "test")', { test2: 3n, n: { a: 'x' } }],
    ['delete_matching_keys(cache["m"], "\\\\d")', { test: 'hello', n: { a: 'x' } }],
    ['keep_matching_keys(cache["m"], "^test")', { test: 'hello', test2: 3n }],
    ['keep_keys(cache["m"], ["n", "missing"])', { n: { a: 'x' } }],
    ['keep_keys(cache["m"], [])', {}],
    ['limit(cache["m"], 2, ["n"])', { test: 'hello', n: { a: 'x' } }],
    ['limit(cache["m"], 5, [])', { test: 'hello', test2: 3n, n: { a: 'x' } }],
    ['truncate_all(cache["m"], 2)', { test: 'he', test2: 3n, n: { a: 'x' } }],
    ['merge_maps(cache["m"], {"test": 1, "new": 2}, "insert")', { test: 'hello', test2: 3n, n: { a: 'x' }, new: 2n }],
    ['merge_maps(cache["m"], {"test": 1, "new": 2}, "update")', { test: 1n, test2: 3n, n: { a: 'x' } }],
    ['merge_maps(cache["m"], {"test": 1, "new": 2}, "upsert")', { test: 1n, test2: 3n, n: { a: 'x' }, new: 2n }],
    ['flatten(cache["m"])', { test: 'hello', test2: 3n, 'n.a': 'x' }],
    ['flatten(cache["m"], "p")', { 'p.test': 'hello', 'p.test2': 3n, 'p.n.a': 'x' }],
  ])('%s', (statement, expected) => {
    expect(edited(statement, sample())).toEqual(expected);
  });

  it('cuts inside no character unless told to', () => {
    expect(edited('truncate_all(cache["m"], 2)', map({ a: 'aü' }))).toEqual({ a: 'a' });
    expect(edited('truncate_all(cache["m"], 2, false)', map({ a: 'aü' }))).toEqual({ a: 'a\udcc3' });
  });

  it('flattens lists as the Collector does', () => {
    const nested = map({ a: [1n, map({ b: 'x' }), [2n]], c: map({ d: map({ e: 1n }) }) });
    expect(edited('flatten(cache["m"])', nested)).toEqual({ 'a.0': 1n, 'a.1.b': 'x', 'a.20': 2n, 'c.d.e': 1n });
    expect(edited('flatten(cache["m"], depth=1)', map({ c: map({ d: map({ e: 1n }) }) }))).toEqual({
      'c.d': { e: 1n },
    });
    const conflicting = map({ a: map({ b: 1n }), 'a.b': 2n, l: ['x', 'y'] });
    const resolved = { 'a.b': 1n, 'a.b.0': 2n, l: 'x', 'l.0': 'y' };
    expect(edited('flatten(cache["m"], resolve_conflicts=true)', conflicting)).toEqual(resolved);
  });

  it.each([
    'limit(cache["m"], -1, [])',
    'limit(cache["m"], 1, ["a", "b"])',
    'merge_maps(cache["m"], {}, "other")',
    'flatten(cache["m"], "", 0)',
    'delete_matching_keys(cache["m"], "(")',
    'replace_all_patterns(cache["m"], "both", "a", "b")',
  ])('%s is refused when it is compiled', (statement) => {
    expect(() => edited(statement, map({}))).toThrow();
  });
});

describe('editors of texts', () => {
  it.each([
    ['replace_pattern(cache["m"], "o", "0")', 'hell0 w0rld'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a group as Go spells it
    ['replace_pattern(cache["m"], "(\\\\w+) (\\\\w+)", "$2 ${1}x $$ $3 $1x")', 'world hellox $  '],
    ['replace_pattern(cache["m"], "(?P<first>h)", "<$first>")', '<h>ello world'],
    ['replace_pattern(cache["m"], "x*", "-")', '-h-e-l-l-o- -w-o-r-l-d-'],
    ['replace_pattern(cache["m"], "world", "a", Concat)', 'error'],
    ['replace_pattern(cache["m"], "(w)orld", "$1", SHA1)', 'hello aff024fe4ab0fece4091de044c58c9ae4233383a'],
    ['replace_pattern(cache["m"], "world", "x", SHA1, "<%s>")', 'hello <11f6ad8ec52a2984abaafd7c3b516503785c2072>'],
    ['replace_pattern(cache["m"], "world", "x", SHA1, "%d")', 'error'],
    ['replace_match(cache["m"], "hello*", "x")', 'x'],
    ['replace_match(cache["m"], "hello", "x")', 'hello world'],
    ['replace_match(cache["m"], "{bye,hell?} [a-z]*", "x")', 'x'],
    ['replace_match(cache["m"], "[!h]*", "x")', 'hello world'],
  ])('%s', (statement, expected) => {
    const result = edited(statement, 'hello world');
    if (expected === 'error') expect(result).toMatch(/^error: /);
    else expect(result).toBe(expected);
  });

  it('work on the values or the keys of a map', () => {
    const values = (): Map<string, Value> => map({ ab: 'ab', b: 1n });
    expect(edited('replace_all_patterns(cache["m"], "value", "b", "c")', values())).toEqual({ ab: 'ac', b: 1n });
    expect(edited('replace_all_patterns(cache["m"], "key", "^a", "x")', values())).toEqual({ xb: 'ab', b: 1n });
    expect(edited('replace_all_matches(cache["m"], "a*", "x")', values())).toEqual({ ab: 'x', b: 1n });
  });

  it('stop before a text grows out of bounds', () => {
    const long = 'a'.repeat(100_000);
    expect(edited(`replace_pattern(cache["m"], "a", "${'b'.repeat(100)}")`, long)).toMatch(/^error: .*longer than/);
  });
});

describe('editors of lists', () => {
  it.each([
    ['append(cache["m"], "c")', ['a', 'b', 'c']],
    ['append(cache["m"], values=[1, 2.5])', ['a', 'b', 1n, 2.5]],
    ['append(cache["m"], cache["m"])', 'error'],
    ['delete_index(cache["m"], 0)', ['b']],
    ['delete_index(cache["m"], 0, 2)', []],
    ['delete_index(cache["m"], 1, 1)', ['a', 'b']],
    ['delete_index(cache["m"], 2)', 'error'],
    ['delete_index(cache["m"], 1, 0)', 'error'],
  ])('%s', (statement, expected) => {
    const result = edited(statement, ['a', 'b']);
    if (expected === 'error') expect(result).toMatch(/^error: /);
    else expect(result).toEqual(expected);
  });

  it('append makes a list of what is none', () => {
    expect(edited('append(cache["m"], "b")', 'a')).toEqual(['a', 'b']);
  });
});
