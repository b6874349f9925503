import { FieldReader, WireWriter } from '../../../pdata/index.ts';
import { attributesText, joinIdentity, listedContents, seriesKey } from './identity.ts';
import { type Buckets, type ConvertedField, POINT_FIELDS, type Point, type PointState, readPoint } from './points.ts';
import { CONVERTED_TYPES, type MetricMatch } from './settings.ts';

const DELTA = 1;
const CUMULATIVE = 2;

/** What is left of a point: where its interval begins and what it adds; undefined where it is to go. */
export type ToDelta = (key: string, point: Point) => { readonly start: bigint; readonly state: PointState } | undefined;

export interface Converted {
  /** Empty where nothing is left; the same object where nothing changed. */
  readonly bytes: Uint8Array;
  readonly dropped: number;
}

/** Makes the cumulative sums and histograms of a request delta; what is left without a point goes, with what is around it. */
export function convertRequest(bytes: Uint8Array, matches: MetricMatch, toDelta: ToDelta): Converted {
  return new Conversion(bytes, matches, toDelta).run();
}

class Conversion {
  readonly #bytes: Uint8Array;
  readonly #matches: MetricMatch;
  readonly #toDelta: ToDelta;
  readonly #writer: WireWriter;
  #changed = false;
  #dropped = 0;

  constructor(bytes: Uint8Array, matches: MetricMatch, toDelta: ToDelta) {
    this.#bytes = bytes;
    this.#matches = matches;
    this.#toDelta = toDelta;
    this.#writer = new WireWriter(bytes.length + 256);
  }

  run(): Converted {
    const request = new FieldReader(this.#bytes);
    while (request.next()) {
      if (request.number !== 1) this.#copy(request);
      else this.#message(request, (resource) => this.#resource(resource));
    }
    return { bytes: this.#changed ? this.#writer.finish() : this.#bytes, dropped: this.#dropped };
  }

  /** Writes a message as `write` makes it, unless that says that nothing is left of it. */
  #message(reader: FieldReader, write: (content: FieldReader) => boolean): boolean {
    const before = this.#writer.length;
    const mark = this.#writer.beginMessage(reader.number);
    const isLeft = write(reader.message());
    if (isLeft) this.#writer.endMessage(mark);
    else {
      this.#writer.truncate(before);
      this.#changed = true;
    }
    return isLeft;
  }

  #resource(reader: FieldReader): boolean {
    const attributes = attributesText(attributesOf(reader.rest(), 1, 1));
    return this.#children(reader, (scope) => this.#scope(scope, attributes));
  }

  #scope(reader: FieldReader, resource: string): boolean {
    const [name, version] = scopeOf(reader.rest());
    const identity = joinIdentity(resource, name, version);
    return this.#children(reader, (metric) => this.#metric(metric, identity));
  }

  /** A parent of messages in field 2 is gone with the last of them. */
  #children(reader: FieldReader, write: (child: FieldReader) => boolean): boolean {
    let left = 0;
    while (reader.next()) {
      if (reader.number !== 2) this.#copy(reader);
      else if (this.#message(reader, write)) left++;
    }
    return left > 0;
  }

  #metric(reader: FieldReader, scope: string): boolean {
    const rest = reader.rest();
    const metric = metricOf(rest);
    if (metric === undefined || !this.#matches(metric)) {
      this.#writer.raw(rest);
      return true;
    }
    const identity = joinIdentity(scope, metric.type, metric.name, metric.unit);
    let isLeft = true;
    while (reader.next()) {
      if (reader.number !== metric.field) this.#copy(reader);
      else isLeft = this.#message(reader, (data) => this.#data(data, metric.field, identity));
    }
    return isLeft;
  }

  #data(reader: FieldReader, field: ConvertedField, identity: string): boolean {
    let points = 0;
    let left = 0;
    this.#changed = true;
    while (reader.next()) {
      if (reader.number === 2) this.#writer.int32Field(2, DELTA);
      else if (reader.number !== 1) this.#copy(reader);
      else {
        points++;
        if (this.#message(reader, (point) => this.#point(point, field, identity))) left++;
      }
    }
    this.#dropped += points - left;
    // As in the Collector, a sum that came without points goes and a histogram stays.
    return left > 0 || (points === 0 && field !== 7);
  }

  #point(reader: FieldReader, field: ConvertedField, identity: string): boolean {
    const content = reader.rest();
    const point = readPoint(reader, field);
    if (point.isStale) return false;
    if (point.state.kind === 'double' && Number.isNaN(point.state.double)) {
      this.#writer.raw(content);
      return true;
    }
    const key = seriesKey(identity, attributesText(point.attributes), `${point.state.kind} ${point.start}`);
    const delta = this.#toDelta(key, point);
    if (delta === undefined) return false;
    const replaced = REPLACED[field];
    const fields = new FieldReader(content);
    while (fields.next()) {
      const isSum = field !== 7 && fields.number === 5;
      if (!replaced.has(fields.number) || (isSum && !point.hasSum)) this.#copy(fields);
    }
    if (delta.start !== 0n) this.#writer.fixed64Field(2, delta.start);
    writeState(this.#writer, delta.state, point.hasSum);
    return true;
  }

  #copy(reader: FieldReader): void {
    this.#writer.rawRange(reader.bytes, reader.fieldStart, reader.end);
  }
}

