import { describe, expect, it } from 'vitest';
import { isEqual } from './compare.ts';
import { compileCondition, compileGroup, compileStatement } from './compile.ts';
import { EvaluationError, type FunctionEnvironment } from './function.ts';
import type { Row } from './row.ts';
import { rowOf } from './rows/index.ts';
import type { MapValue, Value } from './value.ts';

const ENVIRONMENT: FunctionEnvironment = {
  now: () => 1_700_000_000_000_000_000n,
  hash: () => new Uint8Array(32),
  randomBytes: (count) => new Uint8Array(count),
};

function spanRow(): Row {
  return rowOf('span', {
    resource: { attributes: { 'service.name': 'shop' } },
    span: {
      name: 'GET /x',
      kind: 2,
      startTimeUnixNano: 1_000n,
      endTimeUnixNano: 3_000n,
      traceId: new Uint8Array(16).fill(7),
      attributes: {
        text: 'GET /x',
        int: 42n,
        double: 1.5,
        bool: true,
        bytes: new Uint8Array([1, 2]),
        map: { k: 'v', n: 3n },
        list: ['a', 2n],
        zero: 0n,
        key: 'text',
      },
    },
  });
}

function test(condition: string): boolean | string {
  try {
    return compileCondition(condition, 'span', ENVIRONMENT).test(spanRow());
  } catch (failure) {
    if (failure instanceof EvaluationError) return failure.message;
    throw failure;
  }
}

/** What a value expression yields, read back as an attribute. */
function evaluate(expression: string): Value {
  const row = spanRow();
  compileStatement(`set(cache["out"], ${expression})`, 'span', ENVIRONMENT).run(row);
  return row.cache.get('out');
}

describe('a condition', () => {
  it.each([
    ['name == "GET /x"', true],
    ['name != "GET /x"', false],
    ['span.name == "GET /x"', true],
    ['"GET /x" == name', true],
    ['attributes["text"] == name', true],
    ['attributes["none"] == nil', true],
    ['attributes["none"] != "x"', true],
    ['attributes["none"] == ""', false],
    ['attributes["int"] == 42', true],
    ['attributes["int"] == 42.0', true],
    ['attributes["int"] == "42"', false],
    ['attributes["double"] < 2', true],
    ['attributes["int"] >= 42.5', false],
    ['attributes["bool"] == true', true],
    ['attributes["bytes"] == 0x0102', true],
    ['attributes["map"] == {"n": 3, "k": "v"}', true],
    ['attributes["list"] == ["a", 2]', true],
    ['attributes["list"][1] == 2', true],
    ['attributes["map"]["k"] == "v"', true],
    ['attributes[attributes["key"]] == "GET /x"', true],
    ['attributes["list"][attributes["int"] - 41] == 2', true],
    ['kind == SPAN_KIND_SERVER', true],
    ['kind == STATUS_CODE_ERROR', true],
    ['end_time - start_time == Duration("2us")', true],
    ['end_time_unix_nano - start_time_unix_nano > 1999', true],
    ['resource.attributes["service.name"] == "shop"', true],
    ['IsMatch(name, "^GET")', true],
    ['not IsMatch(name, "^GET") or kind == 2', true],
    ['true and not false', true],
    ['name == "x" or name == "y" or kind == 2', true],
    ['kind == 2 and name == "GET /x" and attributes["int"] > 41', true],
    ['name == "x" and kind / 0 == 1', false],
    ['kind == 2 or kind / 0 == 1', true],
    ['kind / 0 == 1 and false', false],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 3 - 2 == 5', true],
    ['-attributes["int"] == -42', true],
    ['7 / 2 == 3', true],
    ['7 / 2.0 == 3.5', true],
    ['9223372036854775807 + 1 < 0', true],
    ['Len(attributes["list"]) == 2', true],
    ['ParseJSON("{\\"a\\":[1,2]}")["a"][1] == 2', true],
    ['attributes["int"] / attributes["zero"] == 1', 'division by 0'],
    ['attributes["none"] + 1 == 1', "`+` can't compute with nil and int"],
    ['-name == 1', '`-` takes an int or a double, not string'],
    ['Len(name)', 'Len gave int where a condition needs a bool'],
    ['ParseJSON("{}")["a"] == 1', 'the map has no key "a"'],
    [
      '{"a": attributes["list"]} == nil',
      'a list can only be put into another or a map where it is written out, as in [a, b]',
    ],
    ['{"a": start_time} == nil', "time can't be put into a list or map"],
    ['{"a": [attributes["map"], 1]} == nil', false],
    ['ContainsValue([name, "x"], "x")', true],
    ['ContainsValue([attributes["map"], "x"], "x")', "a map can't stand in this list"],
    ['Split("a,b", ",")[2] == "c"', 'index 2 of 2 is out of bounds'],
    ['Len(name)["a"] == 1', 'int has no keys, so no "a"'],
    ['IsMatch(attributes["none"], "x")', false],
  ])('%s', (condition, result) => {
    expect(test(condition)).toBe(result);
  });

  it('of 15,000 terms does not nest 15,000 calls', () => {
    expect(test(`kind == 2${' + 0'.repeat(15_000)}`)).toBe(true);
    expect(test(`name == "x"${' or kind == 3'.repeat(4_500)} or kind == 2`)).toBe(true);
  });
});

