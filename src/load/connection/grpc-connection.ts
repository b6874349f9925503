/**
 * OTLP/gRPC over one HTTP/2 connection with hand-made frames, because a generator must cost less than what it loads: about
 * a fifth of node:http2's CPU for each request. It knows what a unary call needs and nothing else.
 *
 * Invariants: one request's DATA frames never exceed the peer's windows; blocked requests go out in order; every request
 * is answered exactly once; a broken connection fails what was under way and the next request opens a new one.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { errorCode, errorMessage } from '../../lib/index.ts';
import {
  decodeExportResponse,
  decodeGrpcMessage,
  decodeStatus,
  GRPC_METHOD,
  grpcCodeOf,
  isRetryableCode,
  type RpcStatus,
} from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Answer, Connection, ConnectionOptions } from './connection.ts';
import { grpcStatusName } from './grpc-status.ts';
import { type RequestBlocks, readResponseBlock, requestBlocks } from './header-block.ts';
import { FLAG, FRAME, FrameReader, frameHeader, PREFACE, settingsFrame, windowUpdateFrame } from './http2-frame.ts';

const MAX_FRAME_BYTES = 16_384;
const DEFAULT_WINDOW = 65_535;
const DEFAULT_TABLE_SIZE = 4096;
const RECEIVE_WINDOW = 2 ** 24;
const EMPTY = new Uint8Array(0);
const NONE_REJECTED = { rejectedCount: 0 };

interface Call {
  readonly id: number;
  readonly answered: (answer: Answer) => void;
  readonly deadline: number;
  readonly bytes: Uint8Array;
  /** How much of the body is written. */
  sentBytes: number;
  window: number;
  httpStatus: string;
  grpcStatus: number;
  grpcMessage: string;
  details: RpcStatus | undefined;
  body: Uint8Array;
}

/** Opens lazily and again after a failure; with several addresses each time to the next of them. */
export function createGrpcConnection(
  signal: Signal,
  options: ConnectionOptions,
  addresses: readonly { readonly host: string; readonly port: number }[] = [options],
): Connection {
  let session: GrpcSession | undefined;
  let opened = 0;
  let closed = false;
  return {
    send(_signal, bytes, answered) {
      if (closed) return queueMicrotask(() => answered(failed('CLOSED', 'the connection was closed')));
      if (session === undefined || session.finished)
        session = new GrpcSession(signal, { ...options, ...addresses[opened++ % addresses.length] });
      session.send(bytes, answered);
    },
    close() {
      closed = true;
      session?.destroy('CLOSED', 'the connection was closed');
    },
  };
}

class GrpcSession {
  /** No further requests: the socket is gone or the peer said GOAWAY. */
  finished = false;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #blocks: RequestBlocks;
  readonly #calls = new Map<number, Call>();
  #waiting: Call[] = [];
  readonly #reader: FrameReader;
  readonly #sweep: NodeJS.Timeout;
  #nextStream = 1;
  #opened = false;
  #indexed = true;
  #requestCount = 0;
  #connectionWindow = DEFAULT_WINDOW;
  #streamWindow = DEFAULT_WINDOW;
  #receivedBytes = 0;
  #corked = false;

