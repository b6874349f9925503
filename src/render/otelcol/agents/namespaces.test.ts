import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceSelection } from '../../../pipeline/index.ts';
import { sameSelection, unionOf } from './namespaces.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const names = fc.subarray(NAMES, { minLength: 1 });
const selection: fc.Arbitrary<NamespaceSelection> = fc.oneof(
  fc.constant({}),
  names.map((include) => ({ include })),
  names.map((exclude) => ({ exclude })),
);

const takes = ({ include, exclude = [] }: NamespaceSelection, name: string) =>
  include === undefined ? !exclude.includes(name) : include.includes(name);

describe('the union of selections', () => {
  it('takes a namespace exactly when one of them does', () => {
    fc.assert(
      fc.property(fc.array(selection, { minLength: 1, maxLength: 4 }), (selections) => {
        const union = unionOf(selections);
        for (const name of [...NAMES, 'another']) {
          expect(takes(union, name), name).toBe(selections.some((one) => takes(one, name)));
        }
      }),
    );
  });

  it('of one selection is that selection', () => {
    fc.assert(
      fc.property(selection, (one) => {
        expect(sameSelection(unionOf([one]), one)).toBe(true);
      }),
    );
  });
});
