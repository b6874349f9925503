import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeJson } from '../../otlp/index.ts';
import type { Sink } from './sink.ts';
import { parseSinkMode, SINK_MODE_SYNTAX } from './sink-mode.ts';

/**
 * HTTP on loopback to watch and steer a sink: `GET /stats`, `GET /requests` (stored ones as lines of OTLP/JSON), `POST /mode` (the mode as
 * text), `POST /clear`.
 */
export interface SinkControl {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024;

export async function serveSinkControl(sink: Sink, port: number): Promise<SinkControl> {
  const server = createServer((request, response) => void route(sink, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(sink: Sink, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const endpoint = `${request.method} ${request.url}`;
  if (endpoint === 'GET /stats') return reply(response, 200, sink.stats());
  if (endpoint === 'GET /requests') {
    const lines = sink.stored().map((stored) => `${encodeJson(stored.signal, stored.bytes)}\n`);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(lines.join(''));
    return;
  }
  if (endpoint === 'POST /clear') {
    sink.clear();
    return reply(response, 200, sink.stats());
  }
  if (endpoint !== 'POST /mode') return reply(response, 404, { error: `no ${endpoint} here` });
  const text = await readBody(request);
  const mode = parseSinkMode(text.trim());
  if (mode === undefined) return reply(response, 400, { error: `\`${text}\` is no mode; use ${SINK_MODE_SYNTAX}` });
  await sink.setMode(mode);
  return reply(response, 200, sink.stats());
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) break;
  }
  return text;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
