import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import {
  connectRawHttp2,
  FLAG,
  FRAME,
  frame,
  headerBlock,
  type RawFrame,
  type RawHttp2,
} from '../../../test/testkit/raw-http2.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtlpResponse } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const CODE = { noError: 0, protocolError: 1, flowControlError: 3, streamClosed: 5, frameSizeError: 6 } as const;
const END = FLAG.endStream;
const CANCEL = Buffer.from([0, 0, 0, 8]);
const HALF_WINDOW_FRAMES = 32;
const BODY = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'checkout' }] }] }] });
const HEADERS = {
  ':method': 'POST',
  ':scheme': 'http',
  ':path': '/v1/traces',
  ':authority': 'x',
  'content-type': 'application/x-protobuf',
};

const MAX_STREAMS = 20;
const OPTIONS = {
  accepts: { grpc: { ...defaultGrpcAccept, maxConcurrentStreams: MAX_STREAMS }, http: defaultHttpAccept },
  clock: systemClock,
};
const server = createOtlpServer(OPTIONS, () => ({ status: 'ok' }));
let port = 0;
let raw: RawHttp2;

beforeAll(async () => {
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.shutdown({ graceMs: 0 }));
afterEach(() => raw.close());

function open(streamId: number, fields: Readonly<Record<string, string>> = {}, flags: number = 0): Buffer {
  return frame(FRAME.headers, FLAG.endHeaders | flags, streamId, headerBlock({ ...HEADERS, ...fields }));
}

/** A request that is answered with 404 by its head alone. */
const openElsewhere = (streamId: number, length?: string) =>
  open(streamId, { ':path': '/nowhere', ...(length !== undefined && { 'content-length': length }) });
/** HEADERS that depend on a stream. */
const withPriority = (streamId: number, on: number) =>
  frame(
    FRAME.headers,
    FLAG.endHeaders | FLAG.priority,
    streamId,
    Buffer.concat([Buffer.from([0, 0, 0, on, 9]), headerBlock(HEADERS)]),
  );
const data = (streamId: number, bytes: Uint8Array, flags = 0) => frame(FRAME.data, flags, streamId, bytes);
const trailers = (streamId: number, fields: Readonly<Record<string, string>>, flags = 0) =>
  frame(FRAME.headers, FLAG.endHeaders | flags, streamId, headerBlock(fields));

async function resetOf(streamId: number): Promise<number> {
  const reset = await raw.next('RST_STREAM', (f) => f.type === FRAME.rstStream && f.streamId === streamId);
  return reset.payload.readUInt32BE(0);
}

const framesOf = (streamId: number) => raw.frames.filter((f) => f.streamId === streamId);

async function answerOf(streamId: number): Promise<void> {
  await raw.next(
    `answer ${streamId}`,
    (f) => f.streamId === streamId && (f.flags & END) !== 0 && f.type <= FRAME.headers,
  );
}

/** Whether the connection goes on; what came before has been looked at by then. */
async function serves(streamId: number): Promise<boolean> {
  raw.send(open(streamId), data(streamId, BODY, END));
  await answerOf(streamId);
  return raw.frames.every((f) => f.type !== FRAME.goaway);
}

const priorityOn = (streamId: number, ...payload: number[]) => frame(FRAME.priority, 0, streamId, Buffer.from(payload));
const windowOf = (streamId: number, increment: number) => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment);
  return frame(FRAME.windowUpdate, 0, streamId, payload);
};

describe('an offence against one stream', () => {
  it.each<[string, number, Buffer[]]>([
    ['a malformed head', CODE.protocolError, [open(3, { connection: 'close' })]],
    ['an upper-case name', CODE.protocolError, [open(3, { 'X-Tenant': 'a' })]],
    ['a short body', CODE.protocolError, [open(3, { 'content-length': '9' }), data(3, BODY.subarray(0, 8), END)]],
    ['a long body', CODE.protocolError, [open(3, { 'content-length': '9' }), data(3, BODY)]],
    ['no body where one was announced', CODE.protocolError, [open(3, { 'content-length': '9' }, END)]],
    ['a short body of a request answered early', CODE.protocolError, [openElsewhere(3, '9'), data(3, BODY, END)]],
    ['a second head', CODE.protocolError, [open(3), open(3)]],
    ['a pseudo-field in trailers', CODE.protocolError, [open(3), trailers(3, { ':path': '/' }, END)]],
    ['a window increment of 0', CODE.protocolError, [open(3), windowOf(3, 0)]],
    ['a window above 2^31-1', CODE.flowControlError, [open(3), windowOf(3, 2 ** 31 - 1)]],
    ['PRIORITY of a wrong length', CODE.frameSizeError, [open(3), priorityOn(3, 0, 0, 0, 1)]],
    ['PRIORITY on itself', CODE.protocolError, [open(3), priorityOn(3, 0, 0, 0, 3, 9)]],
    ['DATA behind its reset', CODE.streamClosed, [open(3), frame(FRAME.rstStream, 0, 3, CANCEL), data(3, BODY)]],
    ['DATA behind its end', CODE.streamClosed, [open(3), data(3, BODY, END), data(3, BODY)]],
  ])('resets it and leaves the others alone: %s', async (_what, code, frames) => {
    raw = await connectRawHttp2(port);
    raw.send(open(1), ...frames, data(1, BODY, END));
    expect(await resetOf(3)).toBe(code);
    await answerOf(1);
    expect(await serves(5)).toBe(true);
  });

  it('is answered once, however much more comes for that stream', async () => {
    raw = await connectRawHttp2(port);
    raw.send(open(1), open(1), data(1, BODY), data(1, BODY), trailers(1, { a: 'b' }, END), priorityOn(1, 0));
    expect(await serves(3)).toBe(true);
    expect(framesOf(1).map((f) => f.type)).toEqual([FRAME.rstStream]);
  });
});

