/** Protobuf fields as template parts. Lengths are known when a part is built because slots have fixed widths. */
import { type Part, sizeOf } from './wire-template.ts';

const utf8 = new TextEncoder();

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** A length-delimited field: a message made of parts, or bytes. */
export function message(field: number, ...parts: readonly Part[]): Part {
  return compact([varint(field * 8 + 2), varint(sizeOf(parts)), parts]);
}

/** A flat list in which bytes between slots are one array, so that sizes of outer messages are cheap to add up. */
function compact(part: Part): Part {
  const flat: Part[] = [];
  let run: Uint8Array[] = [];
  const endRun = () => {
    if (run.length > 0) flat.push(run.length === 1 ? run[0]! : concat(run));
    run = [];
  };
  const visit = (inner: Part): void => {
    if (inner instanceof Uint8Array) run.push(inner);
    else if ('kind' in inner) {
      endRun();
      flat.push(inner);
    } else for (const piece of inner) visit(piece);
  };
  visit(part);
  endRun();
  return flat.length === 1 ? flat[0]! : flat;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

export function text(field: number, value: string): Part {
  return message(field, utf8.encode(value));
}

export function integer(field: number, value: number): Part {
  return [varint(field * 8), varint(value)];
}

/** A field of wire type 1 (fixed64, sfixed64, double): eight bytes or a slot of that width. */
export function eightBytes(field: number, value: Part): Part {
  return [varint(field * 8 + 1), value];
}

export function double(field: number, value: number): Part {
  return eightBytes(field, doubleBytes(value));
}

export function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

export function fixed64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

export type AttributeValue = string | number | boolean;

/** A KeyValue. Whole numbers become int_value, other numbers double_value. */
function attribute(field: number, key: string, value: AttributeValue): Part {
  return message(field, text(1, key), message(2, anyValue(value)));
}

export function attributes(field: number, entries: Readonly<Record<string, AttributeValue>>): Part {
  return Object.entries(entries).map(([key, value]) => attribute(field, key, value));
}

export function anyValue(value: AttributeValue): Part {
  if (typeof value === 'string') return text(1, value);
  if (typeof value === 'boolean') return integer(2, value ? 1 : 0);
  return Number.isInteger(value) && value >= 0 ? integer(3, value) : double(4, value);
}