/** Fields that a delta has anew, or not at all: minimum and maximum are those of the whole series. */
const REPLACED: Readonly<Record<ConvertedField, ReadonlySet<number>>> = {
  7: new Set([2, 4, 6]),
  9: new Set([2, 4, 5, 6, 11, 12]),
  10: new Set([2, 4, 5, 7, 8, 9, 12, 13]),
};

function writeState(writer: WireWriter, state: PointState, hasSum: boolean): void {
  switch (state.kind) {
    case 'int':
      writer.fixed64Field(6, state.int);
      break;
    case 'double':
      writer.doubleField(4, state.double);
      break;
    case 'histogram':
      writer.fixed64Field(4, state.count);
      if (hasSum) writer.doubleField(5, state.sum);
      if (state.buckets.length > 0) {
        writer.lengthPrefix(6, state.buckets.length * 8);
        for (const count of state.buckets) writer.fixed64(count);
      }
      break;
    case 'exponential':
      writer.fixed64Field(4, state.count);
      if (hasSum) writer.doubleField(5, state.sum);
      if (state.zeroCount !== 0n) writer.fixed64Field(7, state.zeroCount);
      writeBuckets(writer, 8, state.positive);
      writeBuckets(writer, 9, state.negative);
  }
}

function writeBuckets(writer: WireWriter, field: number, { offset, counts }: Buckets): void {
  const message = writer.beginMessage(field);
  if (offset !== 0) writer.int32Field(1, ((offset << 1) ^ (offset >> 31)) >>> 0);
  if (counts.length > 0) {
    const list = writer.beginMessage(2);
    for (const count of counts) writer.varint64(count);
    writer.endMessage(list);
  }
  writer.endMessage(message);
}

/** Attributes of the message in field `child`. */
function attributesOf(content: Uint8Array, child: number, field: number): readonly Uint8Array[] {
  const reader = new FieldReader(content);
  const contents: Uint8Array[] = [];
  while (reader.next()) if (reader.number === child) contents.push(...listedContents(reader.message(), field));
  return contents;
}

function scopeOf(content: Uint8Array): readonly [name: string, version: string] {
  const reader = new FieldReader(content);
  let [name, version] = ['', ''];
  while (reader.next()) {
    if (reader.number !== 1) continue;
    const scope = reader.message();
    while (scope.next()) {
      if (scope.number === 1) name = scope.string();
      else if (scope.number === 2) version = scope.string();
    }
  }
  return [name, version];
}

interface CumulativeMetric {
  readonly field: ConvertedField;
  readonly type: string;
  readonly name: string;
  readonly unit: string;
}

/** Undefined for what has no delta: another type, a sum that may fall, or what is delta already. */
function metricOf(content: Uint8Array): CumulativeMetric | undefined {
  const reader = new FieldReader(content);
  let [name, unit] = ['', ''];
  let field: number | undefined;
  let isCumulative = false;
  while (reader.next()) {
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 3) unit = reader.string();
    else if (reader.number in POINT_FIELDS) {
      field = reader.number;
      isCumulative = canBeDelta(reader.message(), field);
    }
  }
  if (field === undefined || !isCumulative) return undefined;
  return { field: field as ConvertedField, type: CONVERTED_TYPES.get(field)!, name, unit };
}

function canBeDelta(data: FieldReader, field: number): boolean {
  let [temporality, isMonotonic, hasPoints] = [0, field !== 7, field === 7];
  while (data.next()) {
    if (data.number === 1) hasPoints = true;
    else if (data.number === 2) temporality = data.int32();
    else if (data.number === 3 && field === 7) isMonotonic = data.bool();
  }
  return temporality === CUMULATIVE && isMonotonic && hasPoints;
}
