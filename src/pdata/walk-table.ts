import { type FieldSpec, type FieldType, type MessageName, SCHEMA } from './schema.ts';
import { tagOf, WIRE_TYPE, type WireType } from './wire/format.ts';

/** What a walk does with a field of a known tag; the low four bits of a table entry. */
export const STEP = {
  /** Unknown field, wrong wire type, or a tag of more than one byte: looked at closely. */
  other: 0,
  varint: 1,
  fixed64: 2,
  fixed32: 3,
  bytes: 4,
  traceId: 5,
  spanId: 6,
  message: 7,
  /** A message that is one item. */
  item: 8,
  packedFixed64: 9,
  packedVarint: 10,
} as const;

/** Names of messages by the number that stands for them in the tables. */
export const MESSAGE_NAMES = Object.keys(SCHEMA) as readonly MessageName[];

const TAGS_PER_MESSAGE = 128;

const WIRE_TYPE_OF: Readonly<Record<FieldType, WireType>> = {
  string: WIRE_TYPE.lengthDelimited,
  bytes: WIRE_TYPE.lengthDelimited,
  traceId: WIRE_TYPE.lengthDelimited,
  spanId: WIRE_TYPE.lengthDelimited,
  message: WIRE_TYPE.lengthDelimited,
  bool: WIRE_TYPE.varint,
  uint32: WIRE_TYPE.varint,
  int32: WIRE_TYPE.varint,
  sint32: WIRE_TYPE.varint,
  enum: WIRE_TYPE.varint,
  int64: WIRE_TYPE.varint,
  uint64: WIRE_TYPE.varint,
  fixed32: WIRE_TYPE.fixed32,
  fixed64: WIRE_TYPE.fixed64,
  sfixed64: WIRE_TYPE.fixed64,
  double: WIRE_TYPE.fixed64,
};

export function wireTypeOf(type: FieldType): WireType {
  return WIRE_TYPE_OF[type];
}

export function messageId(name: MessageName): number {
  return MESSAGE_NAMES.indexOf(name);
}

/** Entries by `messageId * 128 + tag` for tags of one byte: step, and for messages the child's id from bit 4 on. */
export const WALK_TABLE: Uint16Array = buildWalkTable();

/** The same for longer tags (field numbers from 16 on), by `messageId * 2^32 + tag`. */
export const LONG_TAG_STEPS: ReadonlyMap<number, number> = buildLongTagSteps();

export function longTagKey(message: number, tag: number): number {
  return message * 2 ** 32 + tag;
}

function buildWalkTable(): Uint16Array {
  const table = new Uint16Array(MESSAGE_NAMES.length * TAGS_PER_MESSAGE);
  for (const [message, tag, step] of allSteps()) {
    if (tag < TAGS_PER_MESSAGE) table[message * TAGS_PER_MESSAGE + tag] = step;
  }
  return table;
}

function buildLongTagSteps(): ReadonlyMap<number, number> {
  return new Map(
    allSteps()
      .filter(([, tag]) => tag >= TAGS_PER_MESSAGE)
      .map(([message, tag, step]) => [longTagKey(message, tag), step]),
  );
}

function allSteps(): (readonly [message: number, tag: number, step: number])[] {
  return MESSAGE_NAMES.flatMap((name, message) =>
    SCHEMA[name].flatMap((field) => stepsOf(field).map(([tag, step]) => [message, tag, step] as const)),
  );
}

function stepsOf(field: FieldSpec): (readonly [tag: number, step: number])[] {
  const wireType = WIRE_TYPE_OF[field.type];
  const own = [tagOf(field.number, wireType), singleStep(field, wireType)] as const;
  if (field.label !== 'packed') return [own];
  const packedStep = wireType === WIRE_TYPE.fixed64 ? STEP.packedFixed64 : STEP.packedVarint;
  return [own, [tagOf(field.number, WIRE_TYPE.lengthDelimited), packedStep]];
}

function singleStep(field: FieldSpec, wireType: WireType): number {
  if (field.message !== undefined) return (field.item ? STEP.item : STEP.message) | (messageId(field.message) << 4);
  if (field.type === 'traceId') return STEP.traceId;
  if (field.type === 'spanId') return STEP.spanId;
  if (wireType === WIRE_TYPE.varint) return STEP.varint;
  if (wireType === WIRE_TYPE.fixed64) return STEP.fixed64;
  return wireType === WIRE_TYPE.fixed32 ? STEP.fixed32 : STEP.bytes;
}
