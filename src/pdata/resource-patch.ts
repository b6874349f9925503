import {
  type AttributeAction,
  type AttributeActionEnvironment,
  type CompiledAction,
  compileAction,
  type HeaderLookup,
  NO_HEADERS,
} from './attribute-action.ts';
import { AttributeList } from './attribute-list.ts';
import { type AttributeValue, encodeValue, memberOf, VALUE, valueAsText } from './attribute-value.ts';
import { RecentResults } from './recent-results.ts';
import { FieldReader } from './wire/field-reader.ts';
import { lengthDelimitedSize, WIRE_TYPE } from './wire/format.ts';
import { WireWriter } from './wire/wire-writer.ts';

/**
 * Applies actions to the attributes of every resource of a validated request of any signal. What it returns is `bytes`, or lies in
 * `output`, which is empty before; without one, in memory of its own.
 */
export type ResourcePatch = (bytes: Uint8Array, header?: HeaderLookup, output?: WireWriter) => Uint8Array;

const RESOURCE_ITEMS = 1;
const RESOURCE = 1;
const ATTRIBUTES = 1;

/**
 * Compiles the Collector's resource processor. Requests it doesn't change come back as the same object; resources it doesn't
 * change, scopes, items and unknown fields are copied as they are. Throws CodedError `invalid_action`.
 */
export function compileResourcePatch(
  actions: readonly AttributeAction[],
  environment: AttributeActionEnvironment,
): ResourcePatch {
  const compiled = actions.map((action) => compileAction(action, environment));
  const recent = new RecentResults<Uint8Array | undefined>();
  const dependsOnSender = actions.some((action) => action.from_context !== undefined && action.from_context !== '');
  return (bytes, header = NO_HEADERS, output = undefined) => {
    const patchPieces = (pieces: readonly Uint8Array[]) => patchResource(pieces, compiled, header);
    const patchAlone = (content: Uint8Array) => patchPieces([content]);
    return patchRequest(bytes, output, (resources) => {
      if (resources.length === 1 && !dependsOnSender) return recent.of(bytes, resources[0], patchAlone);
      return patchPieces(resources.map(({ start, end }) => bytes.subarray(start, end)));
    });
  };
}

/** The new content of a Resource given in pieces; undefined if it stays as it is. */
type PatchResource = (resources: readonly FieldExtent[]) => Uint8Array | undefined;

/** The attributes of one resource, while they are looked at and changed. Of a key that stands twice the first counts. */
export interface ResourceAttributes {
  /** Undefined unless there is such an attribute and it is a string. */
  string(key: string): string | undefined;
  /** Any value as the Collector's `AsString` has it; undefined without such an attribute. */
  text(key: string): string | undefined;
  set(key: string, value: AttributeValue): void;
}

/**
 * Lets `edit` change the attributes of every resource of a validated request of any signal. What it returns is `bytes`, where nothing
 * changed, or lies in `output`, which is empty before; without one, in memory of its own.
 */
export type ResourceEdit<State> = (bytes: Uint8Array, state: State, output?: WireWriter) => Uint8Array;

/**
 * `edit` depends on nothing but the attributes and a state that does not change: what became of a resource is remembered, and given
 * again as long as the state is the same.
 */
export function compileResourceEdit<State>(
  edit: (attributes: ResourceAttributes, state: State) => void,
  isSame: (a: State, b: State) => boolean,
): ResourceEdit<State> {
  const recent = new RecentResults<{ state: State; edited: Uint8Array | undefined }>();
  return (bytes, state, output) => {
    const editPieces = (pieces: readonly Uint8Array[]) =>
      changedResource(pieces, (attributes) => edit(new EditedAttributes(attributes), state));
    return patchRequest(bytes, output, (resources) => {
      const contents = () => resources.map(({ start, end }) => bytes.subarray(start, end));
      if (resources.length !== 1) return editPieces(contents());
      const known = recent.of(bytes, resources[0]!, (content) => ({ state, edited: editPieces([content]) }));
      if (!isSame(known.state, state)) Object.assign(known, { state, edited: editPieces(contents()) });
      return known.edited;
    });
  };
}

class EditedAttributes implements ResourceAttributes {
  readonly #list: AttributeList;

