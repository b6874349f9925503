import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { connectRawHttp2, FLAG, FRAME, frame, headerBlock, type RawHttp2 } from '../../../test/testkit/raw-http2.ts';
import { GRPC_HEADERS } from '../../../test/testkit/senders.ts';
import { systemClock } from '../../lib/index.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const ENHANCE_YOUR_CALM = 11;
const MAX_FRAMES = 40_000;
const BATCH = 250;
const BLOCK = headerBlock(GRPC_HEADERS);
const BODY = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'checkout' }] }] }] });
const MESSAGE = Buffer.concat([Buffer.from([0, 0, 0, 0, BODY.length]), BODY]);
const OPEN = frame(FRAME.headers, FLAG.endHeaders, 1, BLOCK);
const NOTHING = Buffer.alloc(0);
const word = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);

const server = createOtlpServer(
  { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
  () => ({ status: 'ok' }),
);
let port = 0;
beforeAll(async () => {
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.shutdown({ graceMs: 0 }));

/** Sends `what(i)` for i = 0, 1, … until the connection ends, at most MAX_FRAMES times. */
async function flood(raw: RawHttp2, what: (i: number) => Buffer): Promise<void> {
  for (let i = 0; i < MAX_FRAMES && !raw.closed; i += BATCH) {
    raw.send(...Array.from({ length: BATCH }, (_, k) => what(i + k)));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a flood of', () => {
  it.each<[string, Buffer, (i: number) => Buffer]>([
    ['PING', NOTHING, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', NOTHING, () => frame(FRAME.settings, 0, 0)],
    ['SETTINGS acknowledgements', NOTHING, () => frame(FRAME.settings, FLAG.ack, 0)],
    ['PRIORITY', NOTHING, (i) => frame(FRAME.priority, 0, 2 * i + 1, Buffer.alloc(5))],
    ['WINDOW_UPDATE', NOTHING, () => frame(FRAME.windowUpdate, 0, 0, word(1))],
    ['GOAWAY', NOTHING, () => frame(FRAME.goaway, 0, 0, Buffer.alloc(8))],
    ['unknown frames', NOTHING, () => frame(0x42, 0, 0, Buffer.from('x'))],
    ['empty DATA', OPEN, () => frame(FRAME.data, 0, 1)],
    ['DATA that is only padding', OPEN, () => frame(FRAME.data, FLAG.padded, 1, Buffer.from([3, 0, 0, 0]))],
    ['resets', NOTHING, (i) => Buffer.concat([OPEN, frame(FRAME.rstStream, 0, 1, word(8))].map((f) => onStream(f, i)))],
    [
      'malformed requests',
      NOTHING,
      (i) => onStream(frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock({ ':method': 'POST' })), i),
    ],
    ['PRIORITY of a wrong length on closed streams', OPEN, () => frame(FRAME.priority, 0, 1, Buffer.alloc(4))],
  ])('%s ends the connection with ENHANCE_YOUR_CALM', async (_what, first, what) => {
    const raw = await connectRawHttp2(port);
    raw.send(first);
    await flood(raw, what);
    const goaway = await raw.next('GOAWAY', (f) => f.type === FRAME.goaway);
    expect(goaway.payload.readUInt32BE(4)).toBe(ENHANCE_YOUR_CALM);
    await raw.untilClosed();
  });

  it('CONTINUATION, empty or not, ends the connection within one header block', async () => {
    for (const part of [NOTHING, Buffer.alloc(10), Buffer.alloc(10_000)]) {
      const raw = await connectRawHttp2(port);
      raw.send(
        frame(FRAME.headers, 0, 1, BLOCK),
        ...Array.from({ length: 40 }, () => frame(FRAME.continuation, 0, 1, part)),
      );
      const goaway = await raw.next('GOAWAY', (f) => f.type === FRAME.goaway);
      expect(goaway.payload.readUInt32BE(4)).toBe(ENHANCE_YOUR_CALM);
      raw.close();
    }
  });
});

function onStream(bytes: Buffer, i: number): Buffer {
  const moved = Buffer.from(bytes);
  moved.writeUInt32BE(2 * i + 1, 5);
  return moved;
}

describe('an eager but honest sender', () => {
  it('pings and moves its windows with every request without being cut off', async () => {
    const raw = await connectRawHttp2(port);
    const count = 3000;
    for (let i = 0; i < count; i++) {
      raw.send(
        frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
        onStream(OPEN, i),
        onStream(frame(FRAME.data, 0, 1, MESSAGE), i),
        onStream(frame(FRAME.data, FLAG.endStream, 1), i),
        frame(FRAME.windowUpdate, 0, 0, word(1)),
      );
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.next('the last answer', (f) => f.streamId === 2 * count - 1 && (f.flags & FLAG.endStream) !== 0);
    expect(raw.frames.filter((f) => f.type === FRAME.ping)).toHaveLength(count);
    expect(raw.frames.filter((f) => f.type === FRAME.goaway || f.type === FRAME.rstStream)).toEqual([]);
    raw.close();
  });
});
