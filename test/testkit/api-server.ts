import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Account, type EngineSnapshot } from '../../src/flow/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import {
  createAttemptLog,
  createServer,
  createViewer,
  type Server,
  type ServerOptions,
} from '../../src/server/index.ts';
import { encodeRequest } from './otlp-proto.ts';

export const API_TOKEN = 'a-token-of-some-length';

/** The HTTP API over one trace pipeline `demo`, whose account a test moves, and a viewer with one trace. */
export interface ApiServer {
  readonly server: Server;
  readonly port: number;
  readonly account: Account;
  /** Sends exactly these headers; `fetch` would not let a test choose Host. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  openStream(topics: string): Promise<OpenStream>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many documents
  readonly json: any;
}

export interface OpenStream {
  /** Documents of the events of this name so far. */
  named(event: string): readonly unknown[];
  end(): void;
}

export async function startApiServer(options: Partial<ServerOptions> = {}, host = '127.0.0.1'): Promise<ApiServer> {
  const account = new Account();
  const server = createServer({
    snapshot: () => snapshotOf(account),
    pipelines: [{ kind: 'TracePipeline', name: 'demo', pipelineId: 'traces/tracepipeline-demo', signal: 'traces' }],
    viewer: viewerWithTrace(),
    metrics: () => 'otelcol_process_uptime_seconds_total 1\n',
    attempts: createAttemptLog(),
    clock: systemClock,
    version: '0.1.0',
    source: 'built-in pipelines',
    startedAt: new Date().toISOString(),
    endpoints: { grpc: 'localhost:4317', http: 'http://localhost:4318', ui: 'http://localhost:4390' },
    memoryLimitBytes: 512 * 1024 * 1024,
    token: API_TOKEN,
    uiDir: '/nowhere',
    ...options,
  });
  const { port } = await server.listen({ host, port: 0 });
  return {
    server,
    port,
    account,
    call: (path, callOptions) => call(port, path, callOptions),
    openStream: (topics) => openStream(port, topics),
    close: () => server.close(),
  };
}

function viewerWithTrace() {
  const viewer = createViewer({ clock: systemClock });
  const span = { traceId: Buffer.alloc(16, 0xab), spanId: Buffer.alloc(8, 1), name: 'GET /' };
  viewer.add('traces', encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), 1);
  return viewer;
}

function snapshotOf(account: Account): EngineSnapshot {
  return {
    takenAtMs: Date.now(),
    offered: { traces: account.received, metrics: 0, logs: 0 },
    pipelines: [
      { id: 'traces/tracepipeline-demo', signal: 'traces', ledger: account.row(), exporters: [] },
      { id: 'traces/internal', signal: 'traces', ledger: account.row(), exporters: [] },
    ],
  };
}

function call(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body: sentBody } = options;
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') && body !== '';
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          json: isJson ? JSON.parse(body) : undefined,
        });
      });
    });
    sent.on('error', reject);
    sent.end(sentBody);
  });
}

async function openStream(port: number, topics: string): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/stream?topics=${topics}`, { signal: abort.signal });
  const events: { readonly event: string; readonly document: unknown }[] = [];
  void (async () => {
    let text = '';
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1] ?? '';
        events.push({ event, document: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null') });
      }
    }
  })().catch(() => {});
  return {
    named: (name) => events.filter(({ event }) => event === name).map(({ document }) => document),
    end: () => abort.abort(),
  };
}
