import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statementArbitrary } from '../../test/testkit/ottl-syntax.ts';
import type { Signal } from '../pdata/index.ts';
import { checkGroup } from './check.ts';
import type { Group } from './group.ts';
import { printStatement } from './print.ts';
import { FUNCTIONS } from './registry.ts';

const EMPTY = { conditions: [], statements: [] };

/** The context, or each problem with what the caret stands under. */
function check(group: Group): string {
  const { context, problems } = checkGroup(group);
  if (problems.length === 0) return context ?? 'nothing';
  return problems
    .map((problem) => {
      const text = group[problem.in][problem.index]!;
      return `${problem.code} ‹${text.slice(problem.start, problem.end)}› ${problem.message}`;
    })
    .join('\n');
}

function checkStatement(text: string, signal: Signal = 'traces'): string {
  return check({ signal, for: 'transform', conditions: [], statements: [text] });
}

function checkCondition(text: string, signal: Signal = 'traces'): string {
  return check({ signal, for: 'filter', conditions: [text], statements: [] });
}

describe('the context', () => {
  it.each<[string, Signal, string]>([
    ['set(resource.attributes["a"], 1)', 'traces', 'resource'],
    ['set(scope.name, "a")', 'traces', 'scope'],
    ['set(resource.attributes["a"], span.name)', 'traces', 'span'],
    ['set(span.attributes["a"], spanevent.name)', 'traces', 'spanevent'],
    ['set(instrumentation_scope.name, span.name)', 'traces', 'span'],
    ['set(resource.attributes["a"], 1) where span.name == "x"', 'traces', 'span'],
    ['set(resource.attributes[span.name], 1)', 'traces', 'span'],
    ['set(resource.attributes["a"], SPAN_KIND_SERVER)', 'traces', 'spanevent'],
    ['set(metric.name, "a")', 'metrics', 'metric'],
    ['set(datapoint.attributes["a"], metric.name)', 'metrics', 'datapoint'],
    ['set(log.body, "a")', 'logs', 'log'],
  ])('of %s is inferred', (text, signal, context) => {
    expect(checkStatement(text, signal)).toBe(context);
  });

  it('has every function and symbol that is used, or there is none', () => {
    expect(checkStatement('convert_sum_to_gauge() where datapoint.attributes["a"] == 1', 'metrics')).toBe(
      'SL0212 ‹convert_sum_to_gauge› no context has all paths of this entry and `convert_sum_to_gauge`',
    );
    expect(checkStatement('replace_pattern(span.name, "a", "b", SHA256)')).toContain('SL0212 ‹SHA256›');
    expect(checkStatement('replace_pattern(span.name, "a", "b", Murmur3Hash)')).toBe('span');
  });

  it('is inferred from statements and conditions together', () => {
    const statements = ['set(resource.attributes["a"], "b")'];
    expect(check({ signal: 'traces', for: 'transform', conditions: ['span.name == "x"'], statements })).toBe('span');
  });

  it('is the one given, to which paths without a context belong', () => {
    const group = { signal: 'traces', for: 'transform', context: 'span', ...EMPTY } as const;
    expect(check({ ...group, statements: ['set(name, resource.attributes["a"]) where status.code == 1'] })).toBe(
      'span',
    );
    expect(check({ ...group, statements: ['set(spanevent.name, "x")'] })).toContain('SL0205 ‹spanevent›');
  });

  it.each([
    ['IsMatch("a", "b")', 'SL0212 ‹IsMatch("a", "b")› nothing says what this runs on'],
    [
      'instrumentation_scope.name == "x"',
      'SL0212 ‹instrumentation_scope.name› `instrumentation_scope` alone names no context',
    ],
    ['name == "x"', 'SL0203 ‹name› path `name` has no context'],
    ['spam.name == "x"', 'SL0203 ‹spam› `spam` is no context'],
    ['status.code == 1', 'SL0203 ‹status.code› path `status.code` has no context'],
    ['span.name == "x" or name == "y"', 'SL0203 ‹name› path `name` has no context'],
    ['log.body == "x"', "SL0211 ‹log› `log` can't be reached from a span"],
  ])('of %s is missing', (text, expected) => {
    expect(checkCondition(text)).toBe(expected);
  });

  it('of nothing is the one that the signal is counted in', () => {
    expect(check({ signal: 'metrics', for: 'filter', ...EMPTY })).toBe('datapoint');
  });
});

