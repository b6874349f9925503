import type { Socket } from 'node:net';

import { type ErrorCode, FLAG, FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from './frame.ts';

const FIRST_BYTES = 4096;
const KEPT_BYTES = 64 * 1024;

/** Collects the frames of one turn and hands them to the socket in one write. */
export class FrameWriter {
  readonly #socket: Socket;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Writes what has been collected. */
  flush(): void {
    if (this.#length === 0) return;
    // The socket may keep the bytes; the buffer goes on being used.
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#buffer.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.#head(payload.length, type, flags, streamId);
    this.#buffer.set(payload, this.#length);
    this.#length += payload.length;
  }

  /** A header block, over CONTINUATION frames where it is long. */
  headers(streamId: number, block: Buffer, endStream: boolean): void {
    const end = endStream ? FLAG.endStream : 0;
    if (block.length <= MAX_FRAME_BYTES) {
      this.frame(FRAME.headers, FLAG.endHeaders | end, streamId, block);
      return;
    }
    for (let at = 0; at < block.length; at += MAX_FRAME_BYTES) {
      const part = block.subarray(at, at + MAX_FRAME_BYTES);
      const last = at + MAX_FRAME_BYTES >= block.length ? FLAG.endHeaders : 0;
      this.frame(at === 0 ? FRAME.headers : FRAME.continuation, last | (at === 0 ? end : 0), streamId, part);
    }
  }

  rstStream(streamId: number, code: ErrorCode): void {
    this.#word(FRAME.rstStream, streamId, code);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#word(FRAME.windowUpdate, streamId, increment);
  }

  settings(values: readonly (readonly [number, number])[]): void {
    const payload = Buffer.alloc(values.length * 6);
    values.forEach(([id, value], i) => {
      payload.writeUInt16BE(id, i * 6);
      payload.writeUInt32BE(value, i * 6 + 2);
    });
    this.frame(FRAME.settings, 0, 0, payload);
  }

  goaway(lastStreamId: number, code: ErrorCode, text: string): void {
    const payload = Buffer.alloc(8 + text.length);
    payload.writeUInt32BE(lastStreamId, 0);
    payload.writeUInt32BE(code, 4);
    payload.write(text, 8, 'latin1');
    this.frame(FRAME.goaway, 0, 0, payload);
  }

  #word(type: number, streamId: number, value: number): void {
    this.#head(4, type, 0, streamId);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
  }

  #head(payloadBytes: number, type: number, flags: number, streamId: number): void {
    this.#reserve(FRAME_HEADER_BYTES + payloadBytes);
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = payloadBytes >> 16;
    buffer[at + 1] = payloadBytes >> 8;
    buffer[at + 2] = payloadBytes;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    buffer[at + 5] = streamId >>> 24;
    buffer[at + 6] = streamId >> 16;
    buffer[at + 7] = streamId >> 8;
    buffer[at + 8] = streamId;
    this.#length = at + FRAME_HEADER_BYTES;
  }

  #reserve(sizeBytes: number): void {
    if (this.#length + sizeBytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + sizeBytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
