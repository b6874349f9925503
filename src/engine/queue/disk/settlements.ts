/**
 * The settlement log of a segment: eight bytes for each record that is done with, in the order it happened. They are the
 * distance of its id from the segment's first, and the CRC-32 of that distance and the segment's nonce. An entry that does not
 * check is passed over: its record is sent again rather than another lost. A later version of the log gets another name, and
 * both are read.
 */
import { crc32 } from 'node:zlib';

export const SETTLEMENT_BYTES = 8;

export function encodeSettlements(idDeltas: readonly number[], nonce: number): Buffer {
  const bytes = Buffer.allocUnsafe(idDeltas.length * SETTLEMENT_BYTES);
  for (let i = 0; i < idDeltas.length; i++) {
    const at = i * SETTLEMENT_BYTES;
    bytes.writeUInt32LE(idDeltas[i]!, at);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 4), nonce), at + 4);
  }
  return bytes;
}

export function decodeSettlements(bytes: Buffer, nonce: number): number[] {
  const idDeltas: number[] = [];
  for (let at = 0; at + SETTLEMENT_BYTES <= bytes.length; at += SETTLEMENT_BYTES) {
    if (crc32(bytes.subarray(at, at + 4), nonce) === bytes.readUInt32LE(at + 4)) idDeltas.push(bytes.readUInt32LE(at));
  }
  return idDeltas;
}
