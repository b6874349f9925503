import fc from 'fast-check';
import { expect, it } from 'vitest';
import { valueCount } from './value-count.ts';

const counted = (text: string) => valueCount(Buffer.from(text));

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + valuesIn(one), 1);
}

it('never counts fewer values than there are, nor more than twice as many', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const count = counted(JSON.stringify(value, null, indent));
      expect(count).toBeGreaterThanOrEqual(valuesIn(value));
      expect(count).toBeLessThanOrEqual(2 * valuesIn(value));
    }),
  );
});

it('takes nothing in a text for a value', () => {
  expect(counted(JSON.stringify('[{,"\\'.repeat(100)))).toBe(1);
});

it('reads whatever is no JSON', () => {
  expect(counted('"[[[\\')).toBe(1);
  expect(counted('')).toBe(1);
});