describe('a value', () => {
  it.each<[string, Value]>([
    ['nil', undefined],
    ['"a"', 'a'],
    ['1', 1n],
    ['-1', -1n],
    ['+1', 1n],
    ['1.0', 1],
    ['[1, ["a", name], nil]', [1n, ['a', 'GET /x'], undefined]],
    [
      '{"a": 1, "b": {"c": name}, "a": 2}',
      new Map<string, Value>([
        ['a', 2n],
        ['b', new Map([['c', 'GET /x']])],
      ]),
    ],
    ['Concat(["a", 1, 2.5, nil, attributes["map"]], "|")', 'a|1|2.5|<nil>|{"k":"v","n":3}'],
    ['SPAN_KIND_SERVER', 2n],
  ])('%s', (expression, value) => {
    expect(isEqual(evaluate(expression), value)).toBe(true);
  });

  it('of a literal map or list is every row’s own', () => {
    const statement = compileStatement('set(cache["out"], {"a": []})', 'span', ENVIRONMENT);
    const [one, other] = [spanRow(), spanRow()];
    statement.run(one);
    (one.cache.get('out') as MapValue).set('b', 1n);
    statement.run(other);
    expect(isEqual(other.cache.get('out'), new Map([['a', []]]))).toBe(true);
  });
});

describe('a statement', () => {
  it('runs where its condition holds, and says whether it did', () => {
    const row = spanRow();
    expect(compileStatement('set(name, "x") where kind == 3', 'span', ENVIRONMENT).run(row)).toBe(false);
    expect(compileCondition('name == "GET /x"', 'span', ENVIRONMENT).test(row)).toBe(true);
    expect(compileStatement('set(name, "x") where kind == 2', 'span', ENVIRONMENT).run(row)).toBe(true);
    expect(compileCondition('name == "x"', 'span', ENVIRONMENT).test(row)).toBe(true);
  });

  it('takes arguments by name', () => {
    const row = spanRow();
    compileStatement('set(value = "x", target = span.name)', 'span', ENVIRONMENT).run(row);
    expect(compileCondition('name == "x"', 'span', ENVIRONMENT).test(row)).toBe(true);
  });

  it('takes functions, and optional arguments by either spelling of their name', () => {
    const row = spanRow();
    const text = 'replace_pattern(name, "G(E)T", "$1", function = ToLowerCase, replacementFormat = "<%s>")';
    compileStatement(text, 'span', ENVIRONMENT).run(row);
    expect(compileCondition('name == "<e> /x"', 'span', ENVIRONMENT).test(row)).toBe(true);
  });
});

describe('a group', () => {
  it('is compiled for the context that is inferred', () => {
    const { context, conditions, statements } = compileGroup(
      {
        signal: 'traces',
        for: 'transform',
        conditions: ['span.kind == SPAN_KIND_SERVER'],
        statements: ['set(resource.attributes["a"], "b")', 'set(span.name, "x")'],
      },
      ENVIRONMENT,
    );
    expect(context).toBe('span');
    expect(conditions[0]!.test(spanRow())).toBe(true);
    expect(statements.map(({ text }) => text)).toEqual(['set(resource.attributes["a"], "b")', 'set(span.name, "x")']);
  });

  it('with errors is not compiled', () => {
    const group = { signal: 'traces', for: 'filter', conditions: ['span.nme == "x"'], statements: [] } as const;
    expect(() => compileGroup(group, ENVIRONMENT)).toThrow('has no such field');
  });
});
