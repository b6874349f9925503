/**
 * Changes the attributes of items: spans, data points, log records.
 *
 * One walk writes the new request as it goes. A message's beginning is written before it is known whether anything in it
 * changes; one in which nothing did is taken back, and copied with what stands around it when that is.
 */
import {
  type AttributeAction,
  type AttributeActionEnvironment,
  type CompiledAction,
  compileAction,
  type HeaderLookup,
  NO_HEADERS,
} from './attribute-action.ts';
import { AttributeList } from './attribute-list.ts';
import { compileItemMatch, type ItemMatch, type MatchProperties } from './item-match.ts';
import type { ResourcePatch } from './resource-patch.ts';
import type { Signal } from './signal.ts';
import { FieldReader } from './wire/field-reader.ts';
import { WIRE_TYPE } from './wire/format.ts';
import { WireWriter } from './wire/wire-writer.ts';

export interface ItemPatchSettings {
  readonly actions: readonly AttributeAction[];
  readonly include?: MatchProperties;
  readonly exclude?: MatchProperties;
}

/** Compiles the Collector's attributes processor for one signal. Throws CodedErrors `invalid_action` and `invalid_match`. */
export function compileItemPatch(
  signal: Signal,
  { actions, include, exclude }: ItemPatchSettings,
  environment: AttributeActionEnvironment,
): ResourcePatch {
  const compiled = actions.map((action) => compileAction(action, environment));
  const match = (properties: MatchProperties | undefined): ItemMatch | undefined =>
    properties === undefined ? undefined : compileItemMatch(signal, properties);
  const included = match(include);
  const excluded = match(exclude);
  const selects =
    included === undefined && excluded === undefined
      ? undefined
      : (subject: Parameters<ItemMatch>[0]) => included?.(subject) !== false && excluded?.(subject) !== true;
  return (bytes, header = NO_HEADERS, output = new WireWriter(bytes.length + 256)) =>
    new ItemPatch({ signal, bytes, actions: compiled, header, selects, output }).run();
}

interface ItemPatchOptions {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly actions: readonly CompiledAction[];
  readonly header: HeaderLookup;
  readonly selects: ItemMatch | undefined;
  readonly output: WireWriter;
}

/** Fields that hold messages, by number: how each is patched; true when it was changed. */
type Patch = (reader: FieldReader, field: number) => boolean;

/** Numbers of `attributes` in what a metric's kinds hold, by the kind's field: gauge, sum, histogram, exponential, summary. */
const POINT_ATTRIBUTES: ReadonlyMap<number, number> = new Map([
  [5, 7],
  [7, 7],
  [9, 9],
  [10, 1],
  [11, 7],
]);

class ItemPatch {
  readonly #options: ItemPatchOptions;
  readonly #writer: WireWriter;
  #resource = new AttributeList();
  #scope = { name: '', version: '' };

  constructor(options: ItemPatchOptions) {
    this.#options = options;
    this.#writer = options.output;
  }

