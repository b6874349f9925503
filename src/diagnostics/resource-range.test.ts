import { describe, expect, it } from 'vitest';
import { resourceAt, resourceRanges } from './resource-range.ts';

const TEXT = `kind: TracePipeline
metadata: {name: one}
---
kind: LogPipelineList
items:
  - kind: LogPipeline
    metadata: {name: two}
  - kind: LogPipeline
    metadata: {name: three}
---
just: text
--- [
`;

describe('the resources of a text', () => {
  const ranges = resourceRanges({ file: 'a.yaml', text: TEXT });

  it('are its documents and the items of its lists', () => {
    expect(ranges.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'TracePipeline/one',
      'LogPipeline/two',
      'LogPipeline/three',
    ]);
  });

  it.each([
    [2, 'one'],
    [7, 'two'],
    [8, 'three'],
    [11, undefined],
  ])('line %i is in %s', (line, name) => {
    const span = { file: 'a.yaml', line, column: 1, endLine: line, endColumn: 2 };
    expect(resourceAt({ code: 'SL0101', severity: 'error', message: '', span }, ranges)?.name).toBe(name);
  });
});
