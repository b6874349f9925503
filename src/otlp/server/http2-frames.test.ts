import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import {
  connectRawHttp2,
  FLAG,
  FRAME,
  frame,
  headerBlock,
  PREFACE,
  type RawFrame,
  type RawHttp2,
} from '../../../test/testkit/raw-http2.ts';
import { GRPC_HEADERS, GRPC_METHOD, sendGrpc } from '../../../test/testkit/senders.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtlpRequest } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const LIMIT = 256 * 1024;
const MESSAGE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'checkout' }] }] }] });
const BLOCK = headerBlock(GRPC_HEADERS);

const requests: OtlpRequest[] = [];
const server = createOtlpServer(
  {
    accepts: { grpc: { ...defaultGrpcAccept, maxRecvMsgSizeBytes: LIMIT }, http: defaultHttpAccept },
    clock: systemClock,
  },
  (request) => {
    requests.push(request);
    return { status: 'ok' };
  },
);
let port = 0;
const open: RawHttp2[] = [];

beforeAll(async () => {
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.shutdown({ graceMs: 0 }));
afterEach(async () => {
  for (const raw of open.splice(0)) raw.close();
  // Whatever a test did to its own connection, another is served.
  requests.length = 0;
  expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: MESSAGE })).grpcStatus).toBe(0);
  await expect.poll(() => server.inFlightBytes).toBe(0);
  requests.length = 0;
});

async function connectRaw(options?: { preface: boolean }): Promise<RawHttp2> {
  const raw = await connectRawHttp2(port, options);
  open.push(raw);
  return raw;
}

function prefixed(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

function openStream(streamId: number, block: Uint8Array = BLOCK): Buffer {
  return frame(FRAME.headers, FLAG.endHeaders, streamId, block);
}

function data(streamId: number, payload: Uint8Array, end = false): Buffer {
  return frame(FRAME.data, end ? FLAG.endStream : 0, streamId, payload);
}

/** grpc-status and grpc-message of a stream, read from the literal text that both HPACK encoders of the server leave readable. */
async function outcome(raw: RawHttp2, streamId: number): Promise<RawFrame> {
  const isEnd = (f: RawFrame) =>
    f.streamId === streamId &&
    (f.type === FRAME.rstStream || (f.type === FRAME.headers && (f.flags & FLAG.endStream) !== 0));
  return raw.next(`the end of stream ${streamId}`, isEnd);
}

describe('messages over DATA frames', () => {
  it('are put together wherever they are split', async () => {
    const whole = prefixed(MESSAGE);
    const raw = await connectRaw();
    for (let cut = 0; cut <= whole.length; cut++) {
      const id = cut * 2 + 1;
      raw.send(openStream(id), data(id, whole.subarray(0, cut)), data(id, whole.subarray(cut), true));
    }
    await outcome(raw, whole.length * 2 + 1);
    expect(requests).toHaveLength(whole.length + 1);
    expect(requests.every((request) => Buffer.compare(request.bytes, MESSAGE) === 0)).toBe(true);
  });

  it('are put together wherever TCP splits them', async () => {
    const wire = Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0), openStream(1), data(1, prefixed(MESSAGE), true)]);
    for (let cut = 1; cut < wire.length; cut += 7) {
      const raw = await connectRaw({ preface: false });
      raw.send(wire.subarray(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 1));
      raw.send(wire.subarray(cut));
      await outcome(raw, 1);
      raw.close();
    }
    expect(requests).toHaveLength(Math.ceil((wire.length - 1) / 7));
  });

  it('arrive byte by byte on streams that take turns', async () => {
    const raw = await connectRaw();
    const streams = [1, 3, 5, 7];
    const whole = prefixed(MESSAGE);
    raw.send(...streams.map((id) => openStream(id)));
    for (let at = 0; at < whole.length; at++) {
      raw.send(...streams.map((id) => data(id, whole.subarray(at, at + 1), at === whole.length - 1)));
    }
    for (const id of streams) await outcome(raw, id);
    expect(requests.map((request) => Buffer.from(request.bytes).equals(MESSAGE))).toEqual([true, true, true, true]);
  });

  it('with padding and priority are read', async () => {
    const raw = await connectRaw();
    const priority = Buffer.from([0, 0, 0, 0, 16]);
    raw.send(
      frame(
        FRAME.headers,
        FLAG.endHeaders | FLAG.padded | FLAG.priority,
        1,
        Buffer.concat([Buffer.from([3]), priority, BLOCK, Buffer.alloc(3)]),
      ),
      frame(
        FRAME.data,
        FLAG.endStream | FLAG.padded,
        1,
        Buffer.concat([Buffer.from([4]), prefixed(MESSAGE), Buffer.alloc(4)]),
      ),
    );
    await outcome(raw, 1);
    expect(requests).toHaveLength(1);
  });

  it('with a header block over several CONTINUATION frames are read', async () => {
    const raw = await connectRaw();
    raw.send(
      frame(FRAME.headers, 0, 1, BLOCK.subarray(0, 10)),
      frame(FRAME.continuation, 0, 1, BLOCK.subarray(10, 20)),
      frame(FRAME.continuation, FLAG.endHeaders, 1, BLOCK.subarray(20)),
      data(1, prefixed(MESSAGE), true),
    );
    await outcome(raw, 1);
    expect(requests).toHaveLength(1);
  });
});

