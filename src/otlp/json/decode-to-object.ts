import {
  FieldReader,
  type FieldSpec,
  type MessageName,
  mergeRequests,
  REQUEST_MESSAGE,
  SCHEMA,
  type Signal,
  WIRE_TYPE,
} from '../../pdata/index.ts';
import { toBase64, toHex } from './binary-text.ts';
import type { DataOf } from './otlp-json.ts';

/** A validated request as plain objects in OTLP/JSON shape: for viewers and exporters that print, not for the hot path. */
export function decodeToObject<S extends Signal>(signal: S, bytes: Uint8Array): DataOf[S] {
  return decodeTree(signal, bytes, jsonDouble) as DataOf[S];
}

/** How a finite double stands in the tree: itself, or an object in place of negative zero. The others are strings. */
export type FiniteDouble = (value: number) => unknown;

const jsonDouble: FiniteDouble = (value) => value;

export function decodeTree(signal: Signal, bytes: Uint8Array, finiteDouble: FiniteDouble): unknown {
  return decodeMessage(planOf(REQUEST_MESSAGE[signal]), new FieldReader(bytes), finiteDouble);
}

/** A message's fields in the order of the output, and their places there by field number. */
interface Plan {
  readonly fields: readonly FieldSpec[];
  readonly places: Int8Array;
  /** Plans of the fields that are messages, by place; filled in once all plans exist. */
  readonly children: (Plan | undefined)[];
}

const PLANS: ReadonlyMap<MessageName, Plan> = buildPlans();

function buildPlans(): ReadonlyMap<MessageName, Plan> {
  const plans = new Map<MessageName, Plan>();
  for (const name of Object.keys(SCHEMA) as MessageName[]) {
    const fields = SCHEMA[name];
    const places = new Int8Array(1 + Math.max(...fields.map((field) => field.number))).fill(-1);
    fields.forEach((field, place) => {
      places[field.number] = place;
    });
    plans.set(name, { fields, places, children: [] });
  }
  for (const { fields, children } of plans.values()) {
    for (const field of fields) children.push(field.message === undefined ? undefined : plans.get(field.message));
  }
  return plans;
}

function planOf(name: MessageName): Plan {
  return PLANS.get(name) as Plan;
}

const KEY_VALUE = planOf('KeyValue');
const ANY_VALUE = planOf('AnyValue');

function decodeMessage(plan: Plan, reader: FieldReader, finiteDouble: FiniteDouble): Record<string, unknown> {
  const found: unknown[] = new Array(plan.fields.length).fill(undefined);
  while (reader.next()) {
    const place = reader.number < plan.places.length ? plan.places[reader.number] : -1;
    if (place >= 0) addField(plan, found, place, reader, finiteDouble);
  }
  return assemble(plan, found, finiteDouble);
}

function assemble(plan: Plan, found: unknown[], finiteDouble: FiniteDouble): Record<string, unknown> {
  for (let place = 0; place < found.length; place++) {
    const field = plan.fields[place];
    if (field.label !== 'single') continue;
    if (field.type === 'message') found[place] = decodeSingle(plan.children[place] as Plan, found[place], finiteDouble);
    else if (isDefault(field, found[place])) found[place] = undefined;
  }
  // Attributes are most of all data; objects of one shape cost a fraction of those that are put together key by key.
  if (plan === KEY_VALUE && found[2] === undefined) {
    return found[0] === undefined ? { value: found[1] } : { key: found[0], value: found[1] };
  }
  if (plan === ANY_VALUE && found[0] !== undefined) return { stringValue: found[0] };
  const result: Record<string, unknown> = {};
  for (let place = 0; place < found.length; place++) {
    if (found[place] !== undefined) result[plan.fields[place].name] = found[place];
  }
  return result;
}

const EMPTY = new Uint8Array(0);

/** All of the schema's single messages are written as `{}` when they are absent. */
function decodeSingle(plan: Plan, content: unknown, finiteDouble: FiniteDouble): unknown {
  return decodeMessage(plan, (content as FieldReader | undefined) ?? new FieldReader(EMPTY), finiteDouble);
}

function addField(plan: Plan, found: unknown[], place: number, reader: FieldReader, finiteDouble: FiniteDouble): void {
  const field = plan.fields[place];
  switch (field.label) {
    case 'repeated':
      listAt(found, place).push(decodeValue(field, plan.children[place], reader, finiteDouble));
      break;
    case 'packed':
      addPacked(listAt(found, place), field, reader, finiteDouble);
      break;
    case 'oneof':
      for (let other = 0; other < found.length; other++)
        if (plan.fields[other].label === 'oneof') found[other] = undefined;
      found[place] = decodeValue(field, plan.children[place], reader, finiteDouble);
      break;
    default:
      found[place] =
        field.type === 'message'
          ? joinPieces(found[place] as FieldReader | undefined, reader.message())
          : decodeValue(field, undefined, reader, finiteDouble);
  }
}

function listAt(found: unknown[], place: number): unknown[] {
  found[place] ??= [];
  return found[place] as unknown[];
}

/** A single message that comes in several pieces is their concatenation. */
function joinPieces(earlier: FieldReader | undefined, later: FieldReader): FieldReader {
  return earlier === undefined ? later : new FieldReader(mergeRequests([earlier.rest(), later.rest()]));
}

function addPacked(list: unknown[], field: FieldSpec, reader: FieldReader, finiteDouble: FiniteDouble): void {
  if (reader.wireType !== WIRE_TYPE.lengthDelimited) {
    list.push(decodeValue(field, undefined, reader, finiteDouble));
    return;
  }
  for (const element of reader.packed(field.type === 'uint64' ? WIRE_TYPE.varint : WIRE_TYPE.fixed64)) {
    list.push(decodeValue(field, undefined, element, finiteDouble));
  }
}

function isDefault(field: FieldSpec, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.type === 'traceId' || field.type === 'spanId') return /^0*$/.test(value as string);
  // A finite double may stand as an object of the caller's; only a negative zero does, and that's a default too.
  if (field.type === 'double') return value === 0 || typeof value === 'object';
  return value === 0 || value === '0' || value === '' || value === false;
}

function decodeValue(
  field: FieldSpec,
  child: Plan | undefined,
  reader: FieldReader,
  finiteDouble: FiniteDouble,
): unknown {
  switch (field.type) {
    case 'message':
      return decodeMessage(child as Plan, reader.message(), finiteDouble);
    case 'string':
      return reader.string();
    case 'bytes':
      return toBase64(reader.content());
    case 'traceId':
    case 'spanId':
      return toHex(reader.content());
    case 'bool':
      return reader.bool();
    case 'uint32':
      return reader.uint32();
    case 'int32':
    case 'enum':
      return reader.int32();
    case 'sint32':
      return reader.sint32();
    case 'int64':
      return String(reader.int64());
    case 'uint64':
      return String(reader.uint64());
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return String(reader.fixed64());
    case 'sfixed64':
      return String(reader.sfixed64());
    case 'double':
      return decodeDouble(reader.double(), finiteDouble);
  }
}

function decodeDouble(value: number, finiteDouble: FiniteDouble): unknown {
  return Number.isFinite(value) ? finiteDouble(value) : String(value);
}
