/**
 * Strings as Go has them: bytes. A byte that is no UTF-8 is a lone surrogate U+DC80 to U+DCFF (see value.ts), so both ways lose
 * nothing.
 */
const ENCODER = new TextEncoder();
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const LONE_BYTE = /[\udc80-\udcff]/;
const BEYOND_ASCII = /[^\p{ASCII}]/u;

export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}

export function encodeUtf8(text: string): Uint8Array {
  if (!LONE_BYTE.test(text)) return ENCODER.encode(text);
  const bytes = new Uint8Array(text.length * 3);
  let size = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point >= 0xdc80 && point <= 0xdcff) bytes[size++] = point - 0xdc00;
    else {
      const encoded = ENCODER.encode(character);
      bytes.set(encoded, size);
      size += encoded.length;
    }
  }
  return bytes.slice(0, size);
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    return decodeWithErrors(bytes);
  }
}

export function byteLength(text: string): number {
  return isAscii(text) ? text.length : encodeUtf8(text).length;
}

function decodeWithErrors(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(0xdc00 + bytes[at]!);
    else text += STRICT.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** 0 where no sequence of UTF-8 begins. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >> 4 === 0xe ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (bytes[at + i]! >> 6 !== 2) return 0;
  const second = bytes[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}
