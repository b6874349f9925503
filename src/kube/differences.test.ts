import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from './differences.ts';

const paths = (desired: unknown, actual: unknown) => differences(desired, actual).map(({ path }) => path);
const podOf = (container: object) => ({
  spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } },
});

describe('differences', () => {
  it('are none between a value and itself with more in it', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.dictionary(fc.string(), json), (desired, more) => {
        expect(differences(desired, { ...more, ...desired })).toEqual([]);
      }),
    );
  });

  it('are found for every leaf that is changed, and only there', () => {
    const leaf = fc.oneof(fc.string({ minLength: 1 }), fc.integer({ min: 1 }), fc.constant(true));
    const tree = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('object')),
      object: fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { minKeys: 1 }),
    })).object as fc.Arbitrary<Record<string, unknown>>;
    fc.assert(
      fc.property(tree, fc.nat(), (desired, n) => {
        const actual = structuredClone(desired);
        const leaves: (() => void)[] = [];
        const walk = (object: Record<string, unknown>) => {
          for (const [key, value] of Object.entries(object)) {
            if (typeof value === 'object') walk(value as Record<string, unknown>);
            else leaves.push(() => Object.assign(object, { [key]: 'changed by hand \u0000' }));
          }
        };
        walk(actual);
        leaves[n % leaves.length]!();
        expect(differences(desired, actual)).toHaveLength(1);
      }),
    );
  });

  it('are where something is missing', () => {
    expect(differences({ a: { b: { c: 1 } } }, { a: {} })).toEqual([{ path: 'a.b', actual: undefined }]);
    expect(paths({ data: { a: '1', b: '2' } }, { data: { a: '1' } })).toEqual(['data.b']);
  });

  it('are none where the server leaves out what is empty', () => {
    expect(paths({ a: [], b: {}, c: '', d: 0, e: false, f: null }, {})).toEqual([]);
    expect(paths({ a: [], c: '', d: 0, e: false }, { a: ['x'], c: 'x', d: 1, e: true })).toEqual(['a', 'c', 'd', 'e']);
  });

  it('compare lists with keys by key, in which others may have more', () => {
    const ours = podOf({ env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 1 }] });
    const more = podOf({
      env: [{ name: 'B' }, { name: 'A', value: '1' }],
      ports: [
        { containerPort: 1, protocol: 'UDP' },
        { containerPort: 1, protocol: 'TCP' },
      ],
      image: 'defaulted',
    });
    expect(paths(ours, more)).toEqual([]);
    const changed = podOf({ env: [{ name: 'A', value: '2' }], ports: [{ containerPort: 1, protocol: 'UDP' }] });
    expect(paths(ours, changed)).toEqual([
      'spec.template.spec.containers[name=main].env[name=A].value',
      'spec.template.spec.containers[name=main].ports[containerPort=1,protocol=TCP]',
    ]);
  });

  it('take all other lists as a whole: what somebody adds to a Role is a difference', () => {
    const rules = [{ verbs: ['get'] }];
    expect(paths({ rules }, { rules: [...rules, { verbs: ['*'] }] })).toEqual(['rules']);
    expect(paths({ subjects: [{ name: 'a' }] }, { subjects: [{ name: 'a' }, { name: 'b' }] })).toEqual(['subjects']);
    expect(paths(podOf({ args: ['a', 'b'] }), podOf({ args: ['b', 'a'] }))).toHaveLength(2);
  });
});
