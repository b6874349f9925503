import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  ScalarType,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type FileDescriptorSet, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import type { Signal } from '../../src/pdata/index.ts';

/** OTLP by an implementation that shares no code with ours: protobuf-es over OTLP's own descriptors. */
const registry = createFileRegistry(readDescriptors());

/** The published descriptors were stripped of JSON names, which follow from the names by protobuf's rule. */
function readDescriptors(): FileDescriptorSet {
  const path = fileURLToPath(new URL('opentelemetry.binpb', import.meta.url));
  const descriptors = fromBinary(FileDescriptorSetSchema, readFileSync(path)) as FileDescriptorSet;
  for (const message of descriptors.file
    .flatMap((file) => file.messageType)
    .flatMap((one) => [one, ...one.nestedType])) {
    for (const field of message.field)
      field.jsonName = field.name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  }
  return descriptors;
}

/** `otlpMessage('trace.v1.Span')`. */
export function otlpMessage(name: string): DescMessage {
  const found = registry.getMessage(`opentelemetry.proto.${name}`);
  if (found === undefined) throw new Error(`no OTLP message ${name}`);
  return found;
}

const REQUEST: Readonly<Record<Signal, DescMessage>> = {
  traces: otlpMessage('collector.trace.v1.ExportTraceServiceRequest'),
  metrics: otlpMessage('collector.metrics.v1.ExportMetricsServiceRequest'),
  logs: otlpMessage('collector.logs.v1.ExportLogsServiceRequest'),
};
const RESPONSE: Readonly<Record<Signal, DescMessage>> = {
  traces: otlpMessage('collector.trace.v1.ExportTraceServiceResponse'),
  metrics: otlpMessage('collector.metrics.v1.ExportMetricsServiceResponse'),
  logs: otlpMessage('collector.logs.v1.ExportLogsServiceResponse'),
};

/** A message whose fields are reached by name, as tests do; oneofs are `{ case, value }`. */
// biome-ignore lint/suspicious/noExplicitAny: the descriptors are data, so no static type exists
export type DynamicMessage = Message & Record<string, any>;

export function requestDescriptor(signal: Signal): DescMessage {
  return REQUEST[signal];
}

/** `init` in protobuf-es form: lowerCamelCase, bigint for 64 bit, Uint8Array for bytes, `{ case, value }` for oneofs. */
function createRequest(signal: Signal, init: Readonly<Record<string, unknown>>): DynamicMessage {
  return create(REQUEST[signal], init as never) as DynamicMessage;
}

export function encodeRequest(signal: Signal, init: Readonly<Record<string, unknown>>): Uint8Array {
  return encodeMessage(REQUEST[signal], createRequest(signal, init));
}

export function decodeRequest(signal: Signal, bytes: Uint8Array): DynamicMessage {
  return fromBinary(REQUEST[signal], bytes) as DynamicMessage;
}

/** protobuf's own JSON mapping: like OTLP/JSON, but with base64 ids. */
export function requestToProtoJson(signal: Signal, message: DynamicMessage): JsonValue {
  return toJson(REQUEST[signal], message, { enumAsInteger: true });
}

export function requestFromProtoJson(signal: Signal, json: JsonValue): DynamicMessage {
  return fromJson(REQUEST[signal], json, { ignoreUnknownFields: true }) as DynamicMessage;
}

export function decodeResponse(signal: Signal, bytes: Uint8Array): DynamicMessage {
  return fromBinary(RESPONSE[signal], bytes) as DynamicMessage;
}

export function encodeResponse(signal: Signal, init: Readonly<Record<string, unknown>>): Uint8Array {
  return toBinary(RESPONSE[signal], create(RESPONSE[signal], init as never));
}

export function encodeMessage(descriptor: DescMessage, message: Message): Uint8Array {
  return toBinary(descriptor, message);
}