describe('broken messages', () => {
  const cases: readonly [string, Buffer, number, RegExp][] = [
    ['none at all', Buffer.alloc(0), 13, /carried no message/],
    ['half a prefix', Buffer.from([0, 0, 0]), 13, /after 3 of the 5 bytes/],
    ['truncated', prefixed(MESSAGE).subarray(0, 12), 13, /after 7 of the \d+ bytes/],
    ['two messages', Buffer.concat([prefixed(MESSAGE), prefixed(MESSAGE)]), 13, /one message, this one carried more/],
    ['an unknown flag', prefixed(MESSAGE, 7), 13, /must be 0 or 1, got 7/],
    ['compressed without an encoding', prefixed(gzipSync(MESSAGE), 1), 13, /no grpc-encoding/],
    ['announced as 4 GiB', prefixed(MESSAGE, 0, 0xffffffff), 8, /larger than the limit of 256 KiB/],
    ['not telemetry', prefixed(Buffer.from('hello world')), 3, /sluice: /],
  ];

  it.each(cases)('%s: a clear status', async (_name, body, code, sentence) => {
    const answer = await sendGrpc(port, { path: GRPC_METHOD.traces, message: MESSAGE, rawFrame: body });
    expect(answer.grpcStatus).toBe(code);
    expect(answer.message).toMatch(sentence);
    expect(requests).toHaveLength(0);
  });

  it('a gzip bomb stops at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    const answer = await sendGrpc(port, { path: GRPC_METHOD.traces, message: bomb, encoding: 'gzip' });
    expect(answer).toMatchObject({ grpcStatus: 8 });
    expect(answer.message).toContain('once decompressed');
  });

  it('corrupt gzip is named', async () => {
    const answer = await sendGrpc(port, {
      path: GRPC_METHOD.traces,
      message: Buffer.from('no gzip'),
      encoding: 'gzip',
    });
    expect(answer).toMatchObject({ grpcStatus: 13, message: 'sluice: the message is not valid gzip' });
  });

  it('leave the other streams of the connection alone', async () => {
    const raw = await connectRaw();
    raw.send(openStream(1), openStream(3), data(1, prefixed(MESSAGE, 0, 0xffffff)), data(3, prefixed(MESSAGE), true));
    await outcome(raw, 1);
    await outcome(raw, 3);
    expect(requests).toHaveLength(1);
    raw.send(openStream(5), data(5, prefixed(MESSAGE), true));
    await outcome(raw, 5);
  });
});

