import { EvaluationError } from '../function.ts';
import { isList, isMap, type MapValue, type Value } from '../value.ts';

/** Statements that put a map into itself double it each time. */
const MAX_ELEMENTS = 1_000_000;
const MAX_SEARCHED = 128;

/** Marks maps and lists that Go has types of its own for, which no AnyValue can hold. */
export const OPAQUE = Symbol('opaque');

/** Messages and lists of them. */
export function isMessage(value: Value): boolean {
  return typeof value === 'object' && OPAQUE in value && 'message' in value;
}

/** Told when a map in a decoded value has changed, so that the value is written back where it came from. */
export type OnChange = () => void;

/**
 * A map with pcommon.Map's rules: keys in order, where one stands twice the first counts, removing moves the last entry into
 * the gap. What is put in is copied. It holds only what an AnyValue can hold.
 */
export class TreeMap implements MapValue {
  readonly #keys: string[] = [];
  readonly #values: Value[] = [];
  readonly #onChange: OnChange;
  readonly #positions = new Map<string, number>();
  #indexedTo = 0;

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): Value {
    return this.#values[this.#find(key)];
  }

  has(key: string): boolean {
    return this.#find(key) >= 0;
  }

  /** A value that an AnyValue cannot hold leaves what is there, which for a new key is nil. */
  set(key: string, value: Value): void {
    const at = this.#find(key);
    if (at >= 0) this.#values[at] = adopt(value, this.#values[at], this.#onChange);
    else this.append(key, adopt(value, undefined, this.#onChange));
    this.#onChange();
  }

  delete(key: string): boolean {
    const at = this.#find(key);
    if (at < 0) return false;
    const lastKey = this.#keys.pop()!;
    const lastValue = this.#values.pop();
    if (at < this.#keys.length) {
      this.#keys[at] = lastKey;
      this.#values[at] = lastValue;
    }
    this.#forget();
    this.#onChange();
    return true;
  }

  /** Keeps the order of what stays, and looks at every entry of a key that stands twice. */
  removeIf(matches: (key: string) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.#keys.length; at++) {
      if (matches(this.#keys[at]!)) continue;
      this.#keys[kept] = this.#keys[at]!;
      this.#values[kept++] = this.#values[at];
    }
    if (kept === this.#keys.length) return;
    this.#keys.length = this.#values.length = kept;
    this.#forget();
    this.#onChange();
  }

  changeEach(change: (value: Value) => Value): boolean {
    let isChanged = false;
    for (const [at, value] of this.#values.entries()) {
      const changed = change(value);
      if (changed === value) continue;
      this.#values[at] = adopt(changed, value, this.#onChange);
      isChanged = true;
    }
    if (isChanged) this.#onChange();
    return isChanged;
  }

  clear(): void {
    this.#keys.length = this.#values.length = 0;
    this.#forget();
    this.#onChange();
  }

  keys(): IterableIterator<string> {
    return this.#keys.values();
  }

  *entries(): IterableIterator<[string, Value]> {
    for (let at = 0; at < this.#keys.length; at++) yield [this.#keys[at]!, this.#values[at]];
  }

  /** For decoding: adds an entry, of a key that may be there already, as it is. */
  append(key: string, value: Value): void {
    this.#keys.push(key);
    this.#values.push(value);
  }

  /** Many keys are not looked at one by one, so that setting n of them does not take n² steps. */
  #find(key: string): number {
    const keys = this.#keys;
    if (keys.length <= MAX_SEARCHED) return keys.indexOf(key);
    for (; this.#indexedTo < keys.length; this.#indexedTo++) {
      if (!this.#positions.has(keys[this.#indexedTo]!)) this.#positions.set(keys[this.#indexedTo]!, this.#indexedTo);
    }
    return this.#positions.get(key) ?? -1;
  }

  #forget(): void {
    if (this.#indexedTo === 0) return;
    this.#positions.clear();
    this.#indexedTo = 0;
  }
}

/** A copy of `value` as part of the tree that `onChange` belongs to; `current` for one that no AnyValue can hold. */
export function adopt(value: Value, current: Value, onChange: OnChange): Value {
  if (typeof value !== 'object') return value === undefined ? current : value;
  return copyOf(value, current, { onChange, left: MAX_ELEMENTS });
}

interface Copying {
  readonly onChange: OnChange;
  left: number;
}

function copyOf(value: Value, current: Value, copying: Copying): Value {
  if (typeof value !== 'object') return value === undefined ? current : value;
  if (value instanceof Uint8Array) return value.slice();
  if (OPAQUE in value || (!isList(value) && !isMap(value))) return current;
  copying.left -= isList(value) ? value.length : value.size;
  if (copying.left < 0) throw new EvaluationError(`a value has more than ${MAX_ELEMENTS} elements`);
  if (isList(value)) return value.map((element) => copyOf(element, undefined, copying));
  const copy = new TreeMap(copying.onChange);
  for (const [key, element] of value.entries()) copy.append(key, copyOf(element, undefined, copying));
  return copy;
}
