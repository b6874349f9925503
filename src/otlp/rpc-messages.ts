import type { Signal } from '../pdata/index.ts';

/*
 * The few messages of the protocol itself: ExportXServiceResponse (the same field numbers for the three signals), google.rpc.Status
 * and google.rpc.RetryInfo. Telemetry never passes through here.
 */

export interface PartialSuccess {
  readonly rejectedCount: number;
  readonly message: string;
}

/** google.rpc.Status with the one detail OTLP uses. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  /** From google.rpc.RetryInfo. */
  readonly retryAfterMs?: number;
}

const RETRY_INFO_TYPE = 'type.googleapis.com/google.rpc.RetryInfo';

/** What a partial success calls the rejected items in JSON. */
const REJECTED_KEY: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

const utf8 = new TextEncoder();
const text = new TextDecoder();

function varint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

function varintField(out: number[], field: number, value: number): void {
  if (value === 0) return;
  varint(out, field << 3);
  varint(out, value);
}

function bytesField(out: number[], field: number, value: ArrayLike<number>): void {
  varint(out, (field << 3) | 2);
  varint(out, value.length);
  for (let i = 0; i < value.length; i++) out.push(value[i] as number);
}

function stringField(out: number[], field: number, value: string): void {
  if (value !== '') bytesField(out, field, utf8.encode(value));
}

/** Calls `visit` for each field; false when the bytes aren't a protobuf message. Varints beyond 2^53 lose precision. */
function scan(bytes: Uint8Array, visit: (field: number, value: number | Uint8Array) => void): boolean {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (at >= bytes.length) return -1;
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    return -1;
  };
  while (at < bytes.length) {
    const tag = readVarint();
    if (tag < 8) return false;
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) {
      const value = readVarint();
      if (value < 0) return false;
      visit(field, value);
    } else if (wire === 2) {
      const length = readVarint();
      if (length < 0 || at + length > bytes.length) return false;
      visit(field, bytes.subarray(at, at + length));
      at += length;
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
      if (at > bytes.length) return false;
    } else return false;
  }
  return true;
}

export function encodeExportResponse(partial: PartialSuccess | undefined): Uint8Array {
  if (partial === undefined) return new Uint8Array(0);
  const inner: number[] = [];
  varintField(inner, 1, partial.rejectedCount);
  stringField(inner, 2, partial.message);
  const out: number[] = [];
  bytesField(out, 1, inner);
  return Uint8Array.from(out);
}

/** The partial success of an ExportXServiceResponse; undefined when there is none, or when the bytes aren't such a message. */
export function decodeExportResponse(bytes: Uint8Array): PartialSuccess | undefined {
  let rejectedCount = 0;
  let message = '';
  const ok = scan(bytes, (field, value) => {
    if (field !== 1 || typeof value === 'number') return;
    scan(value, (innerField, innerValue) => {
      if (innerField === 1 && typeof innerValue === 'number') rejectedCount = innerValue;
      if (innerField === 2 && typeof innerValue !== 'number') message = text.decode(innerValue);
    });
  });
  return ok && (rejectedCount > 0 || message !== '') ? { rejectedCount, message } : undefined;
}

export function exportResponseToJson(signal: Signal, partial: PartialSuccess | undefined): string {
  if (partial === undefined) return '{"partialSuccess":{}}';
  // Protobuf's JSON mapping writes 64-bit integers as strings.
  const rejected = partial.rejectedCount === 0 ? {} : { [REJECTED_KEY[signal]]: String(partial.rejectedCount) };
  return JSON.stringify({ partialSuccess: { ...rejected, errorMessage: partial.message } });
}

export function exportResponseFromJson(signal: Signal, body: string): PartialSuccess | undefined {
  try {
    const parsed = JSON.parse(body) as { partialSuccess?: Record<string, unknown> } | null;
    const partial = parsed?.partialSuccess;
    if (typeof partial !== 'object' || partial === null) return undefined;
    const rejected = Number(partial[REJECTED_KEY[signal]] ?? 0);
    const message = typeof partial['errorMessage'] === 'string' ? partial['errorMessage'] : '';
    const rejectedCount = Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
    return rejectedCount > 0 || message !== '' ? { rejectedCount, message } : undefined;
  } catch {
    return undefined;
  }
}

export function encodeStatus(status: RpcStatus): Uint8Array {
  const out: number[] = [];
  varintField(out, 1, status.code);
  stringField(out, 2, status.message);
  if (status.retryAfterMs !== undefined) {
    const duration: number[] = [];
    varintField(duration, 1, Math.floor(status.retryAfterMs / 1000));
    varintField(duration, 2, Math.round((status.retryAfterMs % 1000) * 1e6));
    const retryInfo: number[] = [];
    bytesField(retryInfo, 1, duration);
    const any: number[] = [];
    stringField(any, 1, RETRY_INFO_TYPE);
    bytesField(any, 2, retryInfo);
    bytesField(out, 3, any);
  }
  return Uint8Array.from(out);
}

function decodeRetryInfo(bytes: Uint8Array): number {
  let ms = 0;
  scan(bytes, (field, duration) => {
    if (field !== 1 || typeof duration === 'number') return;
    scan(duration, (part, value) => {
      if (typeof value === 'number') ms += part === 1 ? value * 1000 : part === 2 ? value / 1e6 : 0;
    });
  });
  // A negative delay arrives as a varint near 2^64.
  return ms < 2 ** 53 ? ms : 0;
}

/** Undefined when the bytes aren't a google.rpc.Status. */
export function decodeStatus(bytes: Uint8Array): RpcStatus | undefined {
  let code = 0;
  let message = '';
  let retryAfterMs: number | undefined;
  const ok = scan(bytes, (field, value) => {
    if (field === 1 && typeof value === 'number') code = value;
    if (field === 2 && typeof value !== 'number') message = text.decode(value);
    if (field !== 3 || typeof value === 'number') return;
    let type = '';
    let detail: Uint8Array | undefined;
    scan(value, (part, inner) => {
      if (typeof inner === 'number') return;
      if (part === 1) type = text.decode(inner);
      if (part === 2) detail = inner;
    });
    if (type === RETRY_INFO_TYPE) retryAfterMs = decodeRetryInfo(detail ?? new Uint8Array(0));
  });
  if (!ok) return undefined;
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

export function statusToJson(status: RpcStatus): string {
  const { code, message, retryAfterMs } = status;
  if (retryAfterMs === undefined) return JSON.stringify({ code, message });
  const details = [{ '@type': RETRY_INFO_TYPE, retryDelay: `${retryAfterMs / 1000}s` }];
  return JSON.stringify({ code, message, details });
}

/** Reads the message of a JSON google.rpc.Status; undefined when the body isn't one. */
export function statusFromJson(body: string): RpcStatus | undefined {
  try {
    const parsed = JSON.parse(body) as { code?: unknown; message?: unknown } | null;
    if (typeof parsed?.message !== 'string') return undefined;
    return { code: typeof parsed.code === 'number' ? parsed.code : 2, message: parsed.message };
  } catch {
    return undefined;
  }
}