describe('hostile peers', () => {
  it('an endless header block ends the connection', async () => {
    const raw = await connectRaw();
    raw.send(frame(FRAME.headers, 0, 1, BLOCK));
    const filler = headerBlock({ 'x-filler': 'a'.repeat(8000) });
    for (let i = 0; i < 200 && !raw.closed; i++) raw.send(frame(FRAME.continuation, 0, 1, filler));
    await raw.untilClosed();
    expect(requests).toHaveLength(0);
  });

  it('a header list over the limit is refused, and the process stays up', async () => {
    const raw = await connectRaw();
    const block = Buffer.concat([BLOCK, headerBlock({ 'x-big': 'a'.repeat(30_000) })]);
    raw.send(
      frame(FRAME.headers, 0, 1, block.subarray(0, 16_000)),
      frame(FRAME.continuation, FLAG.endHeaders, 1, block.subarray(16_000)),
      data(1, prefixed(MESSAGE), true),
    );
    await raw.next(
      'a refusal',
      (f) => f.type === FRAME.goaway || f.type === FRAME.rstStream || f.type === FRAME.headers,
    );
    expect(requests).toHaveLength(0);
  });

  it('rapid reset ends the connection', async () => {
    const raw = await connectRaw();
    const cancel = Buffer.from([0, 0, 0, 8]);
    for (let id = 1; id < 40_000 && !raw.closed; id += 200) {
      const burst = Array.from({ length: 100 }, (_, i) => [
        openStream(id + i * 2),
        frame(FRAME.rstStream, 0, id + i * 2, cancel),
      ]);
      raw.send(...burst.flat());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.untilClosed();
  });

  it('more streams than allowed are refused one by one', async () => {
    const raw = await connectRaw();
    for (let id = 1; id < 2 * (defaultGrpcAccept.maxConcurrentStreams + 50); id += 2) raw.send(openStream(id));
    await raw.next('a refused stream', (f) => f.type === FRAME.rstStream || f.type === FRAME.goaway);
  });

  it.each<[string, Buffer]>([
    ['DATA on an idle stream', frame(FRAME.data, 0, 1, Buffer.from('x'))],
    ['DATA on stream 0', frame(FRAME.data, 0, 0, Buffer.from('x'))],
    ['GRPC_HEADERS on an even stream', openStream(2)],
    ['a frame over the advertised size', frame(FRAME.data, 0, 1, Buffer.alloc(2_000_000))],
    ['SETTINGS of a wrong length', frame(FRAME.settings, 0, 0, Buffer.alloc(5))],
    ['a window increment of 0', frame(FRAME.windowUpdate, 0, 0, Buffer.alloc(4))],
    [
      'PUSH_PROMISE from a client',
      frame(FRAME.pushPromise, FLAG.endHeaders, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), BLOCK])),
    ],
    ['a HPACK index out of range', openStream(1, Buffer.from([0xff, 0xff, 0x7f]))],
    ['CONTINUATION out of the blue', frame(FRAME.continuation, FLAG.endHeaders, 1, BLOCK)],
    [
      'another frame inside a header block',
      Buffer.concat([frame(FRAME.headers, 0, 1, BLOCK), frame(FRAME.ping, 0, 0, Buffer.alloc(8))]),
    ],
    ['padding longer than the frame', frame(FRAME.headers, FLAG.endHeaders | FLAG.padded, 1, Buffer.from([200, 1, 2]))],
  ])('%s is answered with GOAWAY or a closed connection', async (_name, bytes) => {
    const raw = await connectRaw();
    raw.send(bytes);
    await expect
      .poll(() => raw.closed || raw.frames.some((f) => f.type === FRAME.goaway), { timeout: 3000 })
      .toBe(true);
  });

  it('gets its pings answered and its unknown frames and settings ignored', async () => {
    const raw = await connectRaw();
    const unknownSetting = Buffer.from([0x0f, 0xff, 0, 0, 0, 1]);
    raw.send(
      frame(0x42, 0, 0, Buffer.from('what')),
      frame(FRAME.settings, 0, 0, unknownSetting),
      frame(FRAME.ping, 0, 0, Buffer.from('12345678')),
      openStream(1),
      data(1, prefixed(MESSAGE), true),
    );
    await outcome(raw, 1);
    const pong = await raw.next('pong', (f) => f.type === FRAME.ping);
    expect([pong.flags, pong.payload.toString()]).toEqual([FLAG.ack, '12345678']);
  });

  it('that goes away in the middle of a message frees its bytes', async () => {
    const raw = await connectRaw();
    raw.send(openStream(1), data(1, prefixed(MESSAGE, 0, 100_000)));
    await expect.poll(() => server.inFlightBytes).toBe(100_000);
    raw.close();
    await expect.poll(() => server.inFlightBytes).toBe(0);
    const reset = await connectRaw();
    reset.send(openStream(1), data(1, prefixed(MESSAGE, 0, 100_000)));
    await expect.poll(() => server.inFlightBytes).toBe(100_000);
    reset.send(frame(FRAME.rstStream, 0, 1, Buffer.from([0, 0, 0, 8])));
    await expect.poll(() => server.inFlightBytes).toBe(0);
  });
});

