import { REQUEST_MESSAGE, SCHEMA } from './schema.ts';
import type { Signal } from './signal.ts';
import { LONG_TAG_STEPS, longTagKey, MESSAGE_NAMES, messageId, STEP, WALK_TABLE, wireTypeOf } from './walk-table.ts';

export type RequestValidation =
  | { readonly ok: true; readonly itemCount: number }
  /** `message` names the place and what is wrong there; `offset` is the byte where the wrong field begins. */
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** Messages inside messages, counted from the request; protobuf's own limit in most languages. */
export const MAX_MESSAGE_DEPTH = 100;

/**
 * Checks an export request down to every value and counts its items in the same pass. Accepts what the Collector accepts:
 * unknown fields, any UTF-8 (it doesn't look, https://github.com/open-telemetry/opentelemetry-collector/tree/pdata/v1.55.0/pdata/internal),
 * ids of full length or empty. Stricter than it in three: no groups, no field numbers above 2^29 - 1, at most 100 levels.
 */
export function validateRequest(signal: Signal, bytes: Uint8Array): RequestValidation {
  const walk = new ValidatingWalk(bytes);
  const itemCount = walk.message(messageId(REQUEST_MESSAGE[signal]), 0, bytes.length, 1);
  return itemCount < 0 ? walk.failure() : { ok: true, itemCount };
}

const WIRE_TYPE_NAMES = ['a varint', 'fixed 64 bits', 'length-delimited', 'a group', 'a group end', 'fixed 32 bits'];
const FAILED = -1;

const KEY_VALUE_STEP = STEP.message | (messageId('KeyValue') << 4);

/**
 * True for the form that nearly all attributes have: key, then a value of at most 127 bytes that is a string, bool,
 * integer or double. False means nothing but "look at it closely".
 */
function isPlainKeyValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4 || bytes[start] !== 0x0a || bytes[start + 1] >= 128) return false;
  const value = start + 2 + bytes[start + 1];
  if (value + 3 >= end || bytes[value] !== 0x12) return false;
  if (bytes[value + 1] >= 128 || value + 2 + bytes[value + 1] !== end) return false;
  switch (bytes[value + 2]) {
    case 0x0a:
      return value + 4 + bytes[value + 3] === end && bytes[value + 3] < 128;
    case 0x10:
    case 0x18:
      return isVarint(bytes, value + 3, end);
    case 0x21:
      return value + 11 === end;
    default:
      return false;
  }
}

/** True if [start, end) is exactly one varint. */
function isVarint(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 10) return false;
  for (let at = start; at < end - 1; at++) if (bytes[at] < 128) return false;
  return bytes[end - 1] < 128;
}

/** One validation. A failure is noted where it happens, and its path on the way back up; the good case allocates nothing. */
class ValidatingWalk {
  readonly #bytes: Uint8Array;
  /** Position after the varint or length that was read last. */
  #next = 0;
  #offset = 0;
  #complaint = '';
  readonly #path: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  failure(): RequestValidation {
    const place = this.#path.length === 0 ? 'the request' : this.#path.reverse().join('.');
    return { ok: false, message: `${place} ${this.#complaint}${this.#hint()}`, offset: this.#offset };
  }

