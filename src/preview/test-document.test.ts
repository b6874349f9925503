import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { richInput } from '../../test/differential/inputs.ts';
import { ottlEnvironment } from '../engine/index.ts';
import { SIGNALS, type Signal } from '../pdata/index.ts';
import { SIGNAL_OF_KIND } from '../pipeline/index.ts';
import { judge } from './judge.ts';
import { decodeItems, itemsOfJson } from './otlp-item.ts';
import { readPipelineTests } from './pipeline-test.ts';
import { previewPipeline } from './preview-pipeline.ts';
import { testDocument } from './test-document.ts';

const KIND_OF = Object.fromEntries(Object.entries(SIGNAL_OF_KIND).map(([kind, signal]) => [signal, kind])) as Readonly<
  Record<Signal, keyof typeof SIGNAL_OF_KIND>
>;

const PROCESSORS = [
  {
    kind: 'processor',
    type: 'transform',
    conditions: [],
    statements: ['set(resource.attributes["team"], "shop")', 'delete_key(resource.attributes, "service.name")'],
  },
  { kind: 'processor', type: 'filter', conditions: ['resource.attributes["drop"] == true'] },
] as const;

describe('a test of an item', () => {
  it.each(SIGNALS)('passes with the rules it was made with: %s', (signal) => {
    const graph = { signal, processors: PROCESSORS };
    const items = decodeItems(signal, richInput(signal).bytes);
    const { items: outcomes } = previewPipeline(graph, items, ottlEnvironment);
    const written = outcomes.flatMap((outcome) => {
      const document = testDocument({ kind: KIND_OF[signal], name: 'demo' }, outcome);
      return document === undefined ? [] : [document];
    });
    expect(written.length).toBeGreaterThan(outcomes.length / 2);
    const text = written.map((document) => stringify(document)).join('---\n');
    const { tests, issues } = readPipelineTests({ file: 'x.test.yaml', text });
    expect(issues).toEqual([]);
    expect(tests).toHaveLength(written.length);
    for (const test of tests) {
      const input = test.input.flatMap((one) => ('item' in one ? [one.item] : []));
      const verdict = judge(test, previewPipeline(graph, input, ottlEnvironment));
      expect(verdict.differences).toEqual([]);
      // And it says something: without the rules it fails.
      const without = judge(test, previewPipeline({ signal, processors: [] }, input, ottlEnvironment));
      expect(without.differences).not.toEqual([]);
    }
  });

  it('expects nothing of an item that is dropped, and says what a rule took away', () => {
    const json = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET /x', kind: 1 }] }] }] };
    const [before] = itemsOfJson('traces', new TextEncoder().encode(JSON.stringify(json)));
    expect(testDocument({ kind: 'TracePipeline', name: 'demo' }, { before: before!, after: [] })).toEqual({
      apiVersion: 'sluice.io/v1alpha1',
      kind: 'PipelineTest',
      metadata: { name: 'span-get-x' },
      spec: { pipeline: 'TracePipeline/demo', input: [{ span: { name: 'GET /x', kind: 1 } }], expect: [] },
    });
  });
});
