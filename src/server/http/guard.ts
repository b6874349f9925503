/**
 * Who may do what
 * - A server on a loopback address answers reads of anybody on this machine, but only under a loopback name: a web page
 *   that rebinds its own name to 127.0.0.1 sends its own name as Host and is turned away.
 * - Writes need the token, and no foreign Origin.
 * - A server on any other address needs the token for everything but probes and metrics.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RequestError } from './reply.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '::1']);
const OPEN_PATHS = new Set(['/healthz', '/readyz', '/metrics']);
const OTLP_PATH = /^\/v1\/(?:traces|metrics|logs)$/;
const WILDCARDS = new Set(['0.0.0.0', '::']);

export interface Guard {
  /** Throws a RequestError when the request may not be served. */
  check(request: IncomingMessage, path: string): void;
  /** Whether `candidate` is the token. */
  isToken(candidate: string): boolean;
  /** The cookie that carries the token; named by port, because cookies of one host are shared by all its ports. */
  cookie(request: IncomingMessage): string;
}

export function createGuard(options: { readonly host: string; readonly token: string }): Guard {
  const host = options.host.replace(/^\[|\]$/g, '').toLowerCase();
  const isLoopback = isLoopbackHost(host);
  const isToken = (candidate: string) => sameSecret(candidate, options.token);

  return {
    check(request, path) {
      const name = hostName(request.headers.host ?? '');
      if (!LOOPBACK_NAMES.has(name) && name !== host && !WILDCARDS.has(host)) {
        throw new RequestError(421, {
          code: 'SL0913',
          message: `this server does not answer under the name '${name}'`,
          help: isLoopback ? 'open it as http://localhost with its port' : `open it under the name '${host}'`,
        });
      }
      const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
      // A sender with the wrong port would take the question for a token for a setting of its own that is missing.
      if (isWrite && OTLP_PATH.test(path)) throw notForTelemetry();
      if (isWrite) checkOrigin(request);
      if (OPEN_PATHS.has(path) || (isLoopback && !isWrite)) return;
      if (isToken(bearerToken(request)) || isToken(cookieToken(request))) return;
      throw new RequestError(401, {
        code: 'SL0912',
        message: isWrite ? 'this needs the token of this server' : 'this server needs its token on this address',
        help: 'open the address with `?t=` that `sluice up` printed, or send `Authorization: Bearer TOKEN`',
      });
    },
    isToken,
    cookie: (request) => `${cookieName(request)}=${options.token}; Path=/; HttpOnly; SameSite=Strict`,
  };
}

function notForTelemetry(): RequestError {
  return new RequestError(404, {
    code: 'SL0910',
    message: 'this is the port of the UI and its API, which takes no OTLP',
    help: 'send to one of the OTLP ports, 4317 and 4318 unless `sluice up` printed others',
  });
}

/** Whether only this machine can reach the address. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_NAMES.has(host) || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Browsers send Origin with every write; programs send none. */
function checkOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  if (origin === `http://${host}` || origin === `https://${host}`) return;
  throw new RequestError(403, {
    code: 'SL0913',
    message: `pages of '${origin.slice(0, 200)}' may not write here`,
    help: 'only the UI of this server may',
  });
}

function hostName(header: string): string {
  return header
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .slice(0, 255);
}

function bearerToken(request: IncomingMessage): string {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function cookieToken(request: IncomingMessage): string {
  const prefix = `${cookieName(request)}=`;
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length) ?? '';
}

function cookieName(request: IncomingMessage): string {
  return `sluice-${request.socket.localPort}`;
}

function sameSecret(candidate: string, secret: string): boolean {
  const a = Buffer.from(candidate);
  const b = Buffer.from(secret);
  return a.byteLength === b.byteLength && a.byteLength > 0 && timingSafeEqual(a, b);
}
