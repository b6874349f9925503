import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../lib/index.ts';
import { MalformedReview } from './admission-review.ts';
import type { CertificateSet } from './certificate-set.ts';
import { valueCount } from './value-count.ts';

/** Answers the JSON of a request. Throws MalformedReview where it is not what the API server sends. */
export type ReviewHandler = (body: unknown) => object;

export interface WebhookRoute {
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly answer: ReviewHandler;
}

export interface WebhookServerOptions {
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly certificates: CertificateSet;
  readonly routes: readonly WebhookRoute[];
  /** A bug: the request was answered with 500. */
  readonly onError: (path: string, error: unknown) => void;
}

export interface WebhookServer {
  readonly port: number;
  /** For new connections; those that there are keep theirs. */
  useCertificates(certificates: CertificateSet): void;
  stop(): Promise<void>;
}

/** Of all requests together; one that comes then is told to come again. */
const MAX_HELD_BYTES = 32 * 2 ** 20;
/** Of one body: seven thousand pipelines, and no more than the heap has room for. The port is open to every Pod. */
const MAX_VALUES = 500_000;
const MAX_CONNECTIONS = 256;

/** Whoever does not begin with TLS by then takes the place of others, and would hold up the end of the server. */
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** The API server waits no longer for an answer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than the API server keeps idle connections, 90 s: who sends closes, so that no request meets a closing connection. */
const KEEP_ALIVE_MS = 120_000;
const STOP_TIMEOUT_MS = 5_000;

/** What all requests hold at this moment. */
interface Held {
  bytes: number;
}

class RefusedRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** HTTPS for the API server. Bodies are bounded one by one and together, and what is made of one is. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const routes = new Map(options.routes.map((route) => [route.path, route]));
  const held: Held = { bytes: 0 };
  const server = createServer({
    ...tlsOf(options.certificates),
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0]!;
    handle(request, response, routes.get(path), held).catch((error: unknown) => {
      if (isReason(error)) return refuse(response, request, error);
      options.onError(path, error);
      refuse(response, request, new RefusedRequest(500, 'internal error'));
    });
  });
  server.listen({ host: options.host, port: options.port });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    useCertificates: (certificates) => server.setSecureContext({ ...tlsOf(certificates), minVersion: 'TLSv1.2' }),
    stop: () => stop(server, options.clock),
  };
}

function tlsOf({ certificate, key }: CertificateSet): { readonly cert: string; readonly key: string } {
  return { cert: certificate, key };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  route: WebhookRoute | undefined,
  held: Held,
): Promise<void> {
  if (route === undefined) throw new RefusedRequest(404, 'no such path');
  if (request.method !== 'POST') throw new RefusedRequest(405, 'reviews are sent with POST');
  const body = await readBody(request, route.maxBodyBytes, held).catch((error: unknown) => {
    if (isReason(error)) throw error;
    return undefined;
  });
  if (body === undefined) return; // the sender is gone: nobody waits for an answer
  try {
    if (valueCount(body) > MAX_VALUES) throw new RefusedRequest(413, `more than ${MAX_VALUES} values`);
    const answer = JSON.stringify(route.answer(parsed(body)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } finally {
    held.bytes -= body.length;
  }
}

/** Counts what it holds, until it rejects. */
function readBody(request: IncomingMessage, maxBytes: number, held: Held): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const giveUp = (error: Error) => {
      request.off('data', take).off('end', finish).off('close', leave).off('error', giveUp);
      held.bytes -= sizeBytes;
      reject(error);
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      held.bytes += chunk.length;
      if (sizeBytes > maxBytes) giveUp(new RefusedRequest(413, `more than ${maxBytes} bytes`));
      else if (held.bytes > MAX_HELD_BYTES) giveUp(new RefusedRequest(503, 'too many requests at once'));
    };
    const finish = () => {
      request.off('close', leave);
      resolve(Buffer.concat(chunks));
    };
    const leave = () => giveUp(new Error('closed'));
    request.on('data', take).on('end', finish).on('close', leave).on('error', giveUp);
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    throw new MalformedReview('the body is not JSON');
  }
}

function isReason(error: unknown): error is RefusedRequest | MalformedReview {
  return error instanceof RefusedRequest || error instanceof MalformedReview;
}

function refuse(response: ServerResponse, request: IncomingMessage, reason: RefusedRequest | MalformedReview): void {
  const status = reason instanceof RefusedRequest ? reason.status : 400;
  // The rest of the body is not read, so the connection cannot be used again.
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${reason.message}\n`);
  request.resume();
}

async function stop(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = clock.after(STOP_TIMEOUT_MS, () => server.closeAllConnections());
  await closed;
  timer.cancel();
}
