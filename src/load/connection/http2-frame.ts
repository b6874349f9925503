/** HTTP/2 frames (RFC 9113 section 4) as far as a client needs them. */
export const FRAME = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const PREFACE = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frameHeader(
  target: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  target[at] = length >>> 16;
  target[at + 1] = length >>> 8;
  target[at + 2] = length;
  target[at + 3] = type;
  target[at + 4] = flags;
  target[at + 5] = stream >>> 24;
  target[at + 6] = stream >>> 16;
  target[at + 7] = stream >>> 8;
  target[at + 8] = stream;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[], flags = 0): Uint8Array {
  const frame = new Uint8Array(9 + settings.length * 6);
  const view = new DataView(frame.buffer);
  frameHeader(frame, 0, settings.length * 6, FRAME.settings, flags, 0);
  settings.forEach(([id, value], i) => {
    view.setUint16(9 + i * 6, id);
    view.setUint32(11 + i * 6, value);
  });
  return frame;
}

export function windowUpdateFrame(stream: number, increment: number): Uint8Array {
  const frame = new Uint8Array(13);
  frameHeader(frame, 0, 4, FRAME.windowUpdate, 0, stream);
  new DataView(frame.buffer).setUint32(9, increment);
  return frame;
}

type OnFrame = (type: number, flags: number, stream: number, payload: Uint8Array) => void;

/**
 * Cuts a byte stream into frames. Padding and priority are removed, and a header block that spans CONTINUATION frames arrives as
 * one HEADERS frame. A payload is only valid during the call.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #rest: Uint8Array = new Uint8Array(0);
  #block: { readonly flags: number; readonly stream: number; parts: Uint8Array[] } | undefined;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 9) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      const end = at + 9 + length;
      if (bytes.length < end) break;
      const stream =
        (bytes[at + 5]! & 0x7f) * 2 ** 24 + ((bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!);
      this.#frame(bytes[at + 3]!, bytes[at + 4]!, stream, bytes.subarray(at + 9, end));
      at = end;
    }
    this.#rest = at === bytes.length ? new Uint8Array(0) : bytes.slice(at);
  }

  #frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    if (type === FRAME.headers) {
      const block = unpad(flags, payload, (flags & FLAG.priority) !== 0 ? 5 : 0);
      if ((flags & FLAG.endHeaders) !== 0) this.#onFrame(type, flags, stream, block);
      else this.#block = { flags, stream, parts: [block.slice()] };
    } else if (type === FRAME.continuation && this.#block !== undefined) {
      this.#block.parts.push(payload.slice());
      if ((flags & FLAG.endHeaders) === 0) return;
      const { flags: headerFlags, stream: headerStream, parts } = this.#block;
      this.#block = undefined;
      this.#onFrame(FRAME.headers, headerFlags, headerStream, Buffer.concat(parts));
    } else {
      this.#onFrame(type, flags, stream, type === FRAME.data ? unpad(flags, payload, 0) : payload);
    }
  }
}

function unpad(flags: number, payload: Uint8Array, skip: number): Uint8Array {
  if ((flags & FLAG.padded) === 0) return payload.subarray(skip);
  return payload.subarray(1 + skip, payload.length - payload[0]!);
}
