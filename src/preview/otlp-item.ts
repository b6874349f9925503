import { CodedError } from '../lib/index.ts';
import { decodeJson, decodeToObject } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import { type Item, itemsOf, requestOf } from './item.ts';

/** A request that holds the item and nothing else. Throws a CodedError `invalid_item` whose text names the place. */
export function encodeItem(item: Item): Uint8Array {
  return encode(item.signal, new TextEncoder().encode(JSON.stringify(requestOf(item))));
}

/** The items of a text of OTLP/JSON. Throws as encodeItem does. */
export function itemsOfJson(signal: Signal, json: Uint8Array): readonly Item[] {
  return decodeItems(signal, encode(signal, json));
}

export function decodeItems(signal: Signal, request: Uint8Array): readonly Item[] {
  return itemsOf(signal, decodeToObject(signal, request));
}

/** The same item as the Collector spells it: enums as numbers, ids in lower case, defaults left out. */
export function normalized(item: Item): Item {
  return decodeItems(item.signal, encodeItem(item))[0] ?? item;
}

function encode(signal: Signal, json: Uint8Array): Uint8Array {
  const decoded = decodeJson(signal, json);
  if (!decoded.ok) throw new CodedError('invalid_item', decoded.message);
  return decoded.bytes;
}