describe('flow control', () => {
  it('holds an answer back until the peer has room for it', async () => {
    const raw = await connectRaw();
    const windowOfTwo = Buffer.from([0, 4, 0, 0, 0, 2]);
    raw.send(frame(FRAME.settings, 0, 0, windowOfTwo), openStream(1), data(1, prefixed(MESSAGE), true));
    const first = await raw.next('two bytes', (f) => f.type === FRAME.data);
    expect(first.payload.length).toBe(2);
    expect(raw.frames.some((f) => f.streamId === 1 && (f.flags & FLAG.endStream) !== 0)).toBe(false);
    raw.send(frame(FRAME.windowUpdate, 0, 1, Buffer.from([0, 0, 0, 1])));
    await raw.next('one more', (f) => f.type === FRAME.data && f.payload.length === 1);
    // A larger window for all streams counts for those that are open.
    raw.send(frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0])));
    await outcome(raw, 1);
    const sent = raw.frames.filter((f) => f.type === FRAME.data).map((f) => f.payload.length);
    expect(sent).toEqual([2, 1, 2]);
  });

  it('lets a sender go on past the first window', async () => {
    const raw = await connectRaw();
    const big = encodeRequest('traces', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(200_000) }] }] }],
    });
    const whole = prefixed(big);
    for (let call = 0; call < 60; call++) {
      const id = call * 2 + 1;
      raw.send(openStream(id));
      for (let at = 0; at < whole.length; at += 16_384) {
        raw.send(data(id, whole.subarray(at, at + 16_384), at + 16_384 >= whole.length));
      }
      await outcome(raw, id);
    }
    const credit = raw.frames
      .filter((f) => f.type === FRAME.windowUpdate && f.streamId === 0)
      .reduce((sum, f) => sum + f.payload.readUInt32BE(0), 0);
    expect(65_535 + credit).toBeGreaterThan(60 * whole.length);
    expect(requests).toHaveLength(60);
  });
});

describe('fuzz', () => {
  const survives = async (bytes: Uint8Array, afterPreface: boolean) => {
    const raw = await connectRawHttp2(port, { preface: afterPreface });
    raw.send(bytes);
    raw.socket.end();
    await raw.untilClosed();
    raw.close();
  };

  it('any first bytes leave the server alive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => survives(bytes, false)),
      { numRuns: 150 },
    );
  });

  it('any bytes after the preface leave the server alive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => survives(bytes, true)),
      { numRuns: 150 },
    );
  });

  it('any sequence of frames leaves the server and its other connections alive', async () => {
    const anyFrame = fc
      .record({
        type: fc.integer({ min: 0, max: 10 }),
        flags: fc.integer({ min: 0, max: 255 }),
        streamId: fc.constantFrom(0, 1, 1, 3, 5, 2, 0x7fffffff),
        payload: fc.oneof(
          fc.constant(new Uint8Array(BLOCK)),
          fc.constant(new Uint8Array(prefixed(MESSAGE))),
          fc.uint8Array({ maxLength: 40 }),
        ),
      })
      .map(({ type, flags, streamId, payload }) => frame(type, flags, streamId, payload));
    const neighbour = await connectRaw();
    let id = 1;
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 12 }), async (frames) => {
        await survives(Buffer.concat(frames), true);
        neighbour.send(openStream(id), data(id, prefixed(MESSAGE), true));
        await outcome(neighbour, id);
        id += 2;
      }),
      { numRuns: 150 },
    );
  });

  it('any gRPC body gets a status', async () => {
    const raw = await connectRaw();
    let id = 1;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (body) => {
        raw.send(openStream(id), data(id, body, true));
        const end = await outcome(raw, id);
        expect(end.type).toBe(FRAME.headers);
        id += 2;
      }),
      { numRuns: 300 },
    );
  });
});
