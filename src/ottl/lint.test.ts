import { describe, expect, it } from 'vitest';
import type { Group } from './group.ts';
import { lintGroups } from './lint.ts';

const transform = (...statements: string[]): Group => ({
  signal: 'traces',
  for: 'transform',
  conditions: [],
  statements,
});
const filter = (...conditions: string[]): Group => ({ signal: 'traces', for: 'filter', conditions, statements: [] });

/** Each lint with what the caret stands under, and the statement that is to blame. */
function lint(...groups: Group[]): readonly string[] {
  return lintGroups(groups).map(({ code, start, end, related, ...at }) => {
    const text = groups[at.group]![at.in][at.index]!.slice(start, end);
    const blamed = related === undefined ? '' : ` because of ${groups[related.group]![related.in][related.index]}`;
    return `${code} ${text}${blamed}`;
  });
}

describe('a condition', () => {
  it.each([
    ['span.kind == "server"', 'SL0221 span.kind == "server"'],
    ['span.kind > "server"', 'SL0221 span.kind > "server"'],
    ['span.trace_id == "0102"', 'SL0221 span.trace_id == "0102"'],
    ['span.name == nil', 'SL0221 span.name == nil'],
    ['IsMatch(span.name, "x") == "true"', 'SL0221 IsMatch(span.name, "x") == "true"'],
    ['span.kind == 2 and "a" == "b"', 'SL0221 "a" == "b"'],
    ['span.name == "a" and span.name == "b"', 'SL0221 span.name == "b"'],
    ['span.attributes["a"] == nil and span.attributes["a"] == "b"', 'SL0221 span.attributes["a"] == "b"'],
    ['span.kind != "server"', 'SL0222 span.kind != "server"'],
    ['span.name != "a" or span.name != "b"', 'SL0222 span.name != "b"'],
    ['true', 'SL0222 true'],
  ])('is decided by its text: %s', (condition, expected) => {
    expect(lint(filter(condition))).toEqual([expected]);
  });

  it.each([
    ['span.kind == SPAN_KIND_SERVER'],
    ['span.attributes["a"] == "x" or span.attributes["a"] == "y"'],
    ['span.attributes["a"] == 1 and span.attributes["a"] == 1.0'],
    ['span.attributes["a"] != "x" and span.attributes["a"] != "y"'],
    ['span.attributes["a"] == nil'],
    ['span.name == "a" and resource.attributes["a"] == "b"'],
    ['Len(span.name) == 2.5'],
    ['UUID() == "a" and UUID() == "b"'],
  ])('depends on the data: %s', (condition) => {
    expect(lint(filter(condition))).toEqual([]);
  });

  it('of a statement is looked at, too', () => {
    expect(lint(transform('set(span.name, "x") where span.status.code == "OK"'))).toEqual([
      'SL0221 span.status.code == "OK"',
    ]);
  });
});

describe('an argument', () => {
  it.each([
    ['set(span.name, ToUpperCase(span.kind))', 'SL0224 span.kind'],
    ['set(span.name, ParseJSON(target = Len(span.name)))', 'SL0224 Len(span.name)'],
    ['merge_maps(span.attributes, span.name, "upsert")', 'SL0224 span.name'],
    ['set(span.status.code, "ERROR")', 'SL0224 "ERROR"'],
    ['set(span.kind, 1.0)', 'SL0224 1.0'],
    ['set(span.trace_id, span.trace_id.string)', 'SL0224 span.trace_id.string'],
    ['set(span.name, nil)', 'SL0224 nil'],
    ['set(span.name, Len(span.name))', 'SL0224 Len(span.name)'],
    ['set(span.start_time, span.start_time_unix_nano)', 'SL0224 span.start_time_unix_nano'],
  ])('of a type that always fails is told: %s', (statement, expected) => {
    expect(lint(transform(statement))).toEqual([expected]);
  });

  it.each([
    ['set(span.name, ToUpperCase(span.attributes["kind"]))'],
    ['set(span.name, String(span.kind))'],
    ['set(span.status.code, STATUS_CODE_ERROR)'],
    ['set(span.status.code, 2)'],
    ['set(span.kind.string, "SPAN_KIND_SERVER")'],
    ['set(span.start_time, Now())'],
    ['set(span.start_time_unix_nano, UnixNano(Now()))'],
    ['set(span.attributes["a"], nil)'],
    ['set(span.attributes, {"a": 1})'],
    ['set(span.trace_id, TraceID(0x0102030405060708090a0b0c0d0e0f10))'],
    ['set(span.events, [])'],
    ['set(span.name, Concat([span.kind, span.name], "-"))'],
  ])('that may work is left alone: %s', (statement) => {
    expect(lint(transform(statement))).toEqual([]);
  });
});

describe('a filter', () => {
  const FOO = 'resource.attributes["foo"]';

  it('for what a transform deleted is told, with the statement', () => {
    expect(lint(transform('delete_key(resource.attributes, "foo")'), filter(`${FOO} == "x"`))).toEqual([
      `SL0223 ${FOO} because of delete_key(resource.attributes, "foo")`,
    ]);
  });

  it('is told the new name', () => {
    const renaming = transform(
      'set(resource.attributes["bar"], resource.attributes["foo"])',
      'delete_key(resource.attributes, "foo")',
    );
    const [first] = lintGroups([renaming, filter(`IsMatch(${FOO}, "x")`)]);
    expect(first?.help).toBe('test `resource.attributes["bar"]` instead');
  });

  it.each<[string, Group[]]>([
    ['only in part', [transform('delete_key(resource.attributes, "foo") where span.kind == 2')]],
    ['for some', [{ ...transform('delete_key(resource.attributes, "foo")'), conditions: ['span.kind == 2'] }]],
    ['and put back', [transform('delete_key(resource.attributes, "foo")', `set(${FOO}, "x") where span.kind == 2`)]],
    [
      'and perhaps put back',
      [transform('delete_key(resource.attributes, "foo")', 'merge_maps(resource.attributes, {"foo": 1}, "upsert")')],
    ],
    [
      'with its map set',
      [transform('delete_key(resource.attributes, "foo")', 'set(resource.attributes, {"foo": "x"})')],
    ],
    ['and set within', [transform('delete_key(resource.attributes, "foo")', `set(${FOO}["x"], 1)`)]],
    ['elsewhere', [transform('delete_key(span.attributes, "foo")')]],
    ['under another name', [transform('delete_key(resource.attributes, "fo")')]],
  ])('for what is deleted %s is left alone', (_, transforms) => {
    expect(lint(...transforms, filter(`${FOO} == "x"`))).toEqual([]);
  });

  it('is looked for in 10,000 statements in bounded time', () => {
    const statements = Array.from({ length: 10_000 }, (_, i) =>
      i % 2 === 0 ? `delete_key(span.attributes, "k${i}")` : `set(span.attributes["z${i}"], 1)`,
    );
    const begun = performance.now();
    expect(lint(transform(...statements), filter('span.attributes["k8"] == "x"'))).toHaveLength(1);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
