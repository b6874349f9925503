/**
 * Identity of generated items.
 *
 * Every item of a run has a sequence number below 2^48. It stands in the last six bytes of a span id and, for log
 * records and metric points, in the text attribute ITEM_LABEL_KEY. So a sink can count unique items of any number of runs
 * with one bit an item, and a reader of a trace sees ordinary ids.
 */
import { mix32 } from './random.ts';

/** First four bytes of every generated trace id; the next four are the run. */
export const TRACE_ID_MAGIC = 0x511ce0a1;

/** Attribute of a generated log record or metric point: `<run, 8 hex>-<sequence, 12 hex>`. */
export const ITEM_LABEL_KEY = 'load.item';
export const ITEM_LABEL_LENGTH = 21;

const HEX = new Uint8Array(Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0)));
const DASH = 0x2d;

/** 32 bits that tell runs apart; one seed is one run, so sending a seed twice sends the same items twice. */
export function runOfSeed(seed: number): number {
  return mix32(seed ^ 0x5e3d) >>> 0;
}

export function writeTraceId(target: Uint8Array, offset: number, run: number, sequence: number): void {
  // The tail looks random because samplers decide on it; mixing is one to one, so ids stay unique.
  const low = mix32((sequence >>> 0) ^ run);
  const high = mix32(Math.floor(sequence / 2 ** 32) ^ low);
  writeUint32(target, offset, TRACE_ID_MAGIC);
  writeUint32(target, offset + 4, run);
  writeUint32(target, offset + 8, high);
  writeUint32(target, offset + 12, low);
}

/** A trace id as people and UIs write it. */
export function traceIdText(run: number, sequence: number): string {
  const bytes = new Uint8Array(16);
  writeTraceId(bytes, 0, run, sequence);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function writeSpanId(target: Uint8Array, offset: number, run: number, sequence: number): void {
  const high = Math.floor(sequence / 2 ** 32);
  // The top bit keeps the id from being all zero, which would mean "no span".
  target[offset] = 0x80 | (run >>> 24);
  target[offset + 1] = run >>> 16;
  target[offset + 2] = high >>> 8;
  target[offset + 3] = high;
  writeUint32(target, offset + 4, sequence >>> 0);
}

export function writeItemLabel(target: Uint8Array, offset: number, run: number, sequence: number): void {
  writeHex(target, offset, run, 8);
  target[offset + 8] = DASH;
  writeHex(target, offset + 9, Math.floor(sequence / 2 ** 32), 4);
  writeHex(target, offset + 13, sequence >>> 0, 8);
}

/** The sequence number in a span id written by writeSpanId. */
export function sequenceOfSpanId(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 2]! * 256 + bytes[offset + 3]!) * 2 ** 32 + readUint32(bytes, offset + 4);
}

/** A label's run and sequence number; undefined when the text is not a label. */
export function parseItemLabel(bytes: Uint8Array, offset: number, length: number): ItemLabel | undefined {
  if (length !== ITEM_LABEL_LENGTH || bytes[offset + 8] !== DASH) return undefined;
  const run = readHex(bytes, offset, 8);
  const high = readHex(bytes, offset + 9, 4);
  const low = readHex(bytes, offset + 13, 8);
  return run < 0 || high < 0 || low < 0 ? undefined : { run, sequence: high * 2 ** 32 + low };
}

export interface ItemLabel {
  readonly run: number;
  readonly sequence: number;
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 0x1000000 + ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!);
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

function writeHex(target: Uint8Array, offset: number, value: number, digits: number): void {
  let rest = value;
  for (let at = offset + digits - 1; at >= offset; at--) {
    target[at] = HEX[rest & 15]!;
    rest >>>= 4;
  }
}

/** -1 when a byte is not a lower-case hex digit. */
function readHex(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  for (let at = offset; at < offset + digits; at++) {
    const byte = bytes[at]!;
    const digit = byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
