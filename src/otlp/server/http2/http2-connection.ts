import type { Socket } from 'node:net';

import type { Clock } from '../../../lib/index.ts';
import type { Connection } from '../connection.ts';
import type { HeaderFields, Service } from '../exchange.ts';
import type { PeerHost } from '../peer-hosts.ts';
import { AnswerSender } from './answer-sender.ts';
import {
  checkGoaway,
  checkPing,
  checkRstStream,
  priorityOffence,
  readSettings,
  readWindowUpdate,
} from './control-frame.ts';
import {
  ConnectionError,
  DEFAULT_WINDOW_BYTES,
  ERROR_CODE,
  type ErrorCode,
  FLAG,
  FRAME,
  MAX_WINDOW_BYTES,
  PREFACE,
  SETTING,
} from './frame.ts';
import { FrameBudget, OVERHEAD, OVERHEAD_PER_REQUEST, RESETS } from './frame-budget.ts';
import { type FrameHandler, FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { type HeaderBlock, HeaderBlockReader } from './header-block-reader.ts';
import type { HeaderBlocks } from './hpack-encoder.ts';
import { Http2Stream, type StreamOwner } from './http2-stream.ts';
import { LateStreams } from './late-streams.ts';
import { isTrailerList, RequestHeads } from './request-head.ts';

export interface Http2ConnectionOptions {
  readonly connection: Connection;
  readonly service: Service;
  readonly clock: Clock;
  readonly maxConcurrentStreams: number;
  /** Shared by all connections of a server. */
  readonly headerBlocks: HeaderBlocks;
  /** Told of an exception that should not have been; the connection is closed with INTERNAL_ERROR. */
  readonly onFault: (peer: string, error: unknown) => void;
}

const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_LIST_BYTES = 16 * 1024;
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A peer that hasn't answered by then gets its last stream id without having asked for it. */
const GOODBYE_MS = 1000;
const GOODBYE_PING = Buffer.from('goodbye.', 'latin1');
const NO_STREAM = 0;

/**
 * The server's side of one HTTP/2 connection, for requests that are answered whole.
 * - Every header block passes the decoder, in order, whatever becomes of its stream.
 * - Body bytes are handed to the sink as they come and given back to the peer's window at once: the sink, not the window, bounds memory.
 * - A stream is in the map until it is answered or reset; a peer that may still send on it finds it among the late ones. An id below the
 *   last one that is in neither is closed on both sides, and what comes for it is an offence.
 * - Answers are collected over one turn and written once; a peer that doesn't read its answers isn't read from either.
 * - A peer's offence against one stream resets that; one against what all streams share ends the connection with GOAWAY. Nothing it sends
 *   throws beyond `push`.
 * - Frames that make work without being part of a request have a budget.
 */
export class Http2Connection implements FrameHandler, StreamOwner {
  readonly peer: string;
  readonly host: PeerHost;
  readonly isSecure: boolean;
  readonly #options: Http2ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #answers: AnswerSender;
  readonly #headerReader = new HeaderBlockReader(MAX_HEADER_LIST_BYTES);
  readonly #heads = new RequestHeads();
  readonly #resets: FrameBudget;
  readonly #overhead: FrameBudget;
  readonly #streams = new Map<number, Http2Stream>();
  readonly #late: LateStreams;
  #prefaceSeen = 0;
  #settled = false;
  /** The highest the peer has used, and the highest we have looked at. */
  #lastStreamId = 0;
  #lastServedId = 0;
  #receiveWindow = CONNECTION_WINDOW_BYTES;
  #owedBytes = 0;
  #reading = false;
  #flushScheduled = false;
  #goodbye: 'no' | 'announced' | 'final' = 'no';
  #dead = false;

  constructor(options: Http2ConnectionOptions) {
    const { connection } = options;
    this.#options = options;
    this.peer = connection.peer;
    this.host = connection.host;
    this.isSecure = connection.isSecure;
    this.#socket = connection.socket;
    this.#reader = new FrameReader(this);
    this.#writer = new FrameWriter(this.#socket);
    this.#answers = new AnswerSender({
      writer: this.#writer,
      headerBlocks: options.headerBlocks,
      onSent: (stream) => this.#removeIfDone(stream),
    });
    this.#resets = new FrameBudget(options.clock, RESETS);
    this.#overhead = new FrameBudget(options.clock, OVERHEAD);
    this.#late = new LateStreams(options.maxConcurrentStreams);
    this.#writer.settings([
      [SETTING.maxConcurrentStreams, options.maxConcurrentStreams],
      [SETTING.initialWindowSize, STREAM_WINDOW_BYTES],
      [SETTING.maxHeaderListSize, MAX_HEADER_LIST_BYTES],
    ]);
    this.#writer.windowUpdate(NO_STREAM, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    this.#writer.flush();
    connection.onClosing(() => this.close());
    this.#socket.on('data', (chunk: Buffer) => this.push(chunk));
    this.#socket.on('drain', () => this.#socket.resume());
    this.#socket.once('close', () => this.#abandon());
  }

  /** Takes what the peer sent. */
  push(chunk: Buffer): void {
    if (this.#dead) return;
    this.#reading = true;
    try {
      const start = this.#prefaceSeen < PREFACE.length ? this.#readPreface(chunk) : 0;
      this.#reader.push(start === 0 ? chunk : chunk.subarray(start));
    } catch (error) {
      if (error instanceof ConnectionError) this.#end(error.code, error.message);
      else this.#fault(error);
    }
    this.#reading = false;
    this.#writer.flush();
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#socket.pause();
  }

  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceSeen < PREFACE.length) {
      if (chunk[at++] !== PREFACE[this.#prefaceSeen++]) throw new ConnectionError(ERROR_CODE.protocolError, 'preface');
    }
    return at;
  }

  onData(streamId: number, piece: Buffer, creditBytes: number, endStream: boolean, last: boolean): void {
    if (!this.#settled || this.#headerReader.isOpen || streamId === NO_STREAM || streamId > this.#lastStreamId) {
      throw new ConnectionError(ERROR_CODE.protocolError, 'DATA out of place');
    }
    this.#receiveWindow -= creditBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ERROR_CODE.flowControlError, 'connection window');
    this.#owedBytes += creditBytes;
    if (this.#owedBytes >= CONNECTION_WINDOW_BYTES / 2) {
      this.#writer.windowUpdate(NO_STREAM, this.#owedBytes);
      this.#receiveWindow += this.#owedBytes;
      this.#owedBytes = 0;
    }
    if (piece.length === 0 && last && !endStream) this.#overhead.take();
    const stream = this.#find(streamId);
    if (stream === undefined) this.#blame(streamId, ERROR_CODE.streamClosed);
    else if (stream.remoteEnded) this.#reset(stream, ERROR_CODE.streamClosed);
    else this.#onBody(stream, piece, creditBytes, endStream && last);
  }

  #onBody(stream: Http2Stream, piece: Buffer, creditBytes: number, isEnd: boolean): void {
    stream.receiveWindow -= creditBytes;
    if (stream.receiveWindow < 0) {
      this.#reset(stream, ERROR_CODE.flowControlError);
      return;
    }
    if (stream.missingBytes !== undefined) {
      stream.missingBytes -= piece.length;
      if (stream.missingBytes < 0) {
        this.#reset(stream, ERROR_CODE.protocolError);
        return;
      }
    }
    if (piece.length > 0) stream.sink?.data(piece);
    if (isEnd) this.#remoteEnd(stream);
    else this.#credit(stream, creditBytes);
  }

  #credit(stream: Http2Stream, bytes: number): void {
    stream.owedBytes += bytes;
    if (stream.owedBytes < STREAM_WINDOW_BYTES / 2) return;
    if (stream.answered) {
      if (!this.#streams.has(stream.id)) this.#stop(stream);
      return;
    }
    this.#writer.windowUpdate(stream.id, stream.owedBytes);
    stream.receiveWindow += stream.owedBytes;
    stream.owedBytes = 0;
  }

  /** Streams under way and late ones. */
  #find(streamId: number): Http2Stream | undefined {
    return this.#streams.get(streamId) ?? this.#late.answered(streamId);
  }

  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (!this.#settled && type !== FRAME.settings)
      throw new ConnectionError(ERROR_CODE.protocolError, 'SETTINGS must come first');
    if (this.#headerReader.isOpen && (type !== FRAME.continuation || streamId !== this.#headerReader.streamId)) {
      throw new ConnectionError(ERROR_CODE.protocolError, 'a frame inside a header block');
    }
    switch (type) {
      case FRAME.headers:
        this.#onBlock(this.#headerReader.open(flags, streamId, payload));
        return;
      case FRAME.continuation:
        if (payload.length === 0) this.#overhead.take();
        this.#onBlock(this.#headerReader.continue(flags, payload));
        return;
      case FRAME.rstStream:
        this.#onRstStream(streamId, payload);
        return;
      case FRAME.settings:
        this.#onSettings(flags, streamId, payload);
        return;
      case FRAME.windowUpdate:
        this.#onWindowUpdate(streamId, payload);
        return;
      case FRAME.ping:
        this.#onPing(flags, streamId, payload);
        return;
      case FRAME.pushPromise:
        throw new ConnectionError(ERROR_CODE.protocolError, 'PUSH_PROMISE from a client');
      case FRAME.priority:
        this.#onPriority(streamId, payload);
        return;
      case FRAME.goaway:
        checkGoaway(streamId, payload);
        this.#overhead.take();
        return;
      default: // to be ignored
        this.#overhead.take();
    }
  }

  /** A whole header list: the head of a new request, or the trailers of one. */
  #onBlock(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    if (block.streamId > this.#lastStreamId) {
      this.#lastStreamId = block.streamId;
      this.#onRequest(block);
      return;
    }
    const stream = this.#find(block.streamId);
    if (stream !== undefined) this.#onTrailers(stream, block);
    else if (this.#late.wasReset(block.streamId)) this.#overhead.take();
    else throw new ConnectionError(ERROR_CODE.streamClosed, 'HEADERS on a closed stream');
  }

  #onRequest({ streamId, endStream, headers }: HeaderBlock): void {
    if (this.#goodbye === 'final') {
      this.#late.addReset(streamId);
      return;
    }
    this.#lastServedId = streamId;
    const head = headers === undefined ? undefined : this.#heads.of(headers);
    if (headers === undefined) this.#turnAway(streamId, ERROR_CODE.enhanceYourCalm);
    else if (head === undefined || (endStream && (head.contentLength ?? 0) > 0))
      this.#turnAway(streamId, ERROR_CODE.protocolError);
    else if (this.#streams.size >= this.#options.maxConcurrentStreams)
      this.#turnAway(streamId, ERROR_CODE.refusedStream);
    else
      this.#open(
        new Http2Stream(streamId, this, head, STREAM_WINDOW_BYTES, this.#answers.initialStreamWindow),
        endStream,
      );
  }

  #open(stream: Http2Stream, endStream: boolean): void {
    this.#overhead.grant(OVERHEAD_PER_REQUEST);
    this.#streams.set(stream.id, stream);
    this.#options.connection.begin();
    stream.remoteEnded = endStream;
    const sink = this.#options.service(stream);
    if (stream.answered) return;
    stream.sink = sink;
    if (endStream) this.#remoteEnd(stream);
  }

  #onTrailers(stream: Http2Stream, { endStream, headers }: HeaderBlock): void {
    if (stream.remoteEnded) this.#reset(stream, ERROR_CODE.streamClosed);
    else if (!endStream || headers === undefined || !isTrailerList(headers))
      this.#reset(stream, ERROR_CODE.protocolError);
    else this.#remoteEnd(stream);
  }

  #remoteEnd(stream: Http2Stream): void {
    if (stream.missingBytes !== undefined && stream.missingBytes > 0) {
      this.#reset(stream, ERROR_CODE.protocolError);
      return;
    }
    stream.remoteEnded = true;
    stream.sink?.end();
    this.#removeIfDone(stream);
  }

  #onRstStream(streamId: number, payload: Buffer): void {
    checkRstStream(streamId, payload);
    if (streamId > this.#lastStreamId)
      throw new ConnectionError(ERROR_CODE.protocolError, 'RST_STREAM on an idle stream');
    // Opening streams only to reset them makes the server work for nothing.
    this.#resets.take();
    const stream = this.#find(streamId);
    if (stream !== undefined) this.#drop(stream);
  }

  #onPriority(streamId: number, payload: Buffer): void {
    const offence = priorityOffence(streamId, payload);
    this.#overhead.take();
    if (offence !== undefined) this.#blame(streamId, offence);
  }

  #onSettings(flags: number, streamId: number, payload: Buffer): void {
    const { isAck, initialWindowBytes } = readSettings(flags, streamId, payload);
    this.#overhead.take();
    if (isAck) {
      if (!this.#settled) throw new ConnectionError(ERROR_CODE.protocolError, 'SETTINGS must come first');
      return;
    }
    if (!this.#settled) this.#options.connection.keepWhenIdle();
    this.#settled = true;
    this.#writer.frame(FRAME.settings, FLAG.ack, NO_STREAM, payload.subarray(0, 0));
    if (initialWindowBytes !== undefined) {
      this.#answers.resizeStreams(initialWindowBytes, [...this.#streams.values(), ...this.#late.answeredStreams()]);
    }
  }

  #onWindowUpdate(streamId: number, payload: Buffer): void {
    const increment = readWindowUpdate(streamId, payload);
    this.#overhead.take();
    if (streamId === NO_STREAM) {
      this.#answers.growConnection(increment, this.#streams.values());
      return;
    }
    if (streamId > this.#lastStreamId)
      throw new ConnectionError(ERROR_CODE.protocolError, 'WINDOW_UPDATE on an idle stream');
    const stream = this.#find(streamId);
    if (increment === 0) this.#blame(streamId, ERROR_CODE.protocolError);
    else if (stream !== undefined && !this.#answers.growStream(stream, increment))
      this.#reset(stream, ERROR_CODE.flowControlError);
  }

  #onPing(flags: number, streamId: number, payload: Buffer): void {
    checkPing(streamId, payload);
    this.#overhead.take();
    if ((flags & FLAG.ack) === 0) this.#writer.frame(FRAME.ping, FLAG.ack, NO_STREAM, payload);
    else if (this.#goodbye === 'announced' && payload.equals(GOODBYE_PING)) this.#finalGoodbye();
  }

  answer(
    stream: Http2Stream,
    status: number,
    headers: HeaderFields,
    body: Uint8Array,
    trailers: HeaderFields | undefined,
  ): void {
    if (this.#dead || !this.#streams.has(stream.id)) return;
    this.#answers.send(stream, status, headers, body, trailers);
    if (!this.#reading) this.#scheduleFlush();
  }

  #removeIfDone(stream: Http2Stream): void {
    if (!stream.answered || stream.pendingBody.length > 0 || stream.pendingTrailers !== undefined) return;
    if (!stream.remoteEnded) this.#keepLate(stream);
    this.#remove(stream);
  }

  /**
   * An early answer. Most requests end in the same moment, and clients take a reset for a failure, so there is one only for a peer that
   * goes on for half a window.
   */
  #keepLate(stream: Http2Stream): void {
    stream.sink = undefined;
    const oldest = this.#late.addAnswered(stream);
    if (oldest !== undefined) this.#stop(oldest);
  }

  /** Tells the peer that what it still sends on an answered stream is of no use. */
  #stop(stream: Http2Stream): void {
    this.#writer.rstStream(stream.id, ERROR_CODE.noError);
    this.#late.addReset(stream.id);
  }

  #turnAway(streamId: number, code: ErrorCode): void {
    this.#resets.take();
    this.#writer.rstStream(streamId, code);
    this.#late.addReset(streamId);
  }

  #reset(stream: Http2Stream, code: ErrorCode): void {
    this.#turnAway(stream.id, code);
    this.#drop(stream);
  }

  /** Answers an offence against a stream, which may be over already. */
  #blame(streamId: number, code: ErrorCode): void {
    if (streamId > this.#lastStreamId) throw new ConnectionError(code, 'an offence on an idle stream');
    const stream = this.#find(streamId);
    if (stream !== undefined) this.#reset(stream, code);
    else if (!this.#late.wasReset(streamId)) this.#turnAway(streamId, code);
  }

  #drop(stream: Http2Stream): void {
    stream.answered = true;
    this.#remove(stream);
    stream.sink?.abort();
  }

  #remove(stream: Http2Stream): void {
    if (!this.#streams.delete(stream.id)) {
      this.#late.ended(stream.id);
      return;
    }
    this.#options.connection.finish();
    if (this.#goodbye === 'final' && this.#streams.size === 0) this.#hangUp();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.#writer.flush();
    });
  }

  /** Lets the peer know that it should go elsewhere, waits until it has heard that, then ends with the last answer. */
  close(): void {
    if (this.#goodbye !== 'no' || this.#dead) return;
    this.#goodbye = 'announced';
    this.#writer.goaway(MAX_WINDOW_BYTES, ERROR_CODE.noError, 'closing');
    this.#writer.frame(FRAME.ping, 0, NO_STREAM, GOODBYE_PING);
    this.#writer.flush();
    this.#options.clock.after(GOODBYE_MS, () => this.#finalGoodbye());
  }

  #finalGoodbye(): void {
    if (this.#goodbye === 'final' || this.#dead) return;
    this.#goodbye = 'final';
    this.#writer.goaway(this.#lastServedId, ERROR_CODE.noError, 'closing');
    this.#writer.flush();
    if (this.#streams.size === 0) this.#hangUp();
  }

  #end(code: ErrorCode, text: string): void {
    this.#writer.goaway(this.#lastServedId, code, text);
    this.#hangUp();
  }

  /** A mistake of ours, which must cost no other connection anything. */
  #fault(error: unknown): void {
    this.#options.onFault(this.peer, error);
    this.#end(ERROR_CODE.internalError, 'internal error');
  }

  #hangUp(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#writer.flush();
    this.#socket.destroySoon();
    this.#abandon();
  }

  #abandon(): void {
    this.#dead = true;
    for (const stream of [...this.#streams.values()]) this.#drop(stream);
  }
}