describe('problems', () => {
  it.each([
    ['isMatch(span.name, "x")', 'SL0201 ‹isMatch› unknown OTTL function `isMatch`'],
    ['span.nme == "x"', 'SL0205 ‹nme› `span.nme` has no such field'],
    ['span.kind == SERVER', 'SL0206 ‹SERVER› unknown symbol `SERVER`'],
    ['IsMatch(span.name)', 'SL0207 ‹IsMatch(span.name)› `IsMatch` takes 2 arguments; `pattern` is missing'],
    ['IsMatch(span.name, "x", 1)', 'SL0207 ‹1› `IsMatch` takes 2 arguments, found 3'],
    ['IsMatch(target=span.name, "x")', 'SL0207 ‹"x"› an argument without a name stands behind one with a name'],
    [
      'IsMatch(target=span.name, patern="x")',
      'SL0207 ‹patern="x"› `IsMatch` has no parameter `patern`; did you mean `pattern`?',
    ],
    ['IsMatch(target=span.name, target="x")', 'SL0207 ‹target="x"› `target` is given twice'],
    ['IsMatch(span.name, 1)', 'SL0208 ‹1› `pattern` of `IsMatch`: expected a string, found int'],
    ['IsMatch(span.name, nil)', 'SL0208 ‹nil› `pattern` of `IsMatch`: expected a string, found nil'],
    ['span.name == Concat("a", "b")', 'SL0208 ‹"a"› `vals` of `Concat` must be a list'],
    ['span.name == UserAgent(span.name)', 'SL0214 ‹UserAgent› the Collector has `UserAgent`, the engine does not yet'],
    ['set(span.name, "x") == 1', 'SL0210 ‹set› `set` changes something and yields no value'],
    [
      'Foo(span.nme, Bar(1)) == 1',
      'SL0201 ‹Foo› unknown OTTL function `Foo`\nSL0205 ‹nme› `span.nme` has no such field\nSL0201 ‹Bar› unknown OTTL function `Bar`',
    ],
  ])('of the condition %s', (text, expected) => {
    expect(checkCondition(text)).toBe(expected);
  });

  it.each([
    ['IsMatch(span.name, "x")', 'SL0210 ‹IsMatch› `IsMatch` yields a value and changes nothing'],
    ['set(span.attributes, 1)[0]', 'SL0210 ‹0› an editor yields no value, so there is nothing to index'],
    ['set("x", 1)', 'SL0208 ‹"x"› `target` of `set` must be a path'],
    ['keep_keys(span.attributes, "a")', 'SL0208 ‹"a"› `keys` of `keep_keys` must be a list'],
    ['keep_keys(span.attributes, ["a", 1])', 'SL0208 ‹1› `keys` of `keep_keys`: expected a string, found int'],
    ['limit(span.attributes, "many", [])', 'SL0208 ‹"many"› `limit` of `limit` must be a written whole number'],
    ['replace_pattern(span.name, "a", "b", Nope)', 'SL0201 ‹Nope› unknown OTTL function `Nope`'],
    ['set(span.name, Nope)', 'SL0208 ‹Nope› `Nope` is the name of a function, not a value'],
    [
      'set(span.name, ParseJSON("{}")[span.kind])',
      'SL0208 ‹span.kind› the result of a converter is indexed with text or a whole number',
    ],
  ])('of the statement %s', (text, expected) => {
    expect(checkStatement(text)).toBe(expected);
  });

  it('name the text they are in, all of them', () => {
    const { problems } = checkGroup({
      signal: 'traces',
      for: 'transform',
      conditions: ['span.name == "x"', 'span.name ='],
      statements: ['set(span.nme, 1)', 'set(span.name, "x")', 'st(span.name, "x")'],
    });
    expect(problems.map(({ code, in: part, index }) => `${code} ${part} ${index}`)).toEqual([
      'SL0202 conditions 1',
      'SL0205 statements 0',
      'SL0201 statements 2',
    ]);
  });

  it('of any statement lie within it', () => {
    fc.assert(
      fc.property(statementArbitrary, fc.constantFrom(...FUNCTIONS), (statement, { name }) => {
        const text = printStatement({ ...statement, editor: { ...statement.editor, name } });
        const { problems } = checkGroup({ signal: 'traces', for: 'transform', conditions: [], statements: [text] });
        for (const { start, end } of problems) expect(0 <= start && start < end && end <= text.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('are found in 10,000 statements in bounded time', () => {
    const statements = Array.from(
      { length: 10_000 },
      (_, i) => `set(span.attributes["k${i}"], ${i}) where span.nme == "x"`,
    );
    const begun = performance.now();
    expect(checkGroup({ signal: 'traces', for: 'transform', conditions: [], statements }).problems).toHaveLength(
      10_000,
    );
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('help', () => {
  it('offers every context of the signal, whatever the others of the entry name', () => {
    const statements = ['delete_key(resource.attributes, "foo")', 'set(attributes["a"], 1)', 'set(name, "x")'];
    const { problems } = checkGroup({ signal: 'traces', for: 'transform', conditions: [], statements });
    expect(problems.map(({ help }) => help)).toEqual([
      'write `span.attributes["a"]`, `scope.attributes["a"]` or `resource.attributes["a"]`',
      'write `span.name` or `scope.name`',
    ]);
  });

  const helpOf = (text: string) =>
    checkGroup({ signal: 'traces', for: 'filter', ...EMPTY, conditions: [text] }).problems[0]?.help;

  it.each([
    ['isMatch(span.name, "x")', 'function names are case-sensitive; did you mean `IsMatch`?'],
    ['attributes["a"] == 1', 'write `span.attributes["a"]`, `scope.attributes["a"]` or `resource.attributes["a"]`'],
    ['spam.name == "x"', 'did you mean `span.name`?'],
    ['span.nme == "x"', 'did you mean `name`?'],
    ['span.kind == SERVER', 'did you mean `SPAN_KIND_SERVER`?'],
    ['IsMatch(span.name)', 'it is `IsMatch(target, pattern)`'],
    ['span.name = "x"', 'to compare, write `==`'],
  ])('for %s', (text, help) => {
    expect(helpOf(text)).toBe(help);
  });
});

describe('the help for what other languages write', () => {
  const help = (text: string, inside: 'statements' | 'conditions' = 'statements') => {
    const texts = { ...EMPTY, [inside]: [text] };
    const group: Group = { signal: 'traces', for: inside === 'statements' ? 'transform' : 'filter', ...texts };
    return checkGroup(group).problems[0]?.help;
  };

  it.each([
    ['set(resource.attributes.service.name, "x")', 'write `resource.attributes["service.name"]`'],
    ['set(span.attributes.foo, "x")', 'write `span.attributes["foo"]`'],
    ['span.attributes["x"] = "y"', 'write `set(span.attributes["x"], "y")`'],
    ['span.attributes["a=b"] = "y" where span.name == "x"', 'write `set(span.attributes["a=b"], …)`'],
    ['set(span.attributes["a"], b)', 'text stands in double quotes, `"b"`; a path begins with'],
    ['set(span.attributes[a], "b")', 'text stands in double quotes, `"a"`; a path begins with'],
    ['set(span.name, "a") where span.attributes["b"] != null', 'write `nil` for what is not there; a path'],
    ['set(span.name.x, "a")', undefined],
    ['set(span.attributes["a"], span.duration)', '`end_time`'],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(help(text)).toBeUndefined();
    else expect(help(text)).toContain(expected);
  });

  it.each([
    ['span.name =~ "x"', 'IsMatch(…, "…")'],
    ['span.name contains "x"', 'IsMatch(…, "…")'],
    ['span.name startsWith "x"', 'HasPrefix(…, "…")'],
    ['span.name constructor "x"', undefined],
    ['span.attributes["a"] == "b"', undefined],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(help(text, 'conditions')).toBeUndefined();
    else expect(help(text, 'conditions')).toContain(expected);
  });
});
