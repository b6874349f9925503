import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScale } from './scale.ts';

const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 20 });

describe('a scale', () => {
  it('begins at 0 and ends at a round number behind the largest value', () => {
    expect(createScale([3, 87], { from: 0, to: 100 }).ticks).toEqual([0, 25, 50, 75, 100]);
    expect(createScale([104.9], { from: 0, to: 100 }).ticks).toEqual([0, 30, 60, 90, 120]);
    expect(createScale([], { from: 0, to: 100 }).ticks).toEqual([0, 1]);
  });

  it('ends where the figure has its end, and goes on for what passes it', () => {
    expect(createScale([12], { from: 0, to: 100, max: 100 }).ticks).toEqual([0, 25, 50, 75, 100]);
    expect(createScale([101], { from: 0, to: 100, max: 100 }).ticks).toEqual([0, 25, 50, 75, 100, 125]);
  });

  it('gives every value a place between its ends, in order, with few enough lines', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 100), (all, max) => {
        const scale = createScale(all, { from: 100, to: 700, ...(max > 0 && { max }) });
        const sorted = [...all].sort((a, b) => a - b).map((value) => scale.at(value));
        for (const [index, at] of sorted.entries()) {
          expect(at).toBeGreaterThanOrEqual(100 - 1e-6);
          expect(at).toBeLessThanOrEqual(700 + 1e-6);
          expect(at).toBeGreaterThanOrEqual(sorted[index - 1] ?? 0);
        }
        expect(scale.ticks.length).toBeLessThanOrEqual(7);
        expect(scale.at(scale.ticks[0]!)).toBeCloseTo(100, 6);
        expect(scale.at(scale.ticks.at(-1)!)).toBeCloseTo(700, 6);
      }),
    );
  });
});
