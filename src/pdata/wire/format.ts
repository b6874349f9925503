/** Protobuf wire types. Groups (3, 4) don't exist in proto3 and are refused wherever bytes are checked. */
export const WIRE_TYPE = { varint: 0, fixed64: 1, lengthDelimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

export type WireType = (typeof WIRE_TYPE)[keyof typeof WIRE_TYPE];

/** The number a field is announced with on the wire. */
export function tagOf(fieldNumber: number, wireType: WireType): number {
  return fieldNumber * 8 + wireType;
}

/** Bytes that an unsigned integer below 2^53 takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Bytes that a length-delimited field takes with its tag and length. */
export function lengthDelimitedSize(fieldNumber: number, byteLength: number): number {
  return varintSize(fieldNumber * 8) + varintSize(byteLength) + byteLength;
}
