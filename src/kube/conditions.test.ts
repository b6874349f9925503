import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, withCondition } from './conditions.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05.678Z');
const healthy = {
  type: 'Healthy',
  status: 'True',
  reason: 'Fine',
  message: 'All is well',
  observedGeneration: 1,
} as const;

describe('withCondition', () => {
  it('says when a status changed, in whole seconds', () => {
    expect(withCondition([], healthy, NOW_MS)).toEqual([{ ...healthy, lastTransitionTime: '2026-01-02T03:04:05Z' }]);
  });

  it('keeps the time while the status stays, whatever else changes', () => {
    const before = withCondition([], healthy, NOW_MS);
    const after = withCondition(before, { ...healthy, reason: 'Better', observedGeneration: 2 }, NOW_MS + 60_000);
    expect(after).toEqual([
      { ...healthy, reason: 'Better', observedGeneration: 2, lastTransitionTime: '2026-01-02T03:04:05Z' },
    ]);
    const failed = withCondition(after, { ...healthy, status: 'False' }, NOW_MS + 60_000);
    expect(failed[0]!.lastTransitionTime).toBe('2026-01-02T03:05:05Z');
  });

  it('returns what it was given when nothing changes', () => {
    const before = withCondition([], healthy, NOW_MS);
    expect(withCondition(before, healthy, NOW_MS + 60_000)).toBe(before);
  });

  it('puts Ready first and leaves the others where they are', () => {
    const types = ['B', 'A', 'Ready', 'C', 'A'];
    const all = types.reduce<readonly Condition[]>(
      (list, type) => withCondition(list, { ...healthy, type }, NOW_MS),
      [],
    );
    expect(all.map(({ type }) => type)).toEqual(['Ready', 'B', 'A', 'C']);
  });

  it('has each type once, with its last status, after any number of changes', () => {
    const change = fc.record({
      type: fc.constantFrom('Ready', 'A', 'B'),
      status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        let conditions: readonly Condition[] = [];
        const last = new Map<string, string>();
        changes.forEach((one, i) => {
          conditions = withCondition(conditions, { ...healthy, ...one }, NOW_MS + i * 1000);
          last.set(one.type, one.status);
        });
        expect(conditions).toHaveLength(last.size);
        expect(Object.fromEntries(conditions.map(({ type, status }) => [type, status]))).toEqual(
          Object.fromEntries(last),
        );
      }),
    );
  });
});
