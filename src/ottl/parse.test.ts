import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionArbitrary, statementArbitrary } from '../../test/testkit/ottl-syntax.ts';
import { MAX_STATEMENT_LENGTH, MAX_STATEMENT_NESTING } from './limits.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { printCondition, printStatement } from './print.ts';

/** The same without its ranges. */
function plain(ast: unknown): unknown {
  return JSON.parse(
    JSON.stringify(ast, (key, value) => {
      if (key === 'start' || key === 'end' || key === 'nameRange') return undefined;
      if (typeof value === 'bigint') return `${value}n`;
      return value instanceof Uint8Array ? [...value] : value;
    }),
  );
}

/** The first problem, as its code, what the caret stands under, and its message. */
function problemOf(text: string, parse: typeof parseCondition | typeof parseStatement = parseCondition): string {
  const { problems } = parse(text);
  const [first] = problems ?? [];
  return first === undefined ? '' : `${first.code} ‹${text.slice(first.start, first.end)}› ${first.message}`;
}

describe('conditions', () => {
  it.each([
    ['span.name == "x"'],
    ['span.name=="x"'],
    ['not span.name == "x"'],
    ['a.b == 1 or a.c == 2 and not (a.d == 3)'],
    ['(a.b + 1) * 2 >= 3.5e-1'],
    ['((a.b == 1))'],
    ['((a.b)) == 1'],
    ['(IsMatch(a.b, "x"))'],
    ['(true) or false'],
    ['true == false'],
    ['-a.b < -1'],
    ['a.b[0]["k"].c == nil'],
    ['a.b[Len(a.c) - 1] == 0xff00'],
    ['a.b[a.c["k"]] == [1, "a", true, nil, [], {}]'],
    ['a.b == {"a": 1 "b": {"c": [2]},}'],
    ['a.b == [1 2, 3]'],
    ['ParseJSON(a.b)["k"][0] == SPAN_KIND_SERVER'],
    ['Foo(bar = 1, baz = SHA256, q = Murmur3Hash)'],
    ['5. == .5'],
    ['a == 1'],
    ['android == 1 and orange == 2 and notice == 3 and nilly == 4'],
    ['a.b\n== "two\nlines"\tor\ra.c == 1'],
  ])('takes %s', (text) => {
    const { ast } = parseCondition(text) as { ast?: ReturnType<typeof parseCondition>['problems'] };
    expect(problemOf(text)).toBe('');
    expect(ast).toBeDefined();
  });

  it.each([
    ['', 'SL0202 ‹› the condition is empty'],
    ['span.name', 'SL0202 ‹span.name› expected a comparison, found the end'],
    ['span.name = "x"', 'SL0202 ‹=› expected a comparison, found an assignment'],
    ['a == 1 && b == 2', 'SL0202 ‹&&› `&&` is not OTTL'],
    ['a == 1 || !b', 'SL0202 ‹||› `||` is not OTTL'],
    ["a == 'x'", "SL0202 ‹'x'› `'x'` is not OTTL"],
    ['a == "x', 'SL0204 ‹"x› unterminated string'],
    ['a == "\\d+"', 'SL0204 ‹\\d› `\\d` is no escape of OTTL'],
    ['a == "\\ud800"', 'SL0204 ‹\\u› `\\u` must be followed by 4 hexadecimal digits of a character'],
    ['a == 1 == 2', "SL0202 ‹==› a comparison can't be compared"],
    ['(a == 1) == true', "SL0202 ‹==› a condition can't be compared"],
    ['not not a == 1', 'SL0202 ‹not› `not` stands once'],
    ['a == "b" + "c"', 'SL0202 ‹"b" +› `+` computes with numbers, times and durations, not with text'],
    ['("a") == "a"', 'SL0202 ‹("a")› parentheses stand around conditions and computations only'],
    ['a[1+2] == 3', 'SL0202 ‹+› expected `]` after the key, found `+`'],
    ['a.traceId == 1', 'SL0202 ‹traceId› `traceId` is no name of a field'],
    ['a == 9223372036854775808', 'SL0204 ‹9223372036854775808› this number is too large'],
    ['a == 08', 'SL0204 ‹08› `08` is no number: one that begins with 0 is octal'],
    ['a == 0xabc', 'SL0204 ‹0xabc› bytes need an even number of hexadecimal digits'],
    ['(a == 1', 'SL0202 ‹1› expected `and`, `or` or `)`, found the end'],
    ['a == 1 AND b == 2', 'SL0202 ‹AND› expected `and`, `or` or the end, found `AND`'],
    ['a == 1 where b == 2', 'SL0202 ‹where› expected `and`, `or` or the end, found `where`'],
    ['Foo(1 2)', 'SL0202 ‹2› expected `,` or `)` after an argument, found `2`'],
    ['a == {1: 2}', 'SL0202 ‹1› expected a key in double quotes or `}`, found `1`'],
    ['a == TraceID', 'SL0202 ‹TraceID› expected a value, found `TraceID`'],
    ['a == §', 'SL0202 ‹§› `§` is not OTTL'],
  ])('points at what is wrong in %s', (text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  it('tells everything that is no OTTL at once', () => {
    const { problems } = parseCondition("a == 'x' && !b");
    expect(problems?.map(({ help }) => help)).toEqual(['strings stand in double quotes', 'write `and`', 'write `not`']);
  });
});

describe('statements', () => {
  it.each([
    ['set(span.name, "x")'],
    ['set(span.name, "x") where span.kind == 2'],
    ['delete_key(a.b, "k")where true'],
    ['limit(a.b, 10, [])'],
    ['no_arguments()'],
    ['where(a.b)'],
  ])('takes %s', (text) => {
    expect(problemOf(text, parseStatement)).toBe('');
  });

  it.each([
    ['span.name == "x"', 'SL0202 ‹span› expected an editor such as `set(…)`, found `span`'],
    ['set(span.name, "x") when true', 'SL0202 ‹when› expected `where` or the end, found `when`'],
    ['set(span.name, "x"', 'SL0202 ‹"› expected `,` or `)` after an argument, found the end'],
    ['set(span.name, "x") where', 'SL0202 ‹e› expected a value, found the end'],
    ['"x"', 'SL0202 ‹"x"› expected an editor such as `set(…)`, found "x"'],
  ])('points at what is wrong in %s', (text, expected) => {
    expect(problemOf(text, parseStatement)).toBe(expected);
  });
});

describe('literals', () => {
  const literal = (text: string) => {
    const { ast } = parseCondition(`a == ${text}`) as { ast?: { right: { value: unknown } } };
    return ast?.right.value;
  };

  it.each([
    ['010', 8n],
    ['0', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['1.', 1],
    ['.5', 0.5],
    ['1.e3', 1000],
    ['0x00fF', new Uint8Array([0, 255])],
    ['"a\\n\\t\\"\\\\"', 'a\n\t"\\'],
    ['"\\x41\\101\\u00e4\\U0001F600"', 'AAä😀'],
    ['"\\xff"', 'ÿ'],
    ['"$${x}"', '$${x}'],
  ])('reads %s', (text, value) => {
    expect(literal(text)).toEqual(value);
  });
});

describe('what is printed', () => {
  it('means the same', () => {
    fc.assert(
      fc.property(statementArbitrary, (statement) => {
        const { ast } = parseStatement(printStatement(statement)) as { ast?: unknown };
        expect(plain(ast)).toEqual(plain(statement));
      }),
    );
    fc.assert(
      fc.property(conditionArbitrary, (condition) => {
        const { ast } = parseCondition(printCondition(condition)) as { ast?: unknown };
        expect(plain(ast)).toEqual(plain(condition));
      }),
    );
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('(', ')', '[', ']', '{', '}', '"', '\\', ',', ':', '.', '=', '==', 'not ', ' and ', ' or ', 'nil'),
    fc.constantFrom(
      'set(',
      ' where ',
      'span.name',
      'IsMatch(',
      '-',
      '+',
      '*',
      '1',
      '0x',
      '1.5',
      'KIND',
      'true',
      "'",
      '&&',
    ),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('is read or refused with ranges within it, never with an exception', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const { problems = [] } of [parseCondition(source), parseStatement(source)]) {
          for (const { start, end } of problems) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(start);
            expect(end).toBeLessThanOrEqual(source.length);
            if (source !== '') expect(end).toBeGreaterThan(start);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bounds', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}a.b == 1${')'.repeat(depth)}`;

  it.each([
    ['a megabyte', `a == "${'x'.repeat(1_000_000)}"`, 'the condition has'],
    ['100,000 parentheses', nested(100_000), 'the condition has'],
    ['30,000 parentheses', nested(30_000), `nested more than ${MAX_STATEMENT_NESTING} deep`],
    ['30,000 brackets', `a == ${'['.repeat(30_000)}`, `nested more than ${MAX_STATEMENT_NESTING} deep`],
    ['10,000 calls', 'Int('.repeat(10_000), `nested more than ${MAX_STATEMENT_NESTING} deep`],
    ['10,000 maps', 'a == '.concat('{"a":'.repeat(10_000)), `nested more than ${MAX_STATEMENT_NESTING} deep`],
    ['10,000 keys', 'a['.repeat(10_000), `nested more than ${MAX_STATEMENT_NESTING} deep`],
    ['a list of a million', `a == [${'1,'.repeat(1_000_000)}1]`, 'the condition has'],
    ['60,000 unknown signs', '§'.repeat(60_000), '`§` is not OTTL'],
    ['60,000 quotes', '"'.repeat(60_001), 'unterminated string'],
    ['60,000 backslashes', `"${'\\'.repeat(60_001)}`, 'unterminated string'],
  ])('%s', (_, text, message) => {
    const begun = performance.now();
    expect(parseCondition(text).problems?.[0]?.message).toContain(message);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('what stands within them is taken', () => {
    expect(problemOf(nested(MAX_STATEMENT_NESTING))).toBe('');
    const long = `a == [${'1,'.repeat(MAX_STATEMENT_LENGTH / 2 - 10)}1]`;
    expect(problemOf(long)).toBe('');
    expect(problemOf(`a == 1${' + 1'.repeat(15_000)}`)).toBe('');
    expect(problemOf(`a == 1${' or b == 2'.repeat(6000)}`)).toBe('');
  });
});
