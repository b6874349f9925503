import {
  ConnectionError,
  ERROR_CODE,
  type ErrorCode,
  FLAG,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
  SETTING,
} from './frame.ts';

/** Stream, exclusive bit and weight, as they stand in PRIORITY, and in HEADERS with the flag. */
export const PRIORITY_BYTES = 5;
const CONNECTION = 0;
const SETTING_BYTES = 6;
const PING_BYTES = 8;
const WORD_BYTES = 4;
const GOAWAY_BYTES = 8;

/** Throws ConnectionError, as all functions of this file do. */
function must(condition: boolean, code: ErrorCode, text: string): asserts condition {
  if (!condition) throw new ConnectionError(code, text);
}

/** What a SETTINGS frame says that matters to us: we send frames of the size that all take, and use no table of the peer's. */
export interface PeerSettings {
  readonly isAck: boolean;
  /** Undefined when it stays. */
  readonly initialWindowBytes: number | undefined;
}

export function readSettings(flags: number, streamId: number, payload: Buffer): PeerSettings {
  const isAck = (flags & FLAG.ack) !== 0;
  must(streamId === CONNECTION, ERROR_CODE.protocolError, 'SETTINGS on a stream');
  must(payload.length % SETTING_BYTES === 0, ERROR_CODE.frameSizeError, 'SETTINGS of a wrong length');
  must(!isAck || payload.length === 0, ERROR_CODE.frameSizeError, 'SETTINGS acknowledged with a payload');
  let initialWindowBytes: number | undefined;
  for (let at = 0; at < payload.length; at += SETTING_BYTES) {
    const id = payload.readUInt16BE(at);
    const value = payload.readUInt32BE(at + 2);
    checkSetting(id, value);
    if (id === SETTING.initialWindowSize) initialWindowBytes = value;
  }
  return { isAck, initialWindowBytes };
}

function checkSetting(id: number, value: number): void {
  if (id === SETTING.enablePush) must(value <= 1, ERROR_CODE.protocolError, 'ENABLE_PUSH');
  if (id === SETTING.maxFrameSize) {
    must(value >= MAX_FRAME_BYTES && value <= 0xffffff, ERROR_CODE.protocolError, 'MAX_FRAME_SIZE');
  }
  if (id === SETTING.initialWindowSize) {
    must(value <= MAX_WINDOW_BYTES, ERROR_CODE.flowControlError, 'INITIAL_WINDOW_SIZE');
  }
}

/** By how much a window grows. A stream's increment may be 0, which is an offence of that stream alone. */
export function readWindowUpdate(streamId: number, payload: Buffer): number {
  must(payload.length === WORD_BYTES, ERROR_CODE.frameSizeError, 'WINDOW_UPDATE of a wrong length');
  const increment = payload.readUInt32BE(0) & MAX_WINDOW_BYTES;
  must(streamId !== CONNECTION || increment > 0, ERROR_CODE.protocolError, 'WINDOW_UPDATE of 0');
  return increment;
}

export function checkPing(streamId: number, payload: Buffer): void {
  must(streamId === CONNECTION, ERROR_CODE.protocolError, 'PING on a stream');
  must(payload.length === PING_BYTES, ERROR_CODE.frameSizeError, 'PING of a wrong length');
}

export function checkRstStream(streamId: number, payload: Buffer): void {
  must(streamId !== CONNECTION, ERROR_CODE.protocolError, 'RST_STREAM on the connection');
  must(payload.length === WORD_BYTES, ERROR_CODE.frameSizeError, 'RST_STREAM of a wrong length');
}

export function checkGoaway(streamId: number, payload: Buffer): void {
  must(streamId === CONNECTION, ERROR_CODE.protocolError, 'GOAWAY on a stream');
  must(payload.length >= GOAWAY_BYTES, ERROR_CODE.frameSizeError, 'GOAWAY of a wrong length');
}

/** The offence of a PRIORITY frame against its stream, if there is one; it has no other effect. */
export function priorityOffence(streamId: number, payload: Buffer): ErrorCode | undefined {
  must(streamId !== CONNECTION, ERROR_CODE.protocolError, 'PRIORITY on the connection');
  if (payload.length !== PRIORITY_BYTES) return ERROR_CODE.frameSizeError;
  return dependsOnItself(streamId, payload) ? ERROR_CODE.protocolError : undefined;
}

export function dependsOnItself(streamId: number, priority: Buffer): boolean {
  return (priority.readUInt32BE(0) & MAX_WINDOW_BYTES) === streamId;
}
