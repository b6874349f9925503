import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrangeWaterfall } from './waterfall.ts';

const span = (spanId: string, parentSpanId = '') => ({ spanId, parentSpanId });
const shape = (spans: readonly ReturnType<typeof span>[]) =>
  arrangeWaterfall(spans).map(({ span: { spanId }, depth }) => `${'.'.repeat(depth)}${spanId}`);

describe('arrangeWaterfall', () => {
  it('puts parents before children and siblings in order of start', () => {
    expect(shape([span('root'), span('b', 'root'), span('a', 'root'), span('b1', 'b')])).toEqual([
      'root',
      '.b',
      '..b1',
      '.a',
    ]);
  });

  it('puts a parent first although its child started earlier', () => {
    expect(shape([span('child', 'parent'), span('parent')])).toEqual(['parent', '.child']);
  });

  it('shows a span whose parent is missing like a root', () => {
    expect(shape([span('orphan', 'lost'), span('x', 'orphan')])).toEqual(['orphan', '.x']);
  });

  it('ends on circles and on a span that is its own parent', () => {
    expect(shape([span('a', 'b'), span('b', 'a'), span('self', 'self')])).toEqual(['self', 'a', '.b']);
  });

  it('takes a chain as long as the viewer may keep', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? '' : `s${i - 1}`));
    expect(arrangeWaterfall(chain).at(-1)?.depth).toBe(9_999);
  });

  it('gives back every span exactly once, whatever the parents are', () => {
    const id = fc.constantFrom('', 'a', 'b', 'c', 'd', 'e');
    const spans = fc.array(fc.record({ spanId: id, parentSpanId: id }), { maxLength: 20 });
    fc.assert(
      fc.property(spans, (input) => {
        const output = arrangeWaterfall(input).map((placed) => placed.span);
        expect(output).toHaveLength(input.length);
        expect(new Set(output)).toEqual(new Set(input));
      }),
    );
  });
});
