import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../manifests/access.ts';
import { unionOfRules } from './policy-rule.ts';

const rule: fc.Arbitrary<AccessRule> = fc.record(
  {
    apiGroups: fc.subarray(['', 'apps', 'batch'], { minLength: 1 }),
    resources: fc.subarray(['pods', 'pods/proxy', 'jobs'], { minLength: 1 }),
    verbs: fc.subarray(['get', 'list', 'patch'], { minLength: 1 }),
    resourceNames: fc.constantFrom(['one'], ['two']),
  },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'] },
);

/** Everything that rules allow, one line each. */
function allowed(rules: readonly AccessRule[]): readonly string[] {
  const all = rules.flatMap(({ apiGroups, resources, verbs, resourceNames = ['any'] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => `${group}/${resource}/${name} ${verb}`)),
      ),
    ),
  );
  return [...new Set(all)].sort();
}

describe('the union of rules', () => {
  it('allows what the rules allow, no more and no less, and names no resource of a group twice', () => {
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        const union = unionOfRules(rules);
        expect(allowed(union)).toEqual(allowed(rules));
        const unnamed = union.filter(({ resourceNames }) => resourceNames === undefined);
        const keys = unnamed.flatMap(({ apiGroups, resources }) => resources.map((name) => `${apiGroups[0]}/${name}`));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('is the same for the same rules in another order', () => {
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        expect(unionOfRules([...rules].reverse())).toEqual(unionOfRules(rules));
      }),
    );
  });
});
