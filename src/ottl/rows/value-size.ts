import { isList, isMap, type Value } from '../value.ts';
import { isMessage } from './tree.ts';

/** Of an element, beside its text. */
const ELEMENT = 16;
/** Of a map or list, as which it is held while statements run. */
const CONTAINER = 256;

/** About how many bytes a value takes. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length + ELEMENT;
  if (typeof value !== 'object' || isMessage(value)) return ELEMENT;
  let size = CONTAINER;
  if (isList(value)) for (const element of value) size += sizeOf(element);
  else if (isMap(value)) for (const [key, element] of value.entries()) size += key.length + sizeOf(element);
  return size;
}
