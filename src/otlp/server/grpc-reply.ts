import { CONTENT_CODINGS } from '../content-coding.ts';
import { GRPC_CODE, type OtlpResponse } from '../request.ts';
import { encodeExportResponse, encodeStatus } from '../rpc-messages.ts';
import { encodeGrpcMessage } from '../status.ts';
import { type Exchange, type HeaderFields, NO_BODY } from './exchange.ts';
import type { ErrorResponse } from './ingest.ts';

/** Flag and length in front of a gRPC message. */
export const PREFIX_BYTES = 5;
/** What `grpc-encoding` may name. */
export const ACCEPT_ENCODING = ['identity', ...CONTENT_CODINGS].join(',');
const OK_HEADERS: HeaderFields = { 'content-type': 'application/grpc' };
const OK_TRAILERS: HeaderFields = { 'grpc-status': '0' };
/** An empty ExportXServiceResponse in its gRPC frame. */
const OK_BODY = new Uint8Array(PREFIX_BYTES);

/** Answers with headers alone, as gRPC does for errors. */
export function sendError(exchange: Exchange, response: ErrorResponse): void {
  const { code, retryAfterMs } = response;
  const message = `sluice: ${response.message}`;
  const headers: Record<string, string> = {
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': encodeGrpcMessage(message),
  };
  if (code === GRPC_CODE.unimplemented) headers['grpc-accept-encoding'] = ACCEPT_ENCODING;
  if (retryAfterMs !== undefined) {
    const details = encodeStatus({ code, message, retryAfterMs });
    headers['grpc-status-details-bin'] = Buffer.from(details).toString('base64').replace(/=+$/, '');
  }
  exchange.reply(200, headers, NO_BODY);
}

/** Answers with an ExportXServiceResponse. */
export function sendOk(exchange: Exchange, response: Extract<OtlpResponse, { status: 'ok' }>): void {
  if (response.partial === undefined) {
    exchange.reply(200, OK_HEADERS, OK_BODY, OK_TRAILERS);
    return;
  }
  const message = encodeExportResponse({ ...response.partial, message: `sluice: ${response.partial.message}` });
  const framed = Buffer.alloc(PREFIX_BYTES + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  exchange.reply(200, OK_HEADERS, framed, OK_TRAILERS);
}