  constructor(signal: Signal, options: ConnectionOptions) {
    this.#options = options;
    this.#blocks = requestBlocks(requestFields(signal, options));
    this.#reader = new FrameReader((type, flags, stream, payload) => this.#onFrame(type, flags, stream, payload));
    this.#socket = openSocket(options);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#reader.push(chunk));
    this.#socket.on('error', (error) => this.destroy(errorCode(error) ?? 'SOCKET', errorMessage(error)));
    this.#socket.on('close', () => this.destroy('CONNECTION_LOST', 'the backend closed the connection'));
    this.#socket.write(PREFACE);
    // Id 1: header table, id 2: push, id 4: stream window.
    this.#socket.write(
      settingsFrame([
        [1, 0],
        [2, 0],
        [4, RECEIVE_WINDOW],
      ]),
    );
    this.#socket.write(windowUpdateFrame(0, RECEIVE_WINDOW));
    this.#sweep = setInterval(() => this.#expire(), Math.min(1000, options.timeoutMs));
    this.#sweep.unref();
  }

  send(bytes: Uint8Array, answered: (answer: Answer) => void): void {
    const call: Call = {
      id: this.#nextStream,
      answered,
      deadline: performance.now() + this.#options.timeoutMs,
      bytes,
      sentBytes: -1,
      window: this.#streamWindow,
      httpStatus: '',
      grpcStatus: -1,
      grpcMessage: '',
      details: undefined,
      body: EMPTY,
    };
    this.#nextStream += 2;
    this.#calls.set(call.id, call);
    // Stream ids are 31 bits wide and never reused.
    if (this.#nextStream > 0x7fff_0000) this.finished = true;
    if (this.#opened && this.#waiting.length === 0) this.#write(call);
    if (call.sentBytes < bytes.length) this.#waiting.push(call);
  }

  destroy(code: string, message: string): void {
    this.finished = true;
    clearInterval(this.#sweep);
    this.#socket.destroy();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#waiting = [];
    for (const call of calls) queueMicrotask(() => call.answered(failed(code, message)));
  }

  /** Writes as much of a call as the windows allow. */
  #write(call: Call): void {
    this.#cork();
    if (call.sentBytes < 0) {
      this.#writeHeaders(call);
      call.sentBytes = 0;
    }
    const total = call.bytes.length + 5;
    let at = call.sentBytes === 0 ? 0 : call.sentBytes + 5;
    while (at < total) {
      const size = Math.min(MAX_FRAME_BYTES, total - at, call.window, this.#connectionWindow);
      // The five bytes of gRPC's prefix are never split, so that `sentBytes` alone tells where we are.
      if (size < Math.min(total - at, at === 0 ? 6 : 1)) return;
      this.#writeData(call, at, size, at + size === total);
      call.window -= size;
      this.#connectionWindow -= size;
      at += size;
      call.sentBytes = at - 5;
    }
  }

  #writeHeaders(call: Call): void {
    const block = !this.#indexed
      ? this.#blocks.unindexed
      : this.#requestCount === 0
        ? this.#blocks.first
        : this.#blocks.next;
    this.#requestCount++;
    const frame = new Uint8Array(9 + block.length);
    frameHeader(frame, 0, block.length, FRAME.headers, FLAG.endHeaders, call.id);
    frame.set(block, 9);
    this.#socket.write(frame);
  }

  #writeData(call: Call, at: number, size: number, last: boolean): void {
    const prefixBytes = at === 0 ? 5 : 0;
    const head = new Uint8Array(9 + prefixBytes);
    frameHeader(head, 0, size, FRAME.data, last ? FLAG.endStream : 0, call.id);
    if (prefixBytes > 0) {
      head[9] = this.#options.compression === 'none' ? 0 : 1;
      new DataView(head.buffer).setUint32(10, call.bytes.length);
    }
    this.#socket.write(head);
    const from = Math.max(0, at - 5);
    this.#socket.write(call.bytes.subarray(from, at + size - 5));
  }

  /** Everything written in one turn of the event loop leaves in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const call = this.#waiting[0]!;
      if (this.#calls.has(call.id)) {
        this.#write(call);
        if (call.sentBytes < call.bytes.length) return;
      }
      this.#waiting.shift();
    }
  }

  #onFrame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    if (type === FRAME.data) this.#onData(flags, stream, payload);
    else if (type === FRAME.headers) this.#onHeaders(flags, stream, payload);
    else if (type === FRAME.windowUpdate) this.#onWindowUpdate(stream, uint32(payload, 0) & 0x7fffffff);
    else if (type === FRAME.settings && (flags & FLAG.ack) === 0) this.#onSettings(payload);
    else if (type === FRAME.ping && (flags & FLAG.ack) === 0) this.#socket.write(pingAck(payload));
    else if (type === FRAME.goaway) this.#onGoaway(uint32(payload, 0) & 0x7fffffff);
    else if (type === FRAME.rstStream)
      this.#finish(stream, failed(`RST_STREAM_${uint32(payload, 0)}`, 'the backend reset the stream'));
  }

  #onData(flags: number, stream: number, payload: Uint8Array): void {
    this.#receivedBytes += payload.length;
    if (this.#receivedBytes > RECEIVE_WINDOW / 2) {
      this.#socket.write(windowUpdateFrame(0, this.#receivedBytes));
      this.#receivedBytes = 0;
    }
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    call.body = call.body.length === 0 ? payload.slice() : Buffer.concat([call.body, payload]);
    if ((flags & FLAG.endStream) !== 0) this.#complete(call);
  }

  #onHeaders(flags: number, stream: number, block: Uint8Array): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    readResponseBlock(block, (name, value) => {
      if (name === ':status') call.httpStatus = value;
      else if (name === 'grpc-status') call.grpcStatus = Number(value);
      else if (name === 'grpc-message') call.grpcMessage = decodeGrpcMessage(value);
      else if (name === 'grpc-status-details-bin') call.details = decodeStatus(Buffer.from(value, 'base64'));
    });
    if ((flags & FLAG.endStream) !== 0) this.#complete(call);
  }

  #complete(call: Call): void {
    this.#finish(call.id, answerOf(call));
  }

  #finish(stream: number, answer: Answer): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    this.#calls.delete(stream);
    call.answered(answer);
    if (this.finished && this.#calls.size === 0) this.destroy('CLOSED', 'the connection was closed');
  }

  #onSettings(payload: Uint8Array): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const id = payload[at]! * 256 + payload[at + 1]!;
      const value = uint32(payload, at + 2);
      if (id === 1 && value < DEFAULT_TABLE_SIZE) this.#indexed = false;
      if (id === 4) {
        for (const call of this.#calls.values()) call.window += value - this.#streamWindow;
        this.#streamWindow = value;
      }
    }
    this.#socket.write(settingsFrame([], FLAG.ack));
    this.#opened = true;
    this.#pump();
  }

  #onWindowUpdate(stream: number, increment: number): void {
    if (stream === 0) this.#connectionWindow += increment;
    else {
      const call = this.#calls.get(stream);
      if (call === undefined) return;
      call.window += increment;
    }
    this.#pump();
  }

  /** Streams above `lastStream` were never looked at; they fail here and may be sent again. */
  #onGoaway(lastStream: number): void {
    this.finished = true;
    for (const id of [...this.#calls.keys()])
      if (id > lastStream) this.#finish(id, failed('GOAWAY', 'the backend is closing the connection'));
    if (this.#calls.size === 0) this.destroy('CLOSED', 'the connection was closed');
  }

  #expire(): void {
    const now = performance.now();
    for (const call of this.#calls.values()) {
      if (call.deadline > now) return;
      // Whoever was to take the connection may be gone; TCP alone would go on asking for minutes.
      if (!this.#opened) return this.destroy('TIMEOUT', `no connection within ${this.#options.timeoutMs} ms`);
      const reset = new Uint8Array(13);
      frameHeader(reset, 0, 4, FRAME.rstStream, 0, call.id);
      reset[12] = 8;
      if (call.sentBytes >= 0) this.#socket.write(reset);
      this.#finish(call.id, failed('TIMEOUT', `no answer within ${this.#options.timeoutMs} ms`));
    }
  }
}

function openSocket({ host, port, localAddress, tls }: ConnectionOptions): Socket {
  const from = localAddress === undefined ? {} : { localAddress };
  return tls
    ? connectTls({ host, port, ...from, ALPNProtocols: ['h2'], servername: host })
    : connectTcp({ host, port, ...from, noDelay: true });
}

function requestFields(signal: Signal, options: ConnectionOptions): (readonly [string, string])[] {
  return [
    [':method', 'POST'],
    [':scheme', options.tls ? 'https' : 'http'],
    [':path', GRPC_METHOD[signal]],
    [':authority', `${options.host}:${options.port}`],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ['user-agent', 'sluice-gen'],
    ...(options.compression === 'none' ? [] : ([['grpc-encoding', options.compression]] as const)),
    ...Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
  ];
}

function answerOf(call: Call): Answer {
  if (call.grpcStatus < 0)
    return { status: 'refused', code: call.httpStatus, message: 'not an answer of gRPC', retryable: false };
  if (call.grpcStatus === 0) return { status: 'ok', ...(decodeExportResponse(call.body.subarray(5)) ?? NONE_REJECTED) };
  const retryAfterMs = call.details?.retryAfterMs;
  return {
    status: 'refused',
    code: grpcStatusName(call.grpcStatus),
    message: call.grpcMessage,
    retryable: isRetryableCode(grpcCodeOf(call.grpcStatus), retryAfterMs !== undefined),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function failed(code: string, message: string): Answer {
  return { status: 'failed', code, message };
}

function pingAck(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(9 + payload.length);
  frameHeader(frame, 0, payload.length, FRAME.ping, FLAG.ack, 0);
  frame.set(payload, 9);
  return frame;
}

function uint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 2 ** 24 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}
