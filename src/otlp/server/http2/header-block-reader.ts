import { ConnectionError, ERROR_CODE, FLAG } from './frame.ts';
import { headerFragment } from './frame-reader.ts';
import type { HeaderList } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';

/** A header list and where it belongs. `headers` is undefined when it was larger than allowed. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly headers: HeaderList | undefined;
}

const MAX_BLOCK_BYTES = 64 * 1024;
const MAX_FRAMES = 32;
const NO_STREAM = 0;

/** Puts header blocks together from HEADERS and CONTINUATION frames; both the bytes and the number of frames are bounded. */
export class HeaderBlockReader {
  readonly #decoder: HpackDecoder;
  #streamId = NO_STREAM;
  #endStream = false;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxListBytes: number) {
    this.#decoder = new HpackDecoder(maxListBytes);
  }

  /** While a block is open, nothing but its CONTINUATION may follow. */
  get isOpen(): boolean {
    return this.#streamId !== NO_STREAM;
  }

  get streamId(): number {
    return this.#streamId;
  }

  /** Takes a HEADERS frame; undefined when its block goes on. Throws ConnectionError. */
  open(flags: number, streamId: number, payload: Buffer): HeaderBlock | undefined {
    if (streamId % 2 === 0) throw new ConnectionError(ERROR_CODE.protocolError, 'stream id');
    const fragment = headerFragment(flags, streamId, payload);
    const endStream = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) return { streamId, endStream, headers: this.#decoder.decode(fragment) };
    this.#streamId = streamId;
    this.#endStream = endStream;
    this.#parts = [Buffer.from(fragment)];
    this.#bytes = fragment.length;
    return undefined;
  }

  /** Takes a CONTINUATION frame of the open block. */
  continue(flags: number, payload: Buffer): HeaderBlock | undefined {
    if (!this.isOpen) throw new ConnectionError(ERROR_CODE.protocolError, 'CONTINUATION out of place');
    this.#parts.push(Buffer.from(payload));
    this.#bytes += payload.length;
    if (this.#bytes > MAX_BLOCK_BYTES || this.#parts.length > MAX_FRAMES) {
      throw new ConnectionError(ERROR_CODE.enhanceYourCalm, 'header block too long');
    }
    if ((flags & FLAG.endHeaders) === 0) return undefined;
    const headers = this.#decoder.decode(Buffer.concat(this.#parts));
    const block = { streamId: this.#streamId, endStream: this.#endStream, headers };
    this.#streamId = NO_STREAM;
    this.#parts = [];
    return block;
  }
}
