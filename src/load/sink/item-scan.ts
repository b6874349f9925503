import { FieldReader, type Signal } from '../../pdata/index.ts';
import {
  ITEM_LABEL_KEY,
  ITEM_LABEL_LENGTH,
  parseItemLabel,
  readUint32,
  sequenceOfSpanId,
  TRACE_ID_MAGIC,
} from '../identity.ts';
import { mix32 } from '../random.ts';

/** Is told each item: of a generator's run by its number, any other by a hash of its content. */
export interface ItemVisitor {
  addSequence(run: number, sequence: number): void;
  addHash(high: number, low: number): void;
}

const LABEL_KEY = new TextEncoder().encode(ITEM_LABEL_KEY);

/** Field numbers on the way to items, and of what tells an item apart. */
const LOG_ATTRIBUTES = 6;
/** gauge, sum, histogram, exponential histogram, summary: their points' attributes are in the last table. */
const METRIC_DATA: ReadonlySet<number> = new Set([5, 7, 9, 10, 11]);
const POINT_ATTRIBUTES: Readonly<Record<number, number>> = { 5: 7, 7: 7, 9: 9, 10: 1, 11: 7 };

/**
 * Tells `seen` every item of a validated request, except the first `skipCount`: spans by trace and span id, log records
 * and points by the generator's label, all others by resource and content.
 */
export function scanItems(signal: Signal, bytes: Uint8Array, skipCount: number, seen: ItemVisitor): void {
  const scan: Scan = { bytes, seen, skip: skipCount, resource: new ContentHash() };
  const groups = new FieldReader(bytes);
  while (groups.next()) {
    if (groups.number !== 1) continue;
    hashResource(scan, groups.message());
    const scopes = groups.message();
    while (scopes.next()) {
      if (scopes.number !== 2) continue;
      const items = scopes.message();
      while (items.next()) if (items.number === 2) visitors[signal](scan, items);
    }
  }
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly seen: ItemVisitor;
  skip: number;
  readonly resource: ContentHash;
}

const visitors: Readonly<Record<Signal, (scan: Scan, item: FieldReader) => void>> = {
  traces: visitSpan,
  metrics: visitMetric,
  logs: (scan, record) => visitLabelled(scan, record, LOG_ATTRIBUTES, scan.resource),
};

function hashResource(scan: Scan, group: FieldReader): void {
  scan.resource.reset();
  while (group.next()) {
    if (group.number !== 1) continue;
    scan.resource.add(scan.bytes, group.start, group.end);
    return;
  }
}

function visitSpan(scan: Scan, span: FieldReader): void {
  if (skips(scan)) return;
  const { bytes, seen } = scan;
  const [trace, id] = [
    { start: 0, end: 0 },
    { start: 0, end: 0 },
  ];
  const fields = span.message();
  // Most write the ids first; the Collector writes all fields the other way round.
  while ((trace.end === 0 || id.end === 0) && fields.next()) {
    const place = fields.number === 1 ? trace : fields.number === 2 ? id : undefined;
    if (place === undefined) continue;
    place.start = fields.start;
    place.end = fields.end;
  }
  const hasIds = trace.end - trace.start === 16 && id.end - id.start === 8;
  if (hasIds && readUint32(bytes, trace.start) === TRACE_ID_MAGIC) {
    seen.addSequence(readUint32(bytes, trace.start + 4), sequenceOfSpanId(bytes, id.start));
    return;
  }
  // Without ids the whole span is its identity.
  const hash = hasIds
    ? new ContentHash().add(bytes, trace.start, trace.end).add(bytes, id.start, id.end)
    : new ContentHash().add(bytes, span.start, span.end);
  seen.addHash(hash.high, hash.low);
}

function skips(scan: Scan): boolean {
  if (scan.skip === 0) return false;
  scan.skip--;
  return true;
}

function visitMetric(scan: Scan, metric: FieldReader): void {
  const name = new ContentHash(scan.resource);
  const names = metric.message();
  while (names.next()) if (names.number === 1) name.add(scan.bytes, names.start, names.end);
  const fields = metric.message();
  while (fields.next()) {
    if (!METRIC_DATA.has(fields.number)) continue;
    const points = fields.message();
    while (points.next()) if (points.number === 1) visitLabelled(scan, points, POINT_ATTRIBUTES[fields.number]!, name);
  }
}

function visitLabelled(scan: Scan, item: FieldReader, attributesField: number, context: ContentHash): void {
  if (skips(scan)) return;
  const fields = item.message();
  while (fields.next()) {
    const label = fields.number === attributesField ? labelIn(scan.bytes, fields) : undefined;
    if (label === undefined) continue;
    scan.seen.addSequence(label.run, label.sequence);
    return;
  }
  const hash = new ContentHash(context).add(scan.bytes, item.start, item.end);
  scan.seen.addHash(hash.high, hash.low);
}

/** Key: tag, length, text. Value: tag, length, tag, length, text. */
const KEY_BYTES = 2 + LABEL_KEY.length;
const VALUE_BYTES = 4 + ITEM_LABEL_LENGTH;

/** Reads the generator's KeyValue at its known offsets, with either of the two first. */
function labelIn(bytes: Uint8Array, attribute: FieldReader) {
  if (attribute.end - attribute.start !== KEY_BYTES + VALUE_BYTES) return undefined;
  const valueFirst = bytes[attribute.start] !== KEY_TAG;
  const keyStart = attribute.start + (valueFirst ? VALUE_BYTES : 0) + 2;
  if (bytes[keyStart - 1] !== LABEL_KEY.length) return undefined;
  for (let i = 0; i < LABEL_KEY.length; i++) if (bytes[keyStart + i] !== LABEL_KEY[i]) return undefined;
  const valueStart = attribute.start + (valueFirst ? 0 : KEY_BYTES) + 4;
  return parseItemLabel(bytes, valueStart, ITEM_LABEL_LENGTH);
}

/** Field 1, of type text. */
const KEY_TAG = 0x0a;

/** Two 32-bit FNV-1a hashes with different offsets, mixed: enough that a million items don't collide by accident. */
class ContentHash {
  high: number;
  low: number;

  constructor(from?: ContentHash) {
    this.high = from?.high ?? 0x811c9dc5;
    this.low = from?.low ?? 0x9e3779b9;
  }

  reset(): void {
    this.high = 0x811c9dc5;
    this.low = 0x9e3779b9;
  }

  add(bytes: Uint8Array, start: number, end: number): this {
    let { high, low } = this;
    for (let at = start; at < end; at++) {
      high = Math.imul(high ^ bytes[at]!, 0x01000193);
      low = Math.imul(low ^ bytes[at]! ^ (low >>> 15), 0x85ebca6b);
    }
    this.high = mix32(high ^ (end - start));
    this.low = mix32(low);
    return this;
  }
}
