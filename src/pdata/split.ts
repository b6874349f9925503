import { countBelow } from './count.ts';
import { ITEM_PATH } from './item-path.ts';
import type { Signal } from './signal.ts';
import { FieldReader } from './wire/field-reader.ts';
import { lengthDelimitedSize } from './wire/format.ts';
import { WireWriter } from './wire/wire-writer.ts';

export interface SplitLimits {
  readonly maxItems?: number;
  /** Another limit for the first part, to fill up what is there already; by default `maxItems`. */
  readonly firstMaxItems?: number;
  readonly maxBytes?: number;
}

export interface RequestPart {
  readonly bytes: Uint8Array;
  readonly itemCount: number;
}

/**
 * Cuts a validated request into requests within the limits, in order, each filled as far as it goes. What surrounds a cut
 * (resource, scope, schema URLs, a metric's name and kind, unknown fields) stands in both parts. Only an item that is larger
 * than `maxBytes` with its surroundings breaks that limit, alone in its part. What would be a part without items is left out.
 * Uncut, the part is `bytes` itself.
 */
export function splitRequest(signal: Signal, bytes: Uint8Array, limits: SplitLimits): readonly RequestPart[] {
  const { maxItems = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = limits;
  const firstMaxItems = Math.max(1, limits.firstMaxItems ?? maxItems);
  const itemCount = countBelow(bytes, 0, bytes.length, ITEM_PATH[signal], 0);
  if (itemCount <= firstMaxItems && (bytes.length <= maxBytes || itemCount <= 1)) return [{ bytes, itemCount }];
  return new Splitter(bytes, ITEM_PATH[signal], { firstMaxItems, maxItems: Math.max(1, maxItems), maxBytes }).split();
}

/** A message that is being cut: what it repeats in every part, and what the part under construction has of it so far. */
interface OpenMessage {
  readonly fieldNumber: number;
  readonly header: readonly Uint8Array[];
  readonly headerSize: number;
  chunks: Uint8Array[];
  chunksSize: number;
  /** The last run of neighbouring children in the source, not yet among the chunks. */
  runStart: number;
  runEnd: number;
}

class Splitter {
  readonly #bytes: Uint8Array;
  readonly #path: readonly (readonly number[])[];
  readonly #limits: Required<SplitLimits>;
  readonly #parts: RequestPart[] = [];
  /** From the request to the innermost message that is being cut. */
  readonly #open: OpenMessage[] = [];
  #items = 0;
  #empty = true;

  constructor(bytes: Uint8Array, path: readonly (readonly number[])[], limits: Required<SplitLimits>) {
    this.#bytes = bytes;
    this.#path = path;
    this.#limits = limits;
  }

  split(): readonly RequestPart[] {
    this.#openMessage(0, 0, this.#bytes.length);
    this.#addChildren(0, this.#bytes.length);
    if (!this.#empty) this.#finishPart();
    return this.#parts;
  }

  #addChildren(start: number, end: number): void {
    const level = this.#open.length - 1;
    const reader = new FieldReader(this.#bytes, start, end);
    while (reader.next()) {
      if (!this.#isOnPath(reader, level)) continue;
      const isItem = level === this.#path.length - 1;
      const items = isItem ? 1 : countBelow(this.#bytes, reader.start, reader.end, this.#path, level + 1);
      this.#add(reader, items);
    }
  }

  #add(child: FieldReader, items: number): void {
    const size = child.end - child.fieldStart;
    if (!this.#fits(items, size)) {
      if (items > 1) {
        this.#openMessage(child.number, child.start, child.end);
        this.#addChildren(child.start, child.end);
        this.#closeInnermost();
        return;
      }
      if (!this.#empty) this.#finishPart();
    }
    this.#append(child.fieldStart, child.end);
    this.#items += items;
    this.#empty = false;
  }

  #fits(items: number, size: number): boolean {
    const { firstMaxItems, maxItems, maxBytes } = this.#limits;
    if (this.#items + items > (this.#parts.length === 0 ? firstMaxItems : maxItems)) return false;
    if (maxBytes === Number.POSITIVE_INFINITY) return true;
    let total = size;
    for (let at = this.#open.length - 1; at >= 0; at--) {
      const open = this.#open[at];
      total += open.headerSize + open.chunksSize;
      if (at > 0) total = lengthDelimitedSize(open.fieldNumber, total);
    }
    return total <= maxBytes;
  }

  #append(start: number, end: number): void {
    const innermost = this.#open[this.#open.length - 1];
    if (innermost.runEnd !== start) {
      this.#flushRun(innermost);
      innermost.runStart = start;
    }
    innermost.runEnd = end;
    innermost.chunksSize += end - start;
  }

  #flushRun(open: OpenMessage): void {
    if (open.runEnd > open.runStart) open.chunks.push(this.#bytes.subarray(open.runStart, open.runEnd));
    open.runStart = open.runEnd = -1;
  }

  #openMessage(fieldNumber: number, start: number, end: number): void {
    const header: Uint8Array[] = [];
    const reader = new FieldReader(this.#bytes, start, end);
    while (reader.next()) if (!this.#isOnPath(reader, this.#open.length)) header.push(reader.field());
    const headerSize = header.reduce((total, field) => total + field.length, 0);
    this.#open.push({ fieldNumber, header, headerSize, chunks: [], chunksSize: 0, runStart: -1, runEnd: -1 });
  }

  #isOnPath(field: FieldReader, level: number): boolean {
    return this.#path[level].includes(field.number * 8 + field.wireType);
  }

  /** Ends the innermost message for good; what it has in this part goes to the message around it. */
  #closeInnermost(): void {
    const closed = this.#open.pop() as OpenMessage;
    this.#moveInto(this.#open[this.#open.length - 1], closed);
  }

  #moveInto(parent: OpenMessage, child: OpenMessage): void {
    this.#flushRun(child);
    if (child.chunks.length === 0) return;
    this.#flushRun(parent);
    const contentSize = child.headerSize + child.chunksSize;
    const prefix = new WireWriter(16);
    prefix.lengthPrefix(child.fieldNumber, contentSize);
    parent.chunks.push(prefix.finish(), ...child.header);
    for (const chunk of child.chunks) parent.chunks.push(chunk);
    parent.chunksSize += prefix.length + contentSize;
    child.chunks = [];
    child.chunksSize = 0;
  }

  /** Writes the part under construction; the open messages go on, empty, in the next. */
  #finishPart(): void {
    for (let at = this.#open.length - 1; at > 0; at--) this.#moveInto(this.#open[at - 1], this.#open[at]);
    const request = this.#open[0];
    this.#flushRun(request);
    if (this.#items > 0) this.#writePart(request);
    request.chunks = [];
    request.chunksSize = 0;
    this.#items = 0;
    this.#empty = true;
  }

  #writePart(request: OpenMessage): void {
    const bytes = new Uint8Array(request.headerSize + request.chunksSize);
    let at = 0;
    for (const chunk of [...request.header, ...request.chunks]) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#parts.push({ bytes, itemCount: this.#items });
  }
}