describe('an offence against the connection', () => {
  it.each<[string, number, Buffer[]]>([
    ['HEADERS on a closed stream', CODE.streamClosed, [open(1), data(1, BODY, END), open(1, {}, END)]],
    ['HEADERS whose id goes down', CODE.streamClosed, [open(5), open(3)]],
    ['HEADERS that depend on themselves', CODE.protocolError, [withPriority(1, 1)]],
    ['PRIORITY on the connection', CODE.protocolError, [priorityOn(0, 0, 0, 0, 1, 9)]],
    ['PRIORITY of a wrong length on an idle stream', CODE.frameSizeError, [priorityOn(7, 0)]],
    ['GOAWAY on a stream', CODE.protocolError, [frame(FRAME.goaway, 0, 1, Buffer.alloc(8))]],
    ['GOAWAY of a wrong length', CODE.frameSizeError, [frame(FRAME.goaway, 0, 0, Buffer.alloc(7))]],
    ['RST_STREAM on an idle stream', CODE.protocolError, [frame(FRAME.rstStream, 0, 1, CANCEL)]],
    [
      'a stream window that SETTINGS move above 2^31-1',
      CODE.flowControlError,
      [open(1), windowOf(1, 2 ** 31 - 1 - 65_535), frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]))],
    ],
  ])('ends it: %s', async (_what, code, frames) => {
    raw = await connectRawHttp2(port);
    raw.send(...frames);
    const goaway = await raw.next('GOAWAY', (f) => f.type === FRAME.goaway);
    expect(goaway.payload.readUInt32BE(4)).toBe(code);
    await raw.untilClosed();
  });
});

describe('a request that is answered before it has ended', () => {
  it('ends without a reset when the rest of it is short', async () => {
    raw = await connectRawHttp2(port);
    raw.send(openElsewhere(1));
    await answerOf(1);
    raw.send(data(1, BODY), data(1, BODY, END));
    expect(await serves(3)).toBe(true);
    expect(framesOf(1).some((f) => f.type === FRAME.rstStream)).toBe(false);
  });

  it('is stopped after half a window, and what was on its way is ignored', async () => {
    raw = await connectRawHttp2(port);
    raw.send(openElsewhere(1), ...Array.from({ length: HALF_WINDOW_FRAMES + 5 }, () => data(1, Buffer.alloc(16_384))));
    expect(await resetOf(1)).toBe(CODE.noError);
    expect(await serves(3)).toBe(true);
    expect(framesOf(1).filter((f) => f.type === FRAME.rstStream || f.type === FRAME.windowUpdate)).toHaveLength(1);
  });

  it('makes room for others when it is never ended', async () => {
    raw = await connectRawHttp2(port);
    for (let id = 1; id < 80; id += 2) raw.send(openElsewhere(id));
    expect(await resetOf(1)).toBe(CODE.noError);
    expect(await serves(81)).toBe(true);
    const stopped = raw.frames.filter((f) => f.type === FRAME.rstStream);
    expect(stopped).toHaveLength(40 - MAX_STREAMS / 2);
  });

  it('does not hold up a shutdown', async () => {
    const closing = createOtlpServer(OPTIONS, () => ({ status: 'ok' }));
    const address = await closing.listen({ host: '127.0.0.1', port: 0 });
    raw = await connectRawHttp2(address.port);
    raw.send(openElsewhere(1));
    await answerOf(1);
    const closed = closing.shutdown({ graceMs: 20_000 });
    raw.send(frame(FRAME.ping, FLAG.ack, 0, Buffer.from('goodbye.')));
    await closed;
  });
});

it('a stream opened behind the last GOAWAY is ignored; those under way are finished', async () => {
  const handled = Promise.withResolvers<OtlpResponse>();
  const closing = createOtlpServer(OPTIONS, () => handled.promise);
  const address = await closing.listen({ host: '127.0.0.1', port: 0 });
  raw = await connectRawHttp2(address.port);
  raw.send(open(1), data(1, BODY, END));
  await expect.poll(() => closing.inFlightBytes).toBeGreaterThan(0);
  const closed = closing.shutdown({ graceMs: 20_000 });
  raw.send(frame(FRAME.ping, FLAG.ack, 0, Buffer.from('goodbye.')));
  const isLast = (f: RawFrame) => f.type === FRAME.goaway && f.payload.readUInt32BE(0) === 1;
  await raw.next('the last GOAWAY', isLast);
  raw.send(open(3), data(3, BODY, END), frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
  await raw.next('the answer to the ping', (f) => f.type === FRAME.ping && f.flags === FLAG.ack);
  handled.resolve({ status: 'ok' });
  await answerOf(1);
  await closed;
  expect(framesOf(3)).toEqual([]);
});
