/** Numbers as they stand on the wire, at a position that a scan has found to be within the bytes. */

const scratch = new DataView(new ArrayBuffer(8));

/** Status codes, kinds, counts: making one anew for every item is a third of what OTTL leaves to the garbage collector. */
const SMALL: readonly bigint[] = Array.from({ length: 1024 }, (_, number) => BigInt(number));

export function bigIntOf(number: number): bigint {
  return SMALL[number] ?? BigInt(number);
}

export function varintAt(bytes: Uint8Array, start: number): bigint {
  if (bytes[start]! < 0x80) return bigIntOf(bytes[start]!);
  if (bytes[start + 1]! < 0x80) return bigIntOf((bytes[start]! & 0x7f) | (bytes[start + 1]! << 7));
  let low = 0;
  let at = start;
  for (let scale = 1; scale < 2 ** 49; scale *= 128) {
    const byte = bytes[at++]!;
    low += (byte & 0x7f) * scale;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return BigInt.asUintN(64, value);
}

/** The low 32 bits of a varint. */
export function varint32At(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start, shift = 0; shift < 35; at++, shift += 7) {
    value |= (bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) break;
  }
  return value;
}

export function isZeroVarint(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0x7f) !== 0) return false;
  return true;
}

export function fixed64At(bytes: Uint8Array, start: number): bigint {
  return scratchOf(bytes, start).getBigUint64(0, true);
}

export function doubleAt(bytes: Uint8Array, start: number): number {
  return scratchOf(bytes, start).getFloat64(0, true);
}

export function fixed32At(bytes: Uint8Array, start: number): number {
  return (bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)) >>> 0;
}

/** Cheaper than a view of every request's buffer. */
function scratchOf(bytes: Uint8Array, start: number): DataView {
  for (let at = 0; at < 8; at++) scratch.setUint8(at, bytes[start + at]!);
  return scratch;
}