  run(): Uint8Array {
    const { bytes } = this.#options;
    const changed = this.#fields(new FieldReader(bytes), (reader) => {
      if (reader.number !== 1) return false;
      if (this.#options.selects !== undefined) this.#resource = attributesOf(childrenOf(reader.message(), 1), 1);
      return this.#message(reader, this.#inResource);
    });
    return changed ? this.#writer.finish() : bytes;
  }

  #inResource: Patch = (reader, field) => {
    if (field !== 2) return false;
    if (this.#options.selects !== undefined) this.#scope = scopeOf(reader.message());
    return this.#message(reader, this.#inScope);
  };

  #inScope: Patch = (reader, field) => {
    if (field !== 2) return false;
    if (this.#options.signal !== 'metrics') return this.#item(reader, this.#options.signal === 'traces' ? 9 : 6);
    const { selects } = this.#options;
    if (selects !== undefined && !selects(this.#subject(reader.content(), NO_ATTRIBUTES))) return false;
    return this.#message(reader, this.#inMetric);
  };

  #inMetric: Patch = (reader, field) => {
    const attributes = POINT_ATTRIBUTES.get(field);
    if (attributes === undefined) return false;
    return this.#message(reader, (point, number) => number === 1 && this.#attributesOfItem(point, attributes));
  };

  #item(reader: FieldReader, attributesField: number): boolean {
    return this.#attributesOfItem(reader, attributesField, this.#options.selects);
  }

  #attributesOfItem(reader: FieldReader, attributesField: number, selects?: ItemMatch): boolean {
    const content = reader.content();
    const attributes = attributesOf([content], attributesField);
    if (selects !== undefined && !selects(this.#subject(content, attributes))) return false;
    for (const action of this.#options.actions) action(attributes, this.#options.header);
    if (!attributes.changed) return false;
    const mark = this.#writer.beginMessage(reader.number);
    if (attributes.sourcesAreUntouched) {
      this.#writer.rawRange(reader.bytes, reader.start, reader.end);
      attributes.writeNew(this.#writer, attributesField);
    } else {
      this.#copyOthers(reader.message(), attributesField);
      attributes.write(this.#writer, attributesField);
    }
    this.#writer.endMessage(mark);
    return true;
  }

  #copyOthers(fields: FieldReader, attributesField: number): void {
    while (fields.next()) {
      if (!isMessage(fields, attributesField)) this.#writer.rawRange(fields.bytes, fields.fieldStart, fields.end);
    }
  }

  #subject(item: Uint8Array, attributes: AttributeList) {
    return { item, attributes, resource: this.#resource, scope: this.#scope };
  }

  /** A message whose fields may be changed; leaves nothing behind when none was. */
  #message(reader: FieldReader, patch: Patch): boolean {
    const before = this.#writer.length;
    const mark = this.#writer.beginMessage(reader.number);
    if (!this.#fields(reader.message(), patch)) {
      this.#writer.truncate(before);
      return false;
    }
    this.#writer.endMessage(mark);
    return true;
  }

  /** Writes the fields up to the last one that `patch` changed, and the others behind it; true when there was one. */
  #fields(reader: FieldReader, patch: Patch): boolean {
    let copiedTo = -1;
    let changed = false;
    while (reader.next()) {
      if (copiedTo < 0) copiedTo = reader.fieldStart;
      if (reader.wireType !== WIRE_TYPE.lengthDelimited) continue;
      this.#writer.rawRange(reader.bytes, copiedTo, reader.fieldStart);
      copiedTo = reader.fieldStart;
      if (!patch(reader, reader.number)) continue;
      changed = true;
      copiedTo = reader.end;
    }
    if (changed) this.#writer.rawRange(reader.bytes, copiedTo, reader.end);
    return changed;
  }
}

const NO_ATTRIBUTES = new AttributeList();

function attributesOf(pieces: readonly Uint8Array[], fieldNumber: number): AttributeList {
  const attributes = new AttributeList();
  for (const piece of pieces) {
    const reader = new FieldReader(piece);
    while (reader.next()) if (isMessage(reader, fieldNumber)) attributes.addSource(reader);
  }
  return attributes;
}

/** A message may come in pieces. */
function childrenOf(reader: FieldReader, fieldNumber: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  while (reader.next()) if (isMessage(reader, fieldNumber)) found.push(reader.content());
  return found;
}

function scopeOf(around: FieldReader): { readonly name: string; readonly version: string } {
  const scope = { name: '', version: '' };
  for (const piece of childrenOf(around, 1)) {
    const reader = new FieldReader(piece);
    while (reader.next()) {
      if (isMessage(reader, 1)) scope.name = reader.string();
      else if (isMessage(reader, 2)) scope.version = reader.string();
    }
  }
  return scope;
}

function isMessage(field: FieldReader, number: number): boolean {
  return field.number === number && field.wireType === WIRE_TYPE.lengthDelimited;
}
