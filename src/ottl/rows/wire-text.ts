import type { WireWriter } from '../../pdata/index.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Longer texts are rarely the same twice. */
const MAX_REMEMBERED = 32;
const REMEMBERED = 1024;
const LONE_SURROGATES = 0xdc00;

/**
 * The texts of telemetry are mostly a few ones again and again: comparing the bytes with those of the last text of the same hash
 * is several times faster than making a string of them. Only time depends on what is remembered.
 */
class RememberedTexts {
  readonly #bytes = new Uint8Array(REMEMBERED * MAX_REMEMBERED);
  readonly #texts: string[] = new Array<string>(REMEMBERED).fill('');
  readonly #sizes = new Uint8Array(REMEMBERED);

  decode(bytes: Uint8Array, start: number, end: number): string {
    const size = end - start;
    const first = bytes[start]! * 31 + bytes[end - 1]!;
    const slot = (first * 37 + bytes[start + (size >> 1)]! * 7 + size * 131) & (REMEMBERED - 1);
    const known = this.#bytes;
    const from = slot * MAX_REMEMBERED;
    if (this.#sizes[slot] === size) {
      let at = 0;
      while (at < size && known[from + at] === bytes[start + at]) at += 1;
      if (at === size) return this.#texts[slot]!;
    }
    for (let at = 0; at < size; at++) known[from + at] = bytes[start + at]!;
    this.#sizes[slot] = size;
    const text = decodeShort(bytes, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

const remembered = new RememberedTexts();

/** UTF-8 to a string; bytes that are no UTF-8 become U+DC80 to U+DCFF, one for each. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return '';
  return end - start > MAX_REMEMBERED ? decodeLong(bytes.subarray(start, end)) : remembered.decode(bytes, start, end);
}

/** Faster than a call of the decoder. */
function decodeShort(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return decodeLong(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Whether [start, end) is this text, encoded. Looks from the end, since keys have their beginnings in common. */
export function isText(bytes: Uint8Array, start: number, end: number, utf8: Uint8Array): boolean {
  if (end - start !== utf8.length) return false;
  for (let at = utf8.length - 1; at >= 0; at--) if (bytes[start + at] !== utf8[at]) return false;
  return true;
}

/** The opposite of `decodeText`; a surrogate that stands for no byte is written as U+FFFD. */
export function writeText(writer: WireWriter, text: string): void {
  if (text.isWellFormed()) {
    writer.text(text);
    return;
  }
  for (const character of text) {
    const byte = character.charCodeAt(0) - LONE_SURROGATES;
    if (character.length === 1 && byte >= 0x80 && byte <= 0xff) writer.byte(byte);
    else writer.text(character);
  }
}

/** The bytes of a key, to compare where it stands. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const parts: number[] = [];
  for (const character of text) {
    const byte = character.charCodeAt(0) - LONE_SURROGATES;
    if (character.length === 1 && byte >= 0x80 && byte <= 0xff) parts.push(byte);
    else parts.push(...encoder.encode(character));
  }
  return Uint8Array.from(parts);
}

function decodeLong(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  return text.includes('\uFFFD') ? decodeBroken(bytes) : text;
}

function decodeBroken(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceSize(bytes, at);
    if (size === 0) text += String.fromCharCode(LONE_SURROGATES + bytes[at++]!);
    else {
      text += decoder.decode(bytes.subarray(at, at + size));
      at += size;
    }
  }
  return text;
}

/** Bytes of the character at `at`; 0 where there is none. The ranges of second bytes are those of the Unicode standard, table 3-7. */
function sequenceSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + size; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return size;
}
