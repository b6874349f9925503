import { describe, expect, it } from 'vitest';
import { readResources } from '../apis/index.ts';
import type { Issue, SourceSpan } from '../diagnostics/index.ts';
import { type Resolved, resolve } from './resolve.ts';

const HEAD = 'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: a}\n';

function resolved(text: string): Resolved {
  const { resources, issues } = readResources([{ file: 'a.yaml', text }]);
  expect(issues).toEqual([]);
  return resolve(resources[0]!);
}

const rules = (text: string) => `${HEAD}spec:\n  output: {stdout: {}}\n${text}`;

/** What the caret stands under. */
function cut(text: string, { line, column, endLine, endColumn }: SourceSpan): string {
  expect(endLine).toBe(line);
  return text.split('\n')[line - 1]!.slice(column - 1, endColumn - 1);
}

function carets(text: string): readonly string[] {
  return resolved(text).issues.map(({ span }: Issue) => cut(text, span!));
}

describe('rules of a pipeline', () => {
  it('run transforms first, then filters, each with the entry it comes from', () => {
    const text = rules(
      '  filter: [{conditions: [\'span.name == "a"\']}]\n  transform: [{conditions: [\'span.name == "b"\'], statements: [\'set(span.name, "c")\']}]\n',
    );
    expect(resolved(text).graph!.processors).toMatchObject([
      {
        type: 'transform',
        conditions: ['span.name == "b"'],
        statements: ['set(span.name, "c")'],
        source: { field: 'spec.transform[0]' },
      },
      { type: 'filter', conditions: ['span.name == "a"'], source: { field: 'spec.filter[0]' } },
    ]);
  });

  it('leave out what does nothing', () => {
    const text = rules(
      '  transform: [{conditions: [\'span.name == "b"\']}, {statements: []}]\n  filter: [{conditions: []}, {}]\n',
    );
    expect(resolved(text)).toMatchObject({ graph: { processors: [] }, issues: [] });
  });

  it('take a dollar sign as it is, and two of them for one', () => {
    const text = rules('  transform: [{statements: [\'set(span.name, "$$1 $HOME $$$$")\']}]\n');
    expect(resolved(text).graph!.processors).toMatchObject([{ statements: ['set(span.name, "$1 $HOME $$")'] }]);
  });

  it('with a mistake leave the pipeline out, and show every mistake of all of them at once', () => {
    const text = rules(
      "  transform:\n    - conditions: ['span.nme == 1']\n      statements: [sett(span.name), 'set(span.name, \"a\")', 'set(span.kid, 1)']\n    - statements: ['set(spn.name, \"a\")']\n  filter:\n    - conditions: ['IsMatch(span.name, \"(\")']\n",
    );
    const { graph, issues } = resolved(text);
    expect(graph).toBeUndefined();
    expect(issues.map(({ path }) => path!.slice(1).join('.'))).toEqual([
      'transform.0.conditions.0',
      'transform.0.statements.0',
      'transform.0.statements.2',
      'transform.1.statements.0',
      'filter.0.conditions.0',
    ]);
    for (const { code, severity } of issues) expect([code.slice(0, 4), severity]).toEqual(['SL02', 'error']);
  });
});

describe('the caret stands under the mistake', () => {
  it.each([
    ['plain', 'sett(span.name, "b")'],
    ['single quotes', `'sett(span.name, "it''s")'`],
    ['double quotes', '"sett(span.name, \\"b\\")"'],
    ['double quotes with an escaped letter', '"\\x73ett(span.name, \\"b\\")"'],
  ])('in %s', (_, scalar) => {
    expect(carets(rules(`  transform:\n    - statements:\n        - ${scalar}\n`))).toEqual([
      scalar.includes('\\x73') ? '\\x73ett' : 'sett',
    ]);
  });

  it.each([
    ['behind quotes written twice', `'set(span.attributes["it''s"], Uper("b"))'`],
    ['behind escapes', '"set(span.attributes[\\"\\u00e4\\\\\\\\\\"], Uper(\\"b\\"))"'],
    ['behind dollar signs that stand for one', 'set(span.attributes["$$$$"], Uper("$$"))'],
    ['behind a character of two units', 'set(span.attributes["\u{1f600}"], Uper("b"))'],
    ['in a literal block', '|\n            set(\n              span.name,\n              Uper("b"))'],
    [
      'in a literal block with its own indentation',
      '|2\n              set(\n                span.name,\n                Uper("b"))',
    ],
    ['in a folded block', '>-\n            set(span.name,\n            Uper("b"))'],
    ['in a folded block with empty lines', '>\n            set(span.name,\n\n\n            Uper("b"))\n'],
    ['in plain text of several lines', 'set(span.name,\n             Uper("b"))'],
    ['in double quotes of several lines', '"set(span.name,\\\n             Uper(\\"b\\"))"'],
  ])('%s', (_, scalar) => {
    expect(carets(rules(`  transform:\n    - statements:\n        - ${scalar}\n`))).toEqual(['Uper']);
  });

  it('in a flow list, and at an anchor where an alias repeats it', () => {
    const text = rules('  transform: [{statements: [&x sett(span.name), *x]}]\n');
    expect(carets(text)).toEqual(['sett', 'sett']);
  });

  it('in JSON', () => {
    const spec = { output: { stdout: {} }, transform: [{ statements: ['sett(span.name, "b")'] }] };
    const kind = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind: 'TracePipeline', metadata: { name: 'a' } };
    expect(carets(JSON.stringify({ ...kind, spec }))).toEqual(['sett']);
  });

  it('in a manifest of the older version', () => {
    const text = rules('  transform: [{statements: [sett(span.name)]}]\n').replace('v1beta1', 'v1alpha1');
    const { resources } = readResources([{ file: 'a.yaml', text }]);
    expect(resolve(resources[0]!).issues.map(({ span }) => cut(text, span!))).toEqual(['sett']);
  });
});

it('10,000 rules are read in a time that people wait', () => {
  const statements = Array.from(
    { length: 10_000 },
    (_, i) => `        - set(span.attributes["k${i}"], ${i}) where span.name == "n${i}"\n`,
  );
  const conditions = Array.from({ length: 10_000 }, (_, i) => `    - conditions: ['span.name == "n${i}"']\n`);
  const started = performance.now();
  const { graph, issues } = resolved(
    rules(`  transform:\n    - statements:\n${statements.join('')}  filter:\n${conditions.join('')}`),
  );
  expect(issues).toEqual([]);
  expect(graph!.processors).toHaveLength(10_001);
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe('a transform of conditions alone', () => {
  it('does nothing', () => {
    const { graph, issues } = resolved(rules('  transform: [{conditions: [\'span.name == "b"\']}, {}]\n'));
    expect(issues).toEqual([]);
    expect(graph!.processors).toEqual([]);
  });

  it('is checked all the same', () => {
    expect(carets(rules('  transform: [{conditions: [\'set(span.name, "b")\']}]\n'))).toEqual(['set']);
  });
});