  /** Items in the message at [start, end), or FAILED. */
  message(message: number, start: number, end: number, depth: number): number {
    const bytes = this.#bytes;
    const row = message * 128;
    let items = 0;
    let position = start;
    while (position < end) {
      const fieldStart = position;
      const tag = bytes[position++];
      let step = tag < 128 ? WALK_TABLE[row + tag] : STEP.other;
      if (step === STEP.other) {
        step = this.#closeLook(message, fieldStart, end);
        if (step < 0) return FAILED;
        position = this.#next;
      }
      switch (step & 15) {
        case STEP.varint:
          position =
            position < end && bytes[position] < 128 ? position + 1 : this.#skipVarint(fieldStart, position, end);
          if (position < 0) return this.#at(message, start, fieldStart);
          break;
        case STEP.fixed64:
          position += 8;
          if (position > end) return this.#cutOff(message, start, fieldStart, position - end);
          break;
        case STEP.fixed32:
          position += 4;
          if (position > end) return this.#cutOff(message, start, fieldStart, position - end);
          break;
        default: {
          let contentEnd: number;
          if (position < end && bytes[position] < 128) contentEnd = position + 1 + bytes[position++];
          else {
            contentEnd = this.#longLength(fieldStart, position, end);
            if (contentEnd < 0) return this.#at(message, start, fieldStart);
            position = this.#next;
          }
          if (contentEnd > end) return this.#cutOff(message, start, fieldStart, contentEnd - end);
          const kind = step & 15;
          if (kind >= STEP.traceId) {
            const inside = this.#content(step, position, contentEnd, fieldStart, depth);
            if (inside < 0) return this.#at(message, start, fieldStart);
            items += inside;
          }
          position = contentEnd;
        }
      }
    }
    return items;
  }

  /** Content of a length-delimited field that has inner rules: items in it, or FAILED. */
  #content(step: number, start: number, end: number, fieldStart: number, depth: number): number {
    switch (step & 15) {
      case STEP.message:
      case STEP.item: {
        if (depth >= MAX_MESSAGE_DEPTH)
          return this.#fail(fieldStart, `is nested more than ${MAX_MESSAGE_DEPTH} messages deep`);
        if (step === KEY_VALUE_STEP && isPlainKeyValue(this.#bytes, start, end)) return 0;
        const inside = this.message(step >> 4, start, end, depth + 1);
        return inside < 0 || (step & 15) === STEP.message ? inside : 1;
      }
      case STEP.traceId:
        return end - start === 16 || end === start ? 0 : this.#wrongIdLength(fieldStart, end - start, 16);
      case STEP.spanId:
        return end - start === 8 || end === start ? 0 : this.#wrongIdLength(fieldStart, end - start, 8);
      case STEP.packedFixed64:
        return (end - start) % 8 === 0
          ? 0
          : this.#fail(fieldStart, `is ${end - start} bytes long, must be a multiple of 8`);
      default:
        return this.#packedVarints(fieldStart, start, end);
    }
  }

  #packedVarints(fieldStart: number, start: number, end: number): number {
    let position = start;
    while (position < end) {
      position = this.#skipVarint(fieldStart, position, end);
      if (position < 0) return FAILED;
    }
    return 0;
  }

