import { ITEM_PATH } from './item-path.ts';
import type { Signal } from './signal.ts';

/** Items of a request that has been validated: spans, log records, or data points of all five metric kinds. */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  return countBelow(bytes, 0, bytes.length, ITEM_PATH[signal], 0);
}

/** Items in a message that stands `level` steps below the request: 1 for a ResourceX, 2 for a ScopeX, 3 for a Metric. */
export function countItemsWithin(
  signal: Signal,
  bytes: Uint8Array,
  extent: { start: number; end: number },
  level: number,
) {
  return countBelow(bytes, extent.start, extent.end, ITEM_PATH[signal], level);
}

/** Items in one message of the item path, `level` steps below the request. */
export function countBelow(
  bytes: Uint8Array,
  start: number,
  end: number,
  path: readonly (readonly number[])[],
  level: number,
): number {
  const tags = path[level];
  const atItems = level === path.length - 1;
  let items = 0;
  let position = start;
  while (position < end) {
    let tag = bytes[position++];
    for (let scale = 128, byte = tag, low = tag & 0x7f; byte >= 128; scale *= 128) {
      byte = bytes[position++];
      low += (byte & 0x7f) * scale;
      tag = low;
    }
    const wireType = tag % 8;
    if (wireType !== 2) {
      position = skipNumber(bytes, position, wireType);
      continue;
    }
    let length = bytes[position++];
    for (let scale = 128, byte = length, low = length & 0x7f; byte >= 128; scale *= 128) {
      byte = bytes[position++];
      low += (byte & 0x7f) * scale;
      length = low;
    }
    if (tags.includes(tag)) {
      // The bound keeps the walk finite even on bytes that nobody has validated.
      items += atItems ? 1 : countBelow(bytes, position, Math.min(position + length, end), path, level + 1);
    }
    position += length;
  }
  return items;
}

function skipNumber(bytes: Uint8Array, start: number, wireType: number): number {
  if (wireType === 1) return start + 8;
  if (wireType === 5) return start + 4;
  let position = start;
  while (bytes[position] >= 128) position++;
  return position + 1;
}