/** All items of a request in order: spans, log records, or data points of any kind. */
export function itemsOf(signal: Signal, request: DynamicMessage): DynamicMessage[] {
  if (signal === 'traces') {
    return request['resourceSpans'].flatMap((r: DynamicMessage) =>
      r['scopeSpans'].flatMap((s: DynamicMessage) => s['spans']),
    );
  }
  if (signal === 'logs') {
    return request['resourceLogs'].flatMap((r: DynamicMessage) =>
      r['scopeLogs'].flatMap((s: DynamicMessage) => s['logRecords']),
    );
  }
  return request['resourceMetrics'].flatMap((r: DynamicMessage) =>
    r['scopeMetrics'].flatMap((s: DynamicMessage) =>
      s['metrics'].flatMap((m: DynamicMessage) => m['data'].value?.dataPoints ?? []),
    ),
  );
}

const UINT64_EDGES = [
  0n,
  1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const INT64_EDGES = [0n, 1n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const uint64 = fc.oneof(fc.constantFrom(...UINT64_EDGES), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const int64 = fc.oneof(fc.constantFrom(...INT64_EDGES), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const int32 = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());
const uint32 = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat());
const text = fc.oneof(
  fc.constantFrom('', 'service.name', 'a', 'é', '日本', '😀', '\u0000"\\\n'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const double = fc.oneof(
  fc.constantFrom(0, -0, 1.5, Infinity, -Infinity, NaN, 5e-324, 1.7976931348623157e308, 1e21, 1e-7),
  fc.double(),
);

const ID_SIZE: Readonly<Record<string, number>> = { trace_id: 16, span_id: 8, parent_span_id: 8 };

function arbitraryBytes(field: DescField): fc.Arbitrary<Uint8Array> {
  const idSize = ID_SIZE[field.name];
  if (idSize === undefined) return fc.uint8Array({ maxLength: 20 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) },
    { weight: 5, arbitrary: fc.uint8Array({ minLength: idSize, maxLength: idSize }) },
  );
}

function arbitraryScalar(field: DescField, scalar: ScalarType): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return arbitraryBytes(field);
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.FIXED64:
    case ScalarType.UINT64:
      return uint64;
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
      return int64;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32;
    case ScalarType.INT32:
    case ScalarType.SINT32:
      return int32;
    default:
      throw new Error(`OTLP has no ${ScalarType[scalar]} field, yet ${field.toString()} is one`);
  }
}

const MAX_VALUE_DEPTH = 3;

function arbitrarySingle(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return arbitraryMessage(field.message, depth);
  if (field.enum !== undefined) {
    return fc.oneof(fc.constantFrom(...field.enum.values.map((value) => value.number)), fc.constantFrom(-1, 77));
  }
  return arbitraryScalar(field, field.scalar as ScalarType);
}

function arbitraryField(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const single = arbitrarySingle(field, depth);
  if (field.fieldKind !== 'list') return single;
  return fc.array(single, { maxLength: 3, size: 'max' });
}

/** Numbers no OTLP message uses or reserves, of one to three bytes of tag. */
const UNKNOWN_NUMBERS = [17, 99, 2047, 2048, 536_870_911];

function lengthPrefixed(data: Uint8Array): Uint8Array {
  return new BinaryWriter().bytes(data).finish();
}

type UnknownField = NonNullable<Message['$unknown']>[number];

const arbitraryUnknown = fc.oneof(
  uint64.map((value) => ({ wireType: WireType.Varint, data: new BinaryWriter().uint64(value).finish() })),
  uint64.map((value) => ({ wireType: WireType.Bit64, data: new BinaryWriter().fixed64(value).finish() })),
  uint32.map((value) => ({ wireType: WireType.Bit32, data: new BinaryWriter().fixed32(value).finish() })),
  fc.uint8Array({ maxLength: 6 }).map((data) => ({ wireType: WireType.LengthDelimited, data: lengthPrefixed(data) })),
);
const arbitraryUnknowns: fc.Arbitrary<UnknownField[]> = fc.oneof(
  { weight: 9, arbitrary: fc.constant<UnknownField[]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.tuple(fc.constantFrom(...UNKNOWN_NUMBERS), arbitraryUnknown).map(([no, field]) => ({ no, ...field })),
      { minLength: 1, maxLength: 2 },
    ),
  },
);

