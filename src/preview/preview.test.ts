import { describe, expect, it } from 'vitest';
import { ottlEnvironment } from '../engine/index.ts';
import type { ProcessorNode } from '../pipeline/index.ts';
import { judge } from './judge.ts';
import type { Preview } from './outcome.ts';
import { type PipelineTest, readPipelineTests } from './pipeline-test.ts';
import { previewPipeline } from './preview-pipeline.ts';

function testOf(spec: string, kind = 'TracePipeline'): PipelineTest {
  const text = `apiVersion: sluice.io/v1alpha1\nkind: PipelineTest\nmetadata: { name: a }\nspec:\n  pipeline: ${kind}/a\n${spec}`;
  const { tests, issues } = readPipelineTests({ file: 'a.yaml', text });
  expect(issues).toEqual([]);
  return tests[0]!;
}

function preview(test: PipelineTest, processors: readonly ProcessorNode[]): Preview {
  const items = test.input.flatMap((one) => ('item' in one ? [one.item] : []));
  return previewPipeline({ signal: test.signal, processors }, items, ottlEnvironment);
}

const transform = (statements: readonly string[], conditions: readonly string[] = []): ProcessorNode => ({
  kind: 'processor',
  type: 'transform',
  conditions,
  statements,
});
const filter = (...conditions: readonly string[]): ProcessorNode => ({ kind: 'processor', type: 'filter', conditions });

describe('a preview', () => {
  it('shows what a statement changed, and which rule ran', () => {
    const test = testOf('  input: [{ span: { name: GET / }, resource: { env: prod } }]\n  expect: []');
    const { items, rules } = preview(test, [
      transform([
        'set(span.attributes["env"], resource.attributes["env"])',
        'set(span.name, "x") where span.name == "y"',
      ]),
    ]);
    expect(items[0]!.changes).toEqual([{ path: 'span.attributes["env"]', after: '"prod"' }]);
    expect(rules.map(({ field, matched }) => [field, matched])).toEqual([
      ['spec.transform[0].statements[0]', 1],
      ['spec.transform[0].statements[1]', 0],
    ]);
  });

  it('names the condition that dropped an item', () => {
    const test = testOf('  input: [{ span: { name: GET /healthz } }, { span: { name: GET / } }]\n  expect: []');
    const { items } = preview(test, [filter('span.name == "no"', 'IsMatch(span.name, "healthz")')]);
    expect(items.map(({ after, droppedBy }) => [after.length, droppedBy])).toEqual([
      [0, 1],
      [1, undefined],
    ]);
  });

  it('runs statements only where one of the conditions is true', () => {
    const test = testOf('  input: [{ span: { name: a } }, { span: { name: b } }]\n  expect: []');
    const { items, rules } = preview(test, [transform(['set(span.attributes["x"], 1)'], ['span.name == "b"'])]);
    expect(items.map(({ changes }) => changes.length)).toEqual([0, 1]);
    expect(rules.map(({ part, matched }) => [part, matched])).toEqual([
      ['condition', 1],
      ['statement', 1],
    ]);
  });

  it('goes on behind a statement that fails, and says why it failed', () => {
    const test = testOf('  input: [{ span: { name: a } }]\n  expect: []');
    const { items, rules } = preview(test, [
      transform(['set(span.attributes["x"], ParseJSON(span.name))', 'set(span.attributes["y"], true)']),
    ]);
    expect(items[0]).toMatchObject({ failed: [0], changes: [{ path: 'span.attributes["y"]', after: 'true' }] });
    expect(rules[0]?.error).toBeTypeOf('string');
  });

  it('drops what the engine refuses, because statements write too much into it', () => {
    const test = testOf('  input: [{ span: { name: a, attributes: { a: 0123456789 } } }]\n  expect: []');
    const doubled = 'set(span.attributes["a"], Concat([span.attributes["a"], span.attributes["a"]], ""))';
    const { items, rules } = preview(test, [transform(Array.from({ length: 30 }, () => doubled))]);
    expect(items[0]!.after).toEqual([]);
    const { droppedBy = -1, failed } = items[0]!;
    expect(failed.at(-1)).toBe(droppedBy);
    expect(rules[droppedBy]!.error).toBeTypeOf('string');
  });

  it('takes metrics and logs', () => {
    const logs = testOf('  input: [{ log: { body: hello, severity_number: 9 } }]\n  count: 1', 'LogPipeline');
    expect(preview(logs, [transform(['set(log.body, "bye")'])]).items[0]!.changes).toEqual([
      { path: 'log.body', before: '"hello"', after: '"bye"' },
    ]);
    const metrics = testOf(
      '  input: [{ metric: { name: m, gauge: { data_points: [{ as_int: 1, attributes: { a: 1 } }, { as_int: 2 }] } } }]\n  count: 1',
      'MetricPipeline',
    );
    const { items } = preview(metrics, [filter('datapoint.attributes["a"] == 1')]);
    expect(items[0]!.after).toHaveLength(1);
    expect(items[0]!.changes.some(({ path }) => path.includes('data_points[1]'))).toBe(true);
  });
});

