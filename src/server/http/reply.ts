import type { ServerResponse } from 'node:http';
import type { ErrorDocument } from '../api.ts';

/**
 * On every answer. Everything comes from this server; nothing is inline, and nothing may frame the pages.
 */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A request that cannot be served, in the words the sender gets. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string | undefined;

  constructor(status: number, error: { readonly code: string; readonly message: string; readonly help?: string }) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.help = error.help;
  }
}

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}

export function sendJson(response: ServerResponse, document: unknown, status = 200): void {
  response.setHeader('cache-control', 'no-store');
  send(response, { status, type: 'application/json; charset=utf-8', body: JSON.stringify(document) });
}

export function sendText(response: ServerResponse, body: string, type = 'text/plain; charset=utf-8'): void {
  response.setHeader('cache-control', 'no-store');
  send(response, { status: 200, type, body });
}

export function sendError(response: ServerResponse, { status, code, message, help }: RequestError): void {
  const document: ErrorDocument = { error: { code, message, ...(help === undefined ? {} : { help }) } };
  sendJson(response, document, status);
}

/** A HEAD request gets the same headers; node leaves the body out. */
export function send(
  response: ServerResponse,
  content: { readonly status: number; readonly type: string; readonly body: string | Uint8Array },
): void {
  const body = typeof content.body === 'string' ? Buffer.from(content.body) : content.body;
  response.writeHead(content.status, { 'content-type': content.type, 'content-length': body.byteLength });
  response.end(body);
}
