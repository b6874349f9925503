import { connect, type Socket } from 'node:net';

import { waitFor } from './wait-for.ts';

/** One HTTP/2 frame as it came over the wire. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const HEADER_BYTES = 9;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function hpackLength(length: number): number[] {
  return length < 127 ? [length] : [127, ...leb128(length - 127)];
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb128(Math.floor(value / 128))];
}

/** A header block of literals, neither indexed nor Huffman-coded. */
export function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(headers).flatMap(([name, value]) =>
    [Buffer.from(name), Buffer.from(value)].flatMap((text, i) => [
      Buffer.from([...(i === 0 ? [0] : []), ...hpackLength(text.length)]),
      text,
    ]),
  );
  return Buffer.concat(parts);
}

/** Speaks HTTP/2 frame by frame, rightly or wrongly, as the test wants it. */
export interface RawHttp2 {
  readonly socket: Socket;
  readonly frames: readonly RawFrame[];
  readonly closed: boolean;
  send(...bytes: readonly Uint8Array[]): void;
  /** Waits for a frame of this type on this stream. */
  next(what: string, test: (frame: RawFrame) => boolean): Promise<RawFrame>;
  untilClosed(): Promise<void>;
  close(): void;
}

/** Connects and, unless told not to, sends the preface and empty settings. */
export async function connectRawHttp2(port: number, { preface = true } = {}): Promise<RawHttp2> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const frames: RawFrame[] = [];
  let pending: Buffer = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + pending.readUIntBE(0, 3);
      if (pending.length < end) return;
      const streamId = pending.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type: pending[3], flags: pending[4], streamId, payload: pending.subarray(HEADER_BYTES, end) });
      pending = pending.subarray(end);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  if (preface) socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0)]));
  return {
    socket,
    frames,
    get closed() {
      return closed;
    },
    send: (...bytes) => {
      socket.write(Buffer.concat(bytes));
    },
    async next(what, test) {
      await waitFor(what, () => frames.some(test), { timeoutMs: 5000, pollMs: 2 });
      return frames.find(test) as RawFrame;
    },
    untilClosed: () => waitFor('closed', () => closed, { timeoutMs: 5000, pollMs: 2 }),
    close: () => socket.destroy(),
  };
}
