import { describe, expect, it } from 'vitest';
import { batchOf, namesOf } from '../../../test/testkit/engine.ts';
import { Account } from '../../flow/index.ts';
import { mergeBatches } from '../batches.ts';
import { type Consignment, divideByAge, mergeConsignments, Origin } from './consignment.ts';

function merged(...requests: readonly (readonly [sinceMs: number, ...names: string[]])[]): Consignment {
  const parts = requests.map(([sinceMs, ...names], order): Consignment => {
    const batch = batchOf(names);
    const origin = new Origin({ account: new Account(), batch, order, sinceMs });
    return { batch, shares: [{ origin, itemCount: names.length }], queueSize: names.length, heldBytes: 10 };
  });
  return mergeConsignments(parts, mergeBatches(parts.map(({ batch }) => batch)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('a request of many, divided by age', () => {
  it('keeps what is young in one, in its order, and the room of both', () => {
    const whole = merged([1, 'a', 'b'], [5, 'c'], [2, 'd'], [6, 'e', 'f'], [7, 'g'], [3, 'h']);
    const { old, young } = divideByAge(whole, 4);
    expect(old.flatMap(({ batch }) => namesOf(batch))).toEqual(['a', 'b', 'd', 'h']);
    expect(namesOf(young!.batch)).toEqual(['c', 'e', 'f', 'g']);
    expect(young!.shares.map(({ origin, itemCount }) => [origin.sinceMs, itemCount])).toEqual([
      [5, 1],
      [6, 2],
      [7, 1],
    ]);
    expect(sum([...old, young!].map(({ queueSize }) => queueSize))).toBe(whole.queueSize);
    expect(sum([...old, young!].map(({ heldBytes }) => heldBytes))).toBe(whole.heldBytes);
  });

  it('leaves nothing of what is old altogether', () => {
    const whole = merged([1, 'a'], [2, 'b']);
    const { old, young } = divideByAge(whole, 2);
    expect(old.flatMap(({ batch }) => namesOf(batch))).toEqual(['a', 'b']);
    expect(young).toBeUndefined();
  });
});
