import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { errorCode, errorMessage } from '../../lib/index.ts';
import {
  decodeExportResponse,
  decodeStatus,
  exportResponseFromJson,
  isRetryableHttpStatus,
  statusFromJson,
} from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Answer, Connection, ConnectionOptions } from './connection.ts';

const HTTP_PATH: Readonly<Record<Signal, string>> = {
  traces: '/v1/traces',
  metrics: '/v1/metrics',
  logs: '/v1/logs',
};

/** OTLP/HTTP/1.1 over kept-alive sockets, one request at a time on each. */
export function createHttpConnection(encoding: 'protobuf' | 'json', options: ConnectionOptions): Connection {
  const agentOptions = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  const agent = options.tls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const request = options.tls ? requestHttps : requestHttp;
  const aborted = new AbortController();
  const headers = {
    'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    'user-agent': 'sluice-gen',
    ...(options.compression === 'none' ? {} : { 'content-encoding': options.compression }),
    ...options.headers,
  };
  return {
    send(signal, bytes, answered) {
      const { host, port, localAddress, timeoutMs } = options;
      let settled = false;
      const settle = (answer: Answer) => {
        if (settled) return;
        settled = true;
        clearTimeout(deadline);
        answered(answer);
      };
      const call = request(
        {
          host,
          port,
          ...(localAddress !== undefined && { localAddress }),
          path: HTTP_PATH[signal],
          method: 'POST',
          agent,
          signal: aborted.signal,
          headers: { ...headers, 'content-length': bytes.length },
        },
        (response) => collect(response, (body) => settle(answerOf(signal, response, body))),
      );
      const deadline = setTimeout(() => {
        settle({ status: 'failed', code: 'TIMEOUT', message: `no answer within ${timeoutMs} ms` });
        call.destroy();
      }, timeoutMs);
      deadline.unref();
      call.on('error', (error) => {
        const code = aborted.signal.aborted ? 'CLOSED' : (errorCode(error) ?? 'SOCKET');
        settle({ status: 'failed', code, message: errorMessage(error) });
      });
      call.end(bytes);
    },
    close() {
      aborted.abort();
      agent.destroy();
    },
  };
}

function collect(response: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(Buffer.concat(chunks)));
}

function answerOf(signal: Signal, response: IncomingMessage, body: Buffer): Answer {
  const code = response.statusCode ?? 0;
  const isJson = (response.headers['content-type'] ?? '').includes('json');
  if (code >= 200 && code < 300) {
    const partial = isJson ? exportResponseFromJson(signal, body.toString()) : decodeExportResponse(body);
    return { status: 'ok', ...(partial ?? { rejectedCount: 0 }) };
  }
  const status = isJson ? statusFromJson(body.toString()) : decodeStatus(body);
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: 'refused',
    code: String(code),
    message: status?.message ?? body.toString('utf8', 0, 200),
    retryable: isRetryableHttpStatus(code),
    ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}),
  };
}