const messageCache = new Map<string, fc.Arbitrary<Message>>();

/** Any message of a descriptor: every field maybe set, oneofs with one member or none, unknown fields at every level. */
function arbitraryMessage(descriptor: DescMessage, depth = 0): fc.Arbitrary<Message> {
  const cacheKey = `${descriptor.typeName}/${depth}`;
  const cached = messageCache.get(cacheKey);
  if (cached !== undefined) return cached;
  const childDepth = descriptor.typeName.endsWith('.AnyValue') ? depth + 1 : depth;
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of descriptor.members) {
    if (member.kind === 'field') {
      members[member.localName] = arbitraryField(member, childDepth);
      continue;
    }
    const cases = member.fields.filter((field) => childDepth <= MAX_VALUE_DEPTH || field.message === undefined);
    members[member.localName] = fc.oneof(
      ...cases.map((field) => arbitraryField(field, childDepth).map((value) => ({ case: field.localName, value }))),
    );
  }
  const result = fc.tuple(fc.record(members, { requiredKeys: [] }), arbitraryUnknowns).map(([init, unknown]) => {
    const message = create(descriptor, init as never) as Message;
    if (unknown.length > 0) message.$unknown = unknown;
    return message;
  });
  messageCache.set(cacheKey, result);
  return result;
}

/** Full-featured requests: all value types, 64-bit edges, nested values, unknown fields, every metric kind. */
export function arbitraryRequest(signal: Signal): fc.Arbitrary<DynamicMessage> {
  return arbitraryMessage(REQUEST[signal]) as fc.Arbitrary<DynamicMessage>;
}

/**
 * The same message written differently: fields of each message in another order, which protobuf allows.
 * Fields of one number keep their order, so repeated fields and merges mean the same. `seed` picks the order.
 */
export function scrambleFields(descriptor: DescMessage, bytes: Uint8Array, seed: number): Uint8Array {
  const byNumber = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    const field = descriptor.fields.find((candidate) => candidate.number === no);
    const writer = new BinaryWriter().tag(no, wireType);
    if (field?.message !== undefined && wireType === WireType.LengthDelimited) {
      writer.bytes(scrambleFields(field.message, reader.bytes(), seed + no));
    } else {
      writer.raw(reader.skip(wireType, no));
    }
    const list = byNumber.get(no) ?? [];
    list.push(writer.finish());
    byNumber.set(no, list);
  }
  const order = [...byNumber.keys()].sort((a, b) => ((a * 31 + seed) % 7) - ((b * 31 + seed) % 7) || b - a);
  const writer = new BinaryWriter();
  for (const no of order) for (const part of byNumber.get(no) as Uint8Array[]) writer.raw(part);
  return writer.finish();
}

/**
 * One text for equal messages: keys sorted, bytes and 64-bit integers spelled out, NaN and -0 told apart.
 * Takes any value that holds messages. A message that is absent and an empty one stay different: see `fillMessages`.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, member) => {
    if (typeof member === 'bigint') return `${member}n`;
    if (Object.is(member, -0)) return '-0';
    if (typeof member === 'number' && !Number.isFinite(member)) return String(member);
    if (member instanceof Uint8Array) return [...member];
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Puts empty messages where single ones are absent, at every level, and drops unknown fields if asked to. Changes its argument. */
export function fillMessages(
  descriptor: DescMessage,
  message: DynamicMessage,
  options: { readonly dropUnknown: boolean },
): DynamicMessage {
  if (options.dropUnknown) delete message.$unknown;
  for (const member of descriptor.members) {
    if (member.kind === 'oneof') {
      const chosen = member.fields.find((field) => field.localName === message[member.localName].case);
      if (chosen?.message !== undefined) fillMessages(chosen.message, message[member.localName].value, options);
    } else if (member.fieldKind === 'message') {
      message[member.localName] ??= create(member.message);
      fillMessages(member.message, message[member.localName], options);
    } else if (member.fieldKind === 'list' && member.message !== undefined) {
      for (const element of message[member.localName]) fillMessages(member.message, element, options);
    }
  }
  return message;
}
