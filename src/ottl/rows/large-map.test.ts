import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ottlPlace } from '../../../test/testkit/ottl-place.ts';
import type { MapValue, Value } from '../value.ts';
import { rowOf } from './index.ts';
import { TreeMap } from './tree.ts';

const seed = 20_261_122;
const keys = fc.nat(400).map((at) => `key.${at}`);
const operation = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key: keys, value: fc.bigInt({ min: 0n, max: 99n }) }),
  fc.record({ kind: fc.constant('delete' as const), key: keys }),
  fc.record({ kind: fc.constant('removeIf' as const), key: fc.constantFrom('key.1', 'key.33', '.9') }),
);

/** The rules, over a plain list of entries. */
function apply(model: [string, Value][], change: { kind: string; key: string; value?: bigint }): void {
  const at = model.findIndex(([key]) => key === change.key);
  if (change.kind === 'removeIf') model.splice(0, model.length, ...model.filter(([key]) => !key.includes(change.key)));
  else if (change.kind === 'set' && at < 0) model.push([change.key, change.value]);
  else if (change.kind === 'set') model[at]![1] = change.value;
  else if (at >= 0) {
    const last = model.pop()!;
    if (at < model.length) model[at] = last;
  }
}

const makers: readonly (readonly [string, () => MapValue])[] = [
  ['attributes', () => ottlPlace('span', 'span.attributes').get(rowOf('span', {})) as MapValue],
  ['a map inside an attribute', () => new TreeMap(() => {})],
];

describe.each(makers)('%s of hundreds of keys', (_, make) => {
  it('keep the rules that few keys have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 300 }), fc.array(operation, { maxLength: 60 }), (size, changes) => {
        const map = make();
        const model: [string, Value][] = [];
        const fill = Array.from({ length: size }, (_, at) => ({ kind: 'set', key: `key.${at}`, value: 0n }));
        for (const change of [...fill, ...changes]) {
          if (change.kind === 'set') map.set(change.key, (change as { value: bigint }).value);
          else if (change.kind === 'delete') map.delete(change.key);
          else map.removeIf!((key) => key.includes(change.key));
          apply(model, change);
        }
        expect([...map.entries()]).toEqual(model);
        for (const [key, value] of model) expect(map.get(key)).toBe(value);
        expect(map.has('key.none')).toBe(false);
      }),
      { seed, numRuns: 40 },
    );
  });

  it('take tens of thousands in a moment', () => {
    const map = make();
    for (let at = 0; at < 30_000; at++) map.set(`key.${at}`, 1n);
    expect(map.size).toBe(30_000);
    expect(map.get('key.29999')).toBe(1n);
  }, 2_000);
});
