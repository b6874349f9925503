import { ConnectionError, ERROR, FLAG, FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES, PREFACE, readUint32 } from './frame.ts';

/** Hears of frames in the order of the connection. */
export interface FrameHandler {
  /** A frame other than DATA, whole. `payload` is borrowed until the call returns. */
  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void;
  /** A DATA frame begins; `length` counts padding too, as flow control does. */
  dataStart(streamId: number, length: number): void;
  /** A part of its data, without padding; borrowed until the call returns. */
  data(streamId: number, part: Uint8Array): void;
  dataEnd(streamId: number, endStream: boolean): void;
}

const PREFACE_BYTES = Buffer.from(PREFACE, 'latin1');

/**
 * Cuts the bytes of a connection into frames, whatever chunks they come in. DATA is handed on as it arrives, so that a message
 * is copied once, to where it is kept; other frames are small and handed on whole.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  #prefaceSeen = 0;
  /** Header bytes, or the payload of a small frame, that began in an earlier chunk. */
  #partial = Buffer.alloc(FRAME_HEADER_BYTES + MAX_FRAME_BYTES);
  #partialLength = 0;
  /** Of the DATA frame under way. */
  #dataLeft = 0;
  #paddingLeft = -1;
  #inData = false;
  #streamId = 0;
  #flags = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws ConnectionError when the bytes are not HTTP/2. */
  push(chunk: Uint8Array): void {
    let at = this.#prefaceSeen < PREFACE_BYTES.length ? this.#skipPreface(chunk) : 0;
    while (at < chunk.length) at = this.#inData ? this.#readData(chunk, at) : this.#readFrame(chunk, at);
  }

  #skipPreface(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceSeen < PREFACE_BYTES.length) {
      if (chunk[at++] !== PREFACE_BYTES[this.#prefaceSeen++]) throw new ConnectionError(ERROR.protocol, 'bad connection preface');
    }
    return at;
  }

  #readFrame(chunk: Uint8Array, at: number): number {
    if (this.#partialLength === 0 && chunk.length - at >= FRAME_HEADER_BYTES) {
      const length = this.#checkedLength(chunk, at);
      const end = at + FRAME_HEADER_BYTES + length;
      if (chunk[at + 3] === FRAME.data) return this.#startData(chunk, at, length);
      if (end <= chunk.length) {
        this.#emit(chunk, at, end);
        return end;
      }
    }
    return this.#collect(chunk, at);
  }

  /** Gathers a frame that does not lie in one chunk. */
  #collect(chunk: Uint8Array, start: number): number {
    let at = this.#fill(chunk, start, FRAME_HEADER_BYTES);
    if (this.#partialLength < FRAME_HEADER_BYTES) return at;
    const length = this.#checkedLength(this.#partial, 0);
    if (this.#partial[3] === FRAME.data) {
      this.#partialLength = 0;
      this.#startData(this.#partial, 0, length);
      return at;
    }
    at = this.#fill(chunk, at, FRAME_HEADER_BYTES + length);
    if (this.#partialLength === FRAME_HEADER_BYTES + length) {
      this.#partialLength = 0;
      this.#emit(this.#partial, 0, FRAME_HEADER_BYTES + length);
    }
    return at;
  }

  #fill(chunk: Uint8Array, at: number, wanted: number): number {
    const end = Math.min(chunk.length, at + Math.max(0, wanted - this.#partialLength));
    this.#partial.set(chunk.subarray(at, end), this.#partialLength);
    this.#partialLength += end - at;
    return end;
  }

  #checkedLength(bytes: Uint8Array, at: number): number {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (length > MAX_FRAME_BYTES) throw new ConnectionError(ERROR.frameSize, `frame of ${length} bytes`);
    return length;
  }

  #emit(bytes: Uint8Array, at: number, end: number): void {
    const streamId = readUint32(bytes, at + 5) & 0x7fffffff;
    this.#handler.frame(bytes[at + 3]!, bytes[at + 4]!, streamId, bytes.subarray(at + FRAME_HEADER_BYTES, end));
  }

  #startData(bytes: Uint8Array, at: number, length: number): number {
    this.#flags = bytes[at + 4]!;
    this.#streamId = readUint32(bytes, at + 5) & 0x7fffffff;
    this.#dataLeft = length;
    this.#paddingLeft = (this.#flags & FLAG.padded) === 0 ? 0 : -1;
    this.#inData = true;
    if (this.#paddingLeft < 0 && length === 0) throw new ConnectionError(ERROR.frameSize, 'padded frame without a length');
    this.#handler.dataStart(this.#streamId, length);
    if (length === 0) this.#endData();
    return at + FRAME_HEADER_BYTES;
  }

  #readData(chunk: Uint8Array, start: number): number {
    let at = start;
    if (this.#paddingLeft < 0) {
      this.#paddingLeft = chunk[at++]!;
      this.#dataLeft--;
      if (this.#paddingLeft > this.#dataLeft) throw new ConnectionError(ERROR.protocol, 'more padding than frame');
    }
    const content = Math.min(this.#dataLeft - this.#paddingLeft, chunk.length - at);
    if (content > 0) {
      this.#handler.data(this.#streamId, chunk.subarray(at, at + content));
      this.#dataLeft -= content;
      at += content;
    }
    if (this.#dataLeft <= this.#paddingLeft) {
      const skipped = Math.min(this.#dataLeft, chunk.length - at);
      this.#dataLeft -= skipped;
      this.#paddingLeft -= skipped;
      at += skipped;
    }
    if (this.#dataLeft === 0) this.#endData();
    return at;
  }

  #endData(): void {
    this.#inData = false;
    this.#handler.dataEnd(this.#streamId, (this.#flags & FLAG.endStream) !== 0);
  }
}
