import type { CorsPolicy } from '../security.ts';
import type { Exchange, HeaderFields } from './exchange.ts';

/**
 * Decides as the Collector does, which takes rs/cors at 1.11.1 with credentials allowed: a preflight is answered 204 whatever becomes of
 * it, and a request of a foreign origin is served; what the browser may do is said by the headers alone.
 */
export interface Cors {
  /** Headers of the answer to a preflight; undefined for any other request. */
  preflight(exchange: Exchange): HeaderFields | undefined;
  /** What every other answer carries. */
  headersFor(exchange: Exchange): HeaderFields;
}

const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS'];
const DEFAULT_HEADERS = ['accept', 'content-type', 'x-requested-with'];
const MAX_EMPTY_NAMES = 16;

const VARY_PREFLIGHT = { vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' };
const VARY_REQUEST = { vary: 'Origin' };

/** Undefined where no origin is allowed: then nothing is said about origins at all. */
export function createCors(policy: CorsPolicy | undefined): Cors | undefined {
  if (policy === undefined || policy.allowedOrigins.length === 0) return undefined;
  const origins = policy.allowedOrigins.map((origin) => origin.toLowerCase());
  const allowsAll = origins.includes('*');
  const matches = (origin: string) => allowsAll || origins.some((pattern) => matchesOrigin(pattern, origin));
  const takesHeaders = headersTest(policy.allowedHeaders);
  const maxAge = policy.maxAgeSeconds === 0 ? undefined : String(Math.max(0, policy.maxAgeSeconds));
  const granted = (origin: string) => ({
    'access-control-allow-origin': allowsAll ? '*' : origin,
    'access-control-allow-credentials': 'true',
  });
  return {
    preflight(exchange) {
      const method = exchange.header('access-control-request-method');
      if (exchange.method !== 'OPTIONS' || !method) return undefined;
      const origin = exchange.header('origin');
      const headers = exchange.header('access-control-request-headers');
      const isGranted = origin && matches(origin.toLowerCase()) && METHODS.includes(method);
      if (!isGranted || !(headers === undefined || takesHeaders(headers))) return VARY_PREFLIGHT;
      return {
        ...VARY_PREFLIGHT,
        ...granted(origin),
        'access-control-allow-methods': method,
        ...(headers && { 'access-control-allow-headers': headers }),
        ...(maxAge !== undefined && { 'access-control-max-age': maxAge }),
      };
    },
    headersFor(exchange) {
      const origin = exchange.header('origin');
      const isGranted = origin && matches(origin.toLowerCase()) && METHODS.includes(exchange.method);
      return isGranted ? { ...VARY_REQUEST, ...granted(origin) } : VARY_REQUEST;
    },
  };
}

/** The first `*` stands for any text; others for themselves. */
function matchesOrigin(pattern: string, origin: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === origin;
  const start = pattern.slice(0, star);
  const end = pattern.slice(star + 1);
  return origin.length >= start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
}

/** A browser sends the names sorted, each once and in lower case; other lists are not from a browser. */
function headersTest(allowed: readonly string[]): (requested: string) => boolean {
  if (allowed.includes('*')) return () => true;
  const known = new Set(allowed.length === 0 ? DEFAULT_HEADERS : allowed.map((name) => name.toLowerCase()));
  return (requested) => {
    const names = requested.split(',').map((name) => name.replace(/^[ \t]|[ \t]$/g, ''));
    const present = names.filter((name) => name !== '');
    return (
      names.length - present.length <= MAX_EMPTY_NAMES &&
      present.every((name, i) => known.has(name) && (i === 0 || (present[i - 1] as string) < name))
    );
  };
}

/** The same exchange, whose answers carry these headers as well. */
export function withHeaders(exchange: Exchange, more: HeaderFields): Exchange {
  return {
    method: exchange.method,
    path: exchange.path,
    peer: exchange.peer,
    host: exchange.host,
    isSecure: exchange.isSecure,
    header: (name) => exchange.header(name),
    metadata: () => exchange.metadata(),
    reply: (status, headers, body, trailers) => exchange.reply(status, { ...headers, ...more }, body, trailers),
  };
}
