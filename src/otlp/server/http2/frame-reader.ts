import { dependsOnItself, PRIORITY_BYTES } from './control-frame.ts';
import { ConnectionError, ERROR_CODE, FLAG, FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from './frame.ts';

/** What a connection does with frames. Payloads are borrowed until the call returns. */
export interface FrameHandler {
  /** A piece of a DATA frame; `creditBytes` also counts padding and is what flow control is owed. `last`: the frame's last piece. */
  onData(streamId: number, piece: Buffer, creditBytes: number, endStream: boolean, last: boolean): void;
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void;
}

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames, wherever the pieces of it were cut. DATA is passed on as it comes, without waiting for the frame's end;
 * other frames are passed whole, and none is longer than 16 KiB.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #head = Buffer.alloc(FRAME_HEADER_BYTES);
  #headFilled = 0;
  #type = 0;
  #flags = 0;
  #streamId = 0;
  /** Bytes of the frame still to come; -1 between frames. */
  #left = -1;
  #padding = 0;
  #paddingKnown = true;
  #partial: Buffer = EMPTY;
  #partialFilled = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws ConnectionError for a frame that is too long or padded beyond its end. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || this.#left === 0) {
      if (this.#left < 0) at = this.#readHead(chunk, at);
      else if (this.#type === FRAME.data) at = this.#readData(chunk, at);
      else at = this.#readWhole(chunk, at);
    }
  }

  #readHead(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#headFilled === 0 && chunk.length - at >= FRAME_HEADER_BYTES) {
      this.#open(chunk, at);
      return at + FRAME_HEADER_BYTES;
    }
    while (at < chunk.length && this.#headFilled < FRAME_HEADER_BYTES) this.#head[this.#headFilled++] = chunk[at++];
    if (this.#headFilled === FRAME_HEADER_BYTES) {
      this.#headFilled = 0;
      this.#open(this.#head, 0);
    }
    return at;
  }

  #open(bytes: Buffer, at: number): void {
    const length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    if (length > MAX_FRAME_BYTES) throw new ConnectionError(ERROR_CODE.frameSizeError, 'frame too long');
    this.#type = bytes[at + 3];
    this.#flags = bytes[at + 4];
    this.#streamId = ((bytes[at + 5] & 0x7f) << 24) | (bytes[at + 6] << 16) | (bytes[at + 7] << 8) | bytes[at + 8];
    this.#left = length;
    this.#padding = 0;
    this.#paddingKnown = this.#type !== FRAME.data || (this.#flags & FLAG.padded) === 0;
  }

  #readData(chunk: Buffer, start: number): number {
    let at = start;
    let credit = 0;
    if (!this.#paddingKnown) {
      if (this.#left === 0) throw paddingError();
      if (at === chunk.length) return at;
      this.#padding = chunk[at++];
      this.#paddingKnown = true;
      this.#left--;
      credit = 1;
      if (this.#padding > this.#left) throw paddingError();
    }
    const taken = Math.min(this.#left, chunk.length - at);
    const content = Math.max(0, Math.min(taken, this.#left - this.#padding));
    this.#left -= taken;
    const last = this.#left === 0;
    if (last) this.#left = -1;
    const piece = content === chunk.length ? chunk : chunk.subarray(at, at + content);
    this.#handler.onData(this.#streamId, piece, taken + credit, (this.#flags & FLAG.endStream) !== 0, last);
    return at + taken;
  }

  #readWhole(chunk: Buffer, start: number): number {
    if (this.#partialFilled === 0 && chunk.length - start >= this.#left) {
      const end = start + this.#left;
      this.#left = -1;
      this.#handler.onFrame(this.#type, this.#flags, this.#streamId, chunk.subarray(start, end));
      return end;
    }
    if (this.#partialFilled === 0) this.#partial = Buffer.allocUnsafe(this.#left);
    const taken = Math.min(this.#left, chunk.length - start);
    chunk.copy(this.#partial, this.#partialFilled, start, start + taken);
    this.#partialFilled += taken;
    this.#left -= taken;
    if (this.#left > 0) return start + taken;
    const payload = this.#partial;
    this.#partial = EMPTY;
    this.#partialFilled = 0;
    this.#left = -1;
    this.#handler.onFrame(this.#type, this.#flags, this.#streamId, payload);
    return start + taken;
  }
}

function paddingError(): ConnectionError {
  return new ConnectionError(ERROR_CODE.protocolError, 'padding longer than the frame');
}

/** The payload of a HEADERS frame without padding and priority. */
export function headerFragment(flags: number, streamId: number, payload: Buffer): Buffer {
  let start = 0;
  let end = payload.length;
  if ((flags & FLAG.padded) !== 0) {
    if (payload.length === 0) throw paddingError();
    start = 1;
    end -= payload[0];
  }
  if ((flags & FLAG.priority) === 0) {
    if (start > end) throw paddingError();
    return payload.subarray(start, end);
  }
  const priority = payload.subarray(start, start + PRIORITY_BYTES);
  if (start + PRIORITY_BYTES > end)
    throw new ConnectionError(ERROR_CODE.frameSizeError, 'HEADERS without its priority');
  if (dependsOnItself(streamId, priority)) {
    throw new ConnectionError(ERROR_CODE.protocolError, 'a stream that depends on itself');
  }
  return payload.subarray(start + PRIORITY_BYTES, end);
}
