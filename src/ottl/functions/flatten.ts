import { EvaluationError, type FunctionSpec, InvalidArgument } from '../function.ts';
import { isList, isMap, type ListValue, type MapValue, type Value } from '../value.ts';
import { type MapTarget, parameters } from './argument.ts';
import { MAX_TEXT_LENGTH } from './limits.ts';
import { copyValue } from './value-copy.ts';

export const FLATTEN: FunctionSpec = {
  name: 'flatten',
  parameters: parameters(
    ['target', 'PMapGetSetter'],
    ['prefix?', 'string'],
    ['depth?', 'int'],
    ['resolve_conflicts?', 'bool'],
  ),
  doc: 'Puts what stands in the maps and lists of a map into the map itself, under keys such as a.b.0.',
  example: 'flatten(resource.attributes, depth=2)',
  create([target, prefix, depth, resolveConflicts]) {
    const place = target as MapTarget;
    const most = depth === undefined ? Number.POSITIVE_INFINITY : Number(depth);
    if (most < 1) throw new InvalidArgument(2, `flatten: the depth is ${most} and must be 1 or more`);
    return (row) => {
      const flattening = new Flattening(most, resolveConflicts === true);
      flattening.addMap(place.get(row), (prefix as string | undefined) ?? '', 0);
      place.set(row, flattening.result);
      return undefined;
    };
  },
};

/** The numbers behind keys and the depths are those of the Collector, which counts a list within a list twice. */
class Flattening {
  readonly result = new Map<string, Value>();
  readonly #most: number;
  readonly #resolvesConflicts: boolean;
  readonly #conflicts = new Map<string, number>();
  #keyLength = 0;

  constructor(most: number, resolvesConflicts: boolean) {
    this.#most = most;
    this.#resolvesConflicts = resolvesConflicts;
  }

  addMap(map: MapValue, prefix: string, depth: number): void {
    const start = prefix === '' ? '' : `${prefix}.`;
    for (const [key, value] of map.entries()) this.#addValue(start, key, value, depth);
  }

  #addValue(start: string, key: string, value: Value, depth: number): void {
    if (isMap(value) && depth < this.#most) this.addMap(value, start + key, depth + 1);
    else if (isList(value) && depth < this.#most) this.#addElements(start + key, value, depth);
    else this.#put(start + key, start + key, value);
  }

  #addElements(key: string, list: ListValue, depth: number): void {
    for (const [i, element] of list.entries()) {
      const isDeeper = depth + 1 < this.#most;
      if (isMap(element) && isDeeper) this.addMap(element, `${key}.${i}`, depth + 2);
      else if (isList(element) && isDeeper) this.#addInnerList(`${key}.${i}`, element, depth + 2);
      else this.#put(`${key}.${i}`, key, element);
    }
  }

  /** As upstream the elements of a list within a list follow its key without a point. */
  #addInnerList(key: string, list: ListValue, depth: number): void {
    for (const [i, element] of list.entries()) this.#addValue(key, String(i), element, depth + 1);
  }

  /** Where conflicts are resolved every element of a list conflicts with the one before it, so that all share one key. */
  #put(key: string, sharedKey: string, value: Value): void {
    const wanted = this.#resolvesConflicts ? this.#freeKey(sharedKey) : key;
    this.#keyLength += wanted.length;
    if (this.#keyLength > MAX_TEXT_LENGTH)
      throw new EvaluationError(`flatten: the keys would be longer than ${MAX_TEXT_LENGTH} characters`);
    this.result.set(wanted, copyValue(value));
  }

  #freeKey(key: string): string {
    if (!this.result.has(key)) {
      this.#conflicts.set(key, 0);
      return key;
    }
    const count = this.#conflicts.get(key) ?? 0;
    this.#conflicts.set(key, count + 1);
    return `${key}.${count}`;
  }
}
