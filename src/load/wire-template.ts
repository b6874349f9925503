/**
 * Export requests as templates: encoded once, with the places of ids, times and values remembered.
 *
 * Sending one is a copy and a few stores per item, so that a generator costs little beside what it measures. Every slot
 * has a fixed width, so stamping never changes a length.
 */
import type { Signal } from '../pdata/index.ts';
import { ITEM_LABEL_LENGTH, writeItemLabel, writeSpanId, writeTraceId } from './identity.ts';

const SLOT_WIDTH = {
  traceId: 16,
  spanId: 8,
  itemLabel: ITEM_LABEL_LENGTH,
  time: 8,
  startTime: 8,
  counter: 8,
  gauge: 8,
};
export type SlotKind = keyof typeof SLOT_WIDTH;

/**
 * A place that is filled for each request. `argument`: which trace, span or item of this request; for `time` nanoseconds
 * after the request's time (negative: before); for `counter` the increment a request; for `gauge` the mean.
 */
export interface Slot {
  readonly kind: SlotKind;
  readonly argument: number;
}

/** A piece of a message: encoded bytes, a slot, or pieces in order. */
export type Part = Uint8Array | Slot | readonly Part[];

/** What changes from one request to the next. */
export interface Stamp {
  readonly run: number;
  /** Position of the request in its run. */
  readonly round: number;
  readonly firstTrace: number;
  readonly firstSpan: number;
  readonly firstItem: number;
  readonly timeNs: bigint;
  /** Start of the run: the start time of cumulative series. */
  readonly startTimeNs: bigint;
}

/** How many sequence numbers one request uses up. */
export interface Stride {
  readonly traces: number;
  readonly spans: number;
  readonly items: number;
}

export interface RequestTemplate {
  readonly signal: Signal;
  readonly sizeBytes: number;
  readonly stride: Stride;
  /** Writes the request into `target`, which must hold at least `sizeBytes`. */
  write(target: Uint8Array, stamp: Stamp): void;
}

export function slot(kind: SlotKind, argument = 0): Slot {
  return { kind, argument };
}

interface Place extends Slot {
  readonly offset: number;
}

/** Flattens the parts of an ExportXServiceRequest into bytes and places. */
export function compileTemplate(signal: Signal, parts: Part, stride: Stride): RequestTemplate {
  const sizeBytes = sizeOf(parts);
  const bytes = new Uint8Array(sizeBytes);
  const places: Place[] = [];
  flatten(parts, 0, bytes, places);
  const writers = (Object.keys(SLOT_WIDTH) as SlotKind[])
    .map((kind) =>
      slotWriter(
        kind,
        places.filter((place) => place.kind === kind),
      ),
    )
    .filter((writer) => writer !== undefined);
  return {
    signal,
    sizeBytes,
    stride,
    write(target, stamp) {
      target.set(bytes);
      const view = new DataView(target.buffer, target.byteOffset, sizeBytes);
      for (const write of writers) write(target, view, stamp);
    },
  };
}

export function sizeOf(part: Part): number {
  if (part instanceof Uint8Array) return part.length;
  if (isSlot(part)) return SLOT_WIDTH[part.kind];
  let size = 0;
  for (const inner of part) size += sizeOf(inner);
  return size;
}

function flatten(part: Part, offset: number, bytes: Uint8Array, places: Place[]): number {
  if (part instanceof Uint8Array) {
    bytes.set(part, offset);
    return offset + part.length;
  }
  if (isSlot(part)) {
    places.push({ ...part, offset });
    return offset + SLOT_WIDTH[part.kind];
  }
  let at = offset;
  for (const inner of part) at = flatten(inner, at, bytes, places);
  return at;
}

function isSlot(part: Part): part is Slot {
  return 'kind' in part;
}

type SlotWriter = (target: Uint8Array, view: DataView, stamp: Stamp) => void;

/** One loop per kind over two number arrays: stamping a million spans is what the generator does most. */
function slotWriter(kind: SlotKind, places: readonly Place[]): SlotWriter | undefined {
  if (places.length === 0) return undefined;
  const offsets = Int32Array.from(places, (place) => place.offset);
  const args = Float64Array.from(places, (place) => place.argument);
  switch (kind) {
    case 'traceId':
      return (target, _view, { run, firstTrace }) => {
        for (let i = 0; i < offsets.length; i++) writeTraceId(target, offsets[i]!, run, firstTrace + args[i]!);
      };
    case 'spanId':
      return (target, _view, { run, firstSpan }) => {
        for (let i = 0; i < offsets.length; i++) writeSpanId(target, offsets[i]!, run, firstSpan + args[i]!);
      };
    case 'itemLabel':
      return (target, _view, { run, firstItem }) => {
        for (let i = 0; i < offsets.length; i++) writeItemLabel(target, offsets[i]!, run, firstItem + args[i]!);
      };
    case 'time':
      return (_target, view, { timeNs }) => writeTimes(view, offsets, args, timeNs);
    case 'startTime':
      return (_target, view, { startTimeNs }) => writeTimes(view, offsets, args, startTimeNs);
    case 'counter':
      return (_target, view, { round }) => {
        for (let i = 0; i < offsets.length; i++) writeUint64(view, offsets[i]!, (round + 1) * args[i]!);
      };
    case 'gauge':
      return (_target, view, { round }) => {
        for (let i = 0; i < offsets.length; i++)
          view.setFloat64(offsets[i]!, args[i]! * (1 + 0.25 * Math.sin((round + i) / 16)), true);
      };
  }
}

function writeTimes(view: DataView, offsets: Int32Array, args: Float64Array, timeNs: bigint): void {
  const low = Number(timeNs & 0xffffffffn);
  const high = Number(timeNs >> 32n);
  for (let i = 0; i < offsets.length; i++) {
    const sum = low + args[i]!;
    const carry = Math.floor(sum / 2 ** 32);
    view.setUint32(offsets[i]!, sum - carry * 2 ** 32, true);
    view.setUint32(offsets[i]! + 4, high + carry, true);
  }
}

function writeUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}