  /** The step for a tag that the table of one-byte tags doesn't know; #next is then after the tag. */
  #closeLook(message: number, fieldStart: number, end: number): number {
    const tag = this.#readUnsigned(fieldStart, fieldStart, end);
    if (tag < 0) return FAILED;
    // A short tag may have been written in more bytes than it needs.
    const known = tag < 128 ? WALK_TABLE[message * 128 + tag] : LONG_TAG_STEPS.get(longTagKey(message, tag));
    if (known) return known;
    if (tag >= 2 ** 32)
      return this.#fail(fieldStart, 'has a field number above 536870911, which protobuf does not allow');
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0) return this.#fail(fieldStart, 'has a field with number 0, which protobuf does not allow');
    const place = `field ${number}`;
    if (wireType === 3 || wireType === 4)
      return this.#fail(fieldStart, `has a group in ${place}, which OTLP does not use`);
    if (wireType > 5) return this.#fail(fieldStart, `has the unknown wire type ${wireType} in ${place}`);
    const field = SCHEMA[MESSAGE_NAMES[message]].find((candidate) => candidate.number === number);
    if (field !== undefined) {
      this.#path.push(field.name);
      return this.#fail(
        fieldStart,
        `is ${WIRE_TYPE_NAMES[wireType]}, must be ${WIRE_TYPE_NAMES[wireTypeOf(field.type)]}`,
      );
    }
    return [STEP.varint, STEP.fixed64, STEP.bytes, FAILED, FAILED, STEP.fixed32][wireType];
  }

  /** End of the content whose length stands at `position`, as a number that may be beyond `end`; #next is its start. */
  #longLength(fieldStart: number, position: number, end: number): number {
    const length = this.#readUnsigned(fieldStart, position, end);
    return length < 0 ? FAILED : this.#next + length;
  }

  #readUnsigned(fieldStart: number, start: number, end: number): number {
    const after = this.#skipVarint(fieldStart, start, end);
    if (after < 0) return FAILED;
    let value = 0;
    for (let at = after - 1; at >= start; at--) value = value * 128 + (this.#bytes[at] & 0x7f);
    this.#next = after;
    return value;
  }

  #skipVarint(fieldStart: number, start: number, end: number): number {
    const limit = Math.min(end, start + 10);
    for (let at = start; at < limit; at++) if (this.#bytes[at] < 128) return at + 1;
    return this.#fail(
      fieldStart,
      end - start >= 10 ? 'has a varint of more than 10 bytes' : 'is cut off in the middle of a varint',
    );
  }

  #wrongIdLength(fieldStart: number, actual: number, expected: number): number {
    const unit = actual === 1 ? 'byte' : 'bytes';
    return this.#fail(fieldStart, `is ${actual} ${unit} long, must be ${expected} or empty`);
  }

  #cutOff(message: number, start: number, fieldStart: number, missing: number): number {
    this.#fail(fieldStart, `is cut off: ${missing} ${missing === 1 ? 'byte is' : 'bytes are'} missing`);
    return this.#at(message, start, fieldStart);
  }

  #fail(offset: number, complaint: string): number {
    this.#offset = offset;
    this.#complaint = complaint;
    return FAILED;
  }

  /** Adds the field at `fieldStart` of the message at `start` to the path of a failure. */
  #at(message: number, start: number, fieldStart: number): number {
    const number = this.#fieldNumber(fieldStart);
    const field = SCHEMA[MESSAGE_NAMES[message]].find((candidate) => candidate.number === number);
    if (field === undefined) this.#path.push(`field ${number}`);
    else if (field.label !== 'repeated') this.#path.push(field.name);
    else this.#path.push(`${field.name}[${this.#occurrencesBefore(number, start, fieldStart)}]`);
    return FAILED;
  }

  #fieldNumber(fieldStart: number): number {
    let value = 0;
    let scale = 1;
    for (let at = fieldStart; ; at++) {
      value += (this.#bytes[at] & 0x7f) * scale;
      if (this.#bytes[at] < 128) return Math.floor(value / 8);
      scale *= 128;
    }
  }

  /** Everything in [start, fieldStart) has been found to be well-formed. */
  #occurrencesBefore(number: number, start: number, fieldStart: number): number {
    let occurrences = 0;
    let position = start;
    while (position < fieldStart) {
      const tag = this.#readUnsigned(position, position, fieldStart);
      if (Math.floor(tag / 8) === number) occurrences++;
      position = this.#skipContent(tag % 8, this.#next, fieldStart);
    }
    return occurrences;
  }

  #skipContent(wireType: number, position: number, end: number): number {
    if (wireType === 0) return this.#skipVarint(position, position, end);
    if (wireType === 1) return position + 8;
    if (wireType === 5) return position + 4;
    return this.#longLength(position, position, end);
  }

  /** Two mistakes that senders make with whole bodies. */
  #hint(): string {
    if (this.#offset !== 0) return '';
    if (this.#bytes[0] === 0x7b) return ' (it looks like JSON: send it with content-type application/json)';
    if (this.#bytes[0] === 0x1f && this.#bytes[1] === 0x8b)
      return ' (it looks like gzip: announce it with content-encoding gzip)';
    return '';
  }
}
