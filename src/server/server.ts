import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineSnapshot, FlowGraph } from '../flow/index.ts';
import { type Clock, CodedError, type Timer } from '../lib/index.ts';
import type {
  ApplyDocument,
  ApplyRequest,
  ConfigurationDocument,
  DeleteRequest,
  LedgerDocument,
  OverviewDocument,
  ProcessDocument,
  SampleDocument,
  ValidateDocument,
} from './api.ts';
import type { AttemptLog } from './attempt-log.ts';
import { apiRoutes } from './http/api-routes.ts';
import { createEventStreams } from './http/event-stream.ts';
import { exploreRoutes } from './http/explore-routes.ts';
import { createGuard, type Guard } from './http/guard.ts';
import { RequestError, sendError, setSecurityHeaders } from './http/reply.ts';
import { findRoute, type Route } from './http/router.ts';
import { createStaticFiles } from './http/static-files.ts';
import { FlowHistory } from './overview/flow-history.ts';
import { buildLedger, buildOverview } from './overview/overview.ts';
import type { PipelineRef } from './overview/pipeline-status.ts';
import type { Viewer } from './viewer/viewer.ts';

export interface ServerOptions {
  /** State of the running engine; called about once a second and for every ledger request. */
  readonly snapshot: () => EngineSnapshot;
  /** Pipelines people know about; only these appear. Read anew each time, so a getter may follow reloads. */
  readonly pipelines: readonly PipelineRef[];
  readonly viewer: Viewer;
  /** Self-metrics in the Prometheus text format. */
  readonly metrics: () => string;
  readonly attempts: AttemptLog;
  readonly clock: Clock;
  readonly version: string;
  /** `built-in pipelines` or the files given. Read anew each time. */
  readonly source: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endpoints: OverviewDocument['endpoints'];
  readonly memoryLimitBytes: number;
  /** Needed for writes, and for everything on an address that is not loopback. */
  readonly token: string;
  /** Folder of the built UI. */
  readonly uiDir: string;
  readonly generateSample?: () => Promise<SampleDocument>;
  /** The picture of what runs, without figures. Read anew each time; should return the same value until it changes. */
  readonly graph?: () => FlowGraph;
  /** What runs and what became of the files. Secret values and header values are masked already, in every text. */
  readonly configuration?: () => ConfigurationDocument;
  /** Checks one text as if it stood alone. */
  readonly validate?: (text: string) => ValidateDocument | Promise<ValidateDocument>;
  /** Writes resources to the running configuration; rejects with a CodedError that was worded for people. */
  readonly apply?: (request: ApplyRequest) => Promise<ApplyDocument>;
  readonly delete?: (request: DeleteRequest) => Promise<ApplyDocument>;
  /** The processes of the topology, where there are several. `snapshot` covers all of them. */
  readonly processes?: () => readonly ServerProcess[];
  /** Called with what a handler threw; the sender gets a 500 without details. */
  readonly onError?: (error: unknown) => void;
  /** How the command line is called in commands to copy. */
  readonly program?: string;
}

/** One process of the topology. Its own snapshot tells apart queues of one pipeline that stand in several processes. */
export interface ServerProcess extends ProcessDocument {
  readonly snapshot?: EngineSnapshot;
}

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
  const history = new FlowHistory();
  const streams = createEventStreams();
  let timer: Timer | undefined;
  let guard: Guard | undefined;

  /** Counts are those of this moment; rates come from the recorded seconds. */
  const overview = () => buildOverview(options.snapshot(), history, overviewFacts(options));
  const ledger = () => buildLedger(options.snapshot(), options.pipelines);
  const tick = () => {
    history.record(options.snapshot(), clock.monotonicMs());
    streams.publish('stats', overview);
    timer = clock.after(TICK_MS, tick);
  };

  const routes: readonly Route[] = [
    ...apiRoutes({
      overview,
      ledger,
      attempts,
      metrics: options.metrics,
      streams,
      ...(options.generateSample === undefined ? {} : { generateSample: options.generateSample }),
    }),
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
    overview,
    ledger,
    configurationChanged: () => {
      const { configuration } = options;
      if (configuration !== undefined) streams.publish('configuration', configuration);
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
    return match.route.handle({ request, response, query: url.searchParams, parameter: match.parameter });
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

function overviewFacts(options: ServerOptions) {
  const { pipelines, version, source, startedAt, endpoints, attempts, memoryLimitBytes } = options;
  const [lastAttempt] = attempts.list();
  return {
    pipelines,
    version,
    source,
    startedAt,
    endpoints,
    memory: { rssBytes: process.memoryUsage.rss(), limitBytes: memoryLimitBytes },
    connected: attempts.connected,
    ...(lastAttempt === undefined ? {} : { lastAttempt }),
    timeOfDay: localTimeOfDay,
    program: options.program ?? 'sluice',
  };
}

function localTimeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