  constructor(list: AttributeList) {
    this.#list = list;
  }

  string(key: string): string | undefined {
    const value = this.#list.get(key);
    const member = value === undefined ? undefined : memberOf(value);
    return member?.number === VALUE.string ? member.string() : undefined;
  }

  text(key: string): string | undefined {
    const value = this.#list.get(key);
    return value === undefined ? undefined : valueAsText(value);
  }

  set(key: string, value: AttributeValue): void {
    this.#list.set(key, encodeValue(value));
  }
}

function patchRequest(bytes: Uint8Array, output: WireWriter | undefined, patch: PatchResource): Uint8Array {
  let writer: WireWriter | undefined;
  let copiedTo = 0;
  const reader = new FieldReader(bytes);
  const inner = new FieldReader(bytes);
  while (reader.next()) {
    if (!isMessage(reader, RESOURCE_ITEMS)) continue;
    inner.enter(reader);
    const resources = resourceFields(inner);
    const patched = patch(resources);
    if (patched === undefined) continue;
    writer ??= output ?? new WireWriter(bytes.length + 256);
    writer.rawRange(bytes, copiedTo, reader.fieldStart);
    writePatched(writer, reader, resources, patched);
    copiedTo = reader.end;
  }
  if (writer === undefined) return bytes;
  writer.rawRange(bytes, copiedTo, bytes.length);
  return writer.finish();
}

/** A Resource field, which may be missing or, by protobuf's rules of merging, come in pieces. */
interface FieldExtent {
  readonly fieldStart: number;
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

function resourceFields(reader: FieldReader): readonly FieldExtent[] {
  let found: FieldExtent[] | undefined;
  while (reader.next()) {
    if (!isMessage(reader, RESOURCE)) continue;
    const { fieldStart, start, end } = reader;
    const extent = { fieldStart, start, end };
    // Nearly always the only one: an array that is pushed to takes room for 17.
    if (found === undefined) found = [extent];
    else found.push(extent);
  }
  return found ?? [];
}

function patchResource(
  pieces: readonly Uint8Array[],
  actions: readonly CompiledAction[],
  header: HeaderLookup,
): Uint8Array | undefined {
  return changedResource(pieces, (attributes) => {
    for (const action of actions) action(attributes, header);
  });
}

function changedResource(
  pieces: readonly Uint8Array[],
  change: (attributes: AttributeList) => void,
): Uint8Array | undefined {
  const attributes = new AttributeList();
  for (const piece of pieces) {
    const reader = new FieldReader(piece);
    while (reader.next()) if (isMessage(reader, ATTRIBUTES)) attributes.addSource(reader);
  }
  change(attributes);
  if (!attributes.changed || (attributes.size === 0 && pieces.length === 0)) return undefined;

  const writer = new WireWriter(1024);
  attributes.write(writer, ATTRIBUTES);
  for (const piece of pieces) {
    const reader = new FieldReader(piece);
    while (reader.next()) if (!isMessage(reader, ATTRIBUTES)) writer.raw(reader.field());
  }
  return writer.finish().slice();
}

/** Everything around the resource as it was, the new resource in place of the first piece or, without one, in front. */
function writePatched(
  writer: WireWriter,
  around: FieldReader,
  resources: readonly FieldExtent[],
  patched: Uint8Array,
): void {
  const removed = resources.reduce((total, { fieldStart, end }) => total + end - fieldStart, 0);
  writer.lengthPrefix(
    RESOURCE_ITEMS,
    around.end - around.start - removed + lengthDelimitedSize(RESOURCE, patched.length),
  );
  const first = resources[0]?.fieldStart ?? around.start;
  writer.rawRange(around.bytes, around.start, first);
  writer.bytesField(RESOURCE, patched);
  let copiedTo = first;
  for (const { fieldStart, end } of resources) {
    writer.rawRange(around.bytes, copiedTo, fieldStart);
    copiedTo = end;
  }
  writer.rawRange(around.bytes, copiedTo, around.end);
}

function isMessage(field: FieldReader, number: number): boolean {
  return field.number === number && field.wireType === WIRE_TYPE.lengthDelimited;
}
