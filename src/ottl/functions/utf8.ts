import { decodeText, encodeText } from '../rows/wire-text.ts';

/** Strings as Go has them: bytes. A byte that is no UTF-8 is a lone surrogate (see value.ts), so both ways lose nothing. */
export function encodeUtf8(text: string): Uint8Array {
  return encodeText(text);
}

export function decodeUtf8(bytes: Uint8Array): string {
  return decodeText(bytes, 0, bytes.length);
}

const BEYOND_ASCII = /[^\p{ASCII}]/u;

export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}

export function byteLength(text: string): number {
  return isAscii(text) ? text.length : encodeText(text).length;
}
