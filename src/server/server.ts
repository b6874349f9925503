import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError, type Timer } from '../lib/index.ts';
import type { LedgerDocument, OverviewDocument } from './api.ts';
import { createDocuments } from './documents.ts';
import { apiRoutes } from './http/api-routes.ts';
import { createEventStreams } from './http/event-stream.ts';
import { exploreRoutes } from './http/explore-routes.ts';
import { createGuard, type Guard } from './http/guard.ts';
import { RequestError, sendError, setSecurityHeaders } from './http/reply.ts';
import { findRoute, type Route } from './http/router.ts';
import { createStaticFiles } from './http/static-files.ts';
import { writeRoutes } from './http/write-routes.ts';
import type { ServerOptions } from './server-options.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface Server {
  /** Resolves with the address in use; port 0 takes a free one. Rejects with the system's error, such as EADDRINUSE. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** Ends streams and open connections. */
  close(): Promise<void>;
  /** The documents that the API serves, for the process itself. */
  overview(): OverviewDocument;
  ledger(): LedgerDocument;
  /** Call after `configuration` or `graph` answers something new: listeners get it at once. */
  configurationChanged(): void;
}

const TICK_MS = 1000;

/** HTTP API, event stream and user interface of one engine. */
export function createServer(options: ServerOptions): Server {
  const { clock, viewer, attempts } = options;
  const documents = createDocuments(options);
  const streams = createEventStreams();
  let timer: Timer | undefined;
  let guard: Guard | undefined;

  const tick = () => {
    documents.record();
    streams.publish('stats', 'stats', documents.overview);
    publishGraph();
    timer = clock.after(TICK_MS, tick);
  };
  /** The whole picture when it is a new one, else the figures alone: those are what the bound on a second's bytes is about. */
  const publishGraph = () => {
    const { graph } = documents;
    if (graph === undefined) return;
    if (graph.isNew()) streams.publish('graph', 'graph', graph.document);
    else streams.publish('graph', 'figures', graph.figures);
  };

  const routes: readonly Route[] = [
    ...apiRoutes({
      overview: documents.overview,
      ledger: documents.ledger,
      pipeline: documents.pipeline,
      attempts,
      metrics: options.metrics,
      streams,
      ...(documents.graph === undefined ? {} : { graph: documents.graph.document }),
      ...(options.configuration === undefined ? {} : { configuration: options.configuration }),
    }),
    ...writeRoutes(options),
    ...exploreRoutes(viewer),
  ];
  const staticFiles = createStaticFiles(options.uiDir);

  const http = createHttpServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 }, (request, response) => {
    setSecurityHeaders(response);
    serve(request, response, { guard: guard as Guard, routes, staticFiles }).catch((error: unknown) => {
      answerFailure(response, error, options.onError);
    });
  });

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        guard = createGuard({ host, token: options.token });
        http.once('error', reject);
        http.listen(port, host, () => {
          http.off('error', reject);
          tick();
          resolve({ host, port: (http.address() as AddressInfo).port });
        });
      }),
    close: () =>
      new Promise((resolve, reject) => {
        timer?.cancel();
        streams.close();
        http.close((error) => (error === undefined ? resolve() : reject(error)));
        http.closeAllConnections();
      }),
    overview: documents.overview,
    ledger: documents.ledger,
    configurationChanged: () => {
      if (options.configuration !== undefined) {
        streams.publish('configuration', 'configuration', options.configuration);
      }
      publishGraph();
    },
  };
}

interface Serving {
  readonly guard: Guard;
  readonly routes: readonly Route[];
  readonly staticFiles: ReturnType<typeof createStaticFiles>;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { guard, routes, staticFiles } = serving;
  const url = parseUrl(request.url ?? '/');
  const candidate = url.searchParams.get('t');
  const isPage = request.method === 'GET' && !url.pathname.startsWith('/api/');
  if (isPage && candidate !== null && guard.isToken(candidate)) return exchangeToken(request, response, { guard, url });
  guard.check(request, url.pathname);
  const match = findRoute(routes, request.method ?? 'GET', url.pathname);
  if (match !== undefined) {
    return match.route.handle({ request, response, query: url.searchParams, parameters: match.parameters });
  }
  if (url.pathname.startsWith('/api/')) {
    throw new RequestError(404, { code: 'SL0910', message: `there is no ${url.pathname.slice(0, 200)}` });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new RequestError(405, { code: 'SL0910', message: `${url.pathname.slice(0, 200)} takes GET` });
  }
  return staticFiles(request, response, url.pathname);
}

/** Turns the token of the address into a cookie and shows the page under an address that can be passed on. */
function exchangeToken(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, url }: { readonly guard: Guard; readonly url: URL },
): void {
  url.searchParams.delete('t');
  response.setHeader('set-cookie', guard.cookie(request));
  response.setHeader('cache-control', 'no-store');
  response.writeHead(303, { location: `${url.pathname}${url.search}` }).end();
}

/** The base only completes the path; two leading slashes would be read as a host. */
function parseUrl(target: string): URL {
  try {
    return new URL(target.replace(/^\/+/, '/'), 'http://localhost');
  } catch {
    throw new RequestError(400, { code: 'SL0911', message: 'the address of the request cannot be read' });
  }
}

function answerFailure(response: ServerResponse, error: unknown, onError: ServerOptions['onError']): void {
  if (!(error instanceof RequestError)) onError?.(error);
  if (response.headersSent) response.destroy();
  else sendError(response, error instanceof RequestError ? error : internalError(error));
}

/** A coded error was worded for people; anything else is a bug, and its text may hold what nobody should see. */
function internalError(error: unknown): RequestError {
  if (error instanceof CodedError) return new RequestError(500, { code: error.code, message: error.message });
  return new RequestError(500, { code: 'SL0000', message: 'this is a bug in Sluice; its log says more' });
}
