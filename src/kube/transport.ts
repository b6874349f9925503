import type { Agent, Dispatcher, ProxyAgent } from 'undici';
import { type Clock, CodedError, errorCode, errorMessage } from '../lib/index.ts';
import { ConnectionError } from './api-error.ts';
import type { Credentials, TlsMaterial } from './credentials.ts';

export interface TransportOptions {
  /** URL of the API server, with the path that stands in front of all others. */
  readonly server: string;
  readonly credentials: Credentials;
  readonly proxyUrl?: string | undefined;
  readonly userAgent: string;
  readonly clock: Clock;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly contentType?: string;
  /** Default: JSON. */
  readonly accept?: string;
  readonly body?: string;
  /** It gets a connection of its own: it waits for no others, and no others wait for it. */
  readonly isStream?: boolean;
  readonly signal: AbortSignal;
}

export type HttpAnswer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

/** Connections to one API server over HTTP/1.1, made anew when certificates change. */
export interface Transport {
  readonly server: string;
  /** Rejects with a ConnectionError, or with the reason of `signal`. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

interface Connections {
  readonly tls: TlsMaterial;
  readonly requests: Dispatcher;
  readonly streams: Dispatcher;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTION_COUNT = 16;
/** Shorter than the 90 s after which the API server closes them. */
const KEEP_ALIVE_MS = 30_000;
const UNAUTHORIZED = 401;

export function createTransport(options: TransportOptions): Transport {
  const { server, credentials, userAgent } = options;
  const { origin, pathname } = new URL(server);
  const prefix = pathname.replace(/\/$/, '');
  let connections: Connections | undefined;
  const closing: Promise<void>[] = [];

  const connectionsFor = async (tls: TlsMaterial): Promise<Connections> => {
    const { Agent, ProxyAgent } = await import('undici');
    if (connections !== undefined && isSameTls(connections.tls, tls)) return connections;
    const before = connections;
    const make = (connectionCount: number | null) =>
      createDispatcher({ Agent, ProxyAgent }, options, tls, connectionCount);
    connections = { tls, requests: make(CONNECTION_COUNT), streams: make(null) };
    // Requests under way end as they are; watches are opened anew by those who read them.
    if (before !== undefined) closing.push(before.requests.close(), before.streams.destroy());
    return connections;
  };

  const sendOnce = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { headers, tls } = await inTime(credentials.current(), request.signal);
    const { requests, streams } = await connectionsFor(tls);
    const dispatcher = request.isStream === true ? streams : requests;
    return dispatcher.request({
      origin,
      path: prefix + request.path,
      method: request.method,
      headers: {
        accept: request.accept ?? 'application/json',
        'user-agent': userAgent,
        ...headers,
        ...(request.contentType !== undefined && { 'content-type': request.contentType }),
      },
      body: request.body ?? null,
      signal: request.signal,
    });
  };

  return {
    server,
    async send(request) {
      try {
        const answer = await sendOnce(request);
        if (answer.statusCode !== UNAUTHORIZED) return answer;
        // The token may have expired since it was read.
        await answer.body.dump();
        credentials.forget();
        return await sendOnce(request);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        throw error instanceof CodedError ? error : unreachable(server, error);
      }
    },
    async close() {
      if (connections !== undefined) closing.push(connections.requests.destroy(), connections.streams.destroy());
      connections = undefined;
      await Promise.allSettled(closing);
    },
  };
}

/** Files and plugins know of no signal. */
function inTime<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function createDispatcher(
  undici: { readonly Agent: typeof Agent; readonly ProxyAgent: typeof ProxyAgent },
  { proxyUrl }: TransportOptions,
  tls: TlsMaterial,
  connectionCount: number | null,
): Dispatcher {
  const limits = {
    connections: connectionCount,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Time limits are those of the caller, who knows what is asked.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxyUrl !== undefined) return new undici.ProxyAgent({ uri: proxyUrl, requestTls: tls, ...limits });
  return new undici.Agent({ ...limits, connect: { ...tls, timeout: CONNECT_TIMEOUT_MS } });
}

function isSameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  return (
    a.ca === b.ca &&
    a.cert === b.cert &&
    a.key === b.key &&
    a.passphrase === b.passphrase &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}

/** What went wrong on the way to the server, with the code of the cause. */
export function unreachable(server: string, error: unknown): ConnectionError {
  const cause = (error as { cause?: unknown } | null)?.cause;
  const code = errorCode(error) ?? errorCode(cause) ?? 'connection';
  return new ConnectionError(code, `the API server at ${server} cannot be reached: ${errorMessage(error)}`, {
    cause: error,
  });
}