describe('a test of a pipeline', () => {
  const spec = `  input: [{ span: { name: a, attributes: { auth: secret, n: 1 } } }]
  expect: [{ span: { attributes: { auth: null, n: 1, env: prod } } }]`;

  it('passes when what is written is so, and looks at nothing else', () => {
    const test = testOf(spec);
    const done = preview(test, [
      transform(['delete_key(span.attributes, "auth")', 'set(span.attributes["env"], "prod")']),
    ]);
    expect(judge(test, done).differences).toEqual([]);
  });

  it('names each value that is another one', () => {
    const test = testOf(spec);
    expect(judge(test, preview(test, [])).differences).toEqual([
      { what: 'value', item: 0, path: 'span.attributes["env"]', expected: '"prod"', got: '(missing)' },
      { what: 'value', item: 0, path: 'span.attributes["auth"]', expected: '(missing)', got: '"secret"' },
    ]);
  });

  it('counts what comes out and what is dropped', () => {
    const test = testOf('  input: [{ span: { name: a } }]\n  expect: []\n  dropped: 1');
    expect(judge(test, preview(test, [])).differences).toEqual([
      { what: 'count', of: 'out', expected: 0, got: 1 },
      { what: 'count', of: 'dropped', expected: 1, got: 0 },
    ]);
    expect(judge(test, preview(test, [filter('span.name == "a"')])).differences).toEqual([]);
  });

  it.each([
    [
      'input: [{ span: { nmae: a } }]\n  count: 1',
      '`spec.input[0].span.nmae` is no field of OTLP; did you mean `name`?',
    ],
    ['input: [{ log: { body: a } }]\n  count: 1', 'is nothing that a pipeline for traces gets'],
    ['input: [{ span: { kind: SERVR } }]\n  count: 1', 'must be one of SPAN_KIND_UNSPECIFIED'],
    ['input: [{ span: { events: {} } }]\n  count: 1', 'must be a list'],
    ['input: [{ resource: {} }]\n  count: 1', '`spec.input[0]` must have a `span`'],
    ['input: [{ span: {} }]', 'must say what is expected'],
    ['input: [{ span: {}, otlpFile: x.json }]\n  count: 1', 'stands alone'],
    ['inputs: []\n  input: []\n  count: 1', 'unknown field'],
  ])('is refused at the place: %s', (spec, message) => {
    const text = `apiVersion: sluice.io/v1alpha1\nkind: PipelineTest\nmetadata: { name: a }\nspec:\n  pipeline: TracePipeline/a\n  ${spec}\n`;
    const { tests, issues } = readPipelineTests({ file: 'a.yaml', text });
    expect(tests).toEqual([]);
    expect(issues.map((issue) => issue.message).join()).toContain(message);
    expect(issues[0]!.span?.line).toBeGreaterThanOrEqual(4);
  });
});
