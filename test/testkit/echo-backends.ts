import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2Server, type IncomingHttpHeaders as Http2Headers } from 'node:http2';
import { text } from 'node:stream/consumers';
import { listen } from './free-port.ts';

/** Backends that answer with an error which quotes everything they were sent, as badly written ones do. */
export interface EchoBackends {
  readonly grpc: string;
  readonly http: string;
  /** Answers with a redirect that carries what it was sent. */
  readonly redirect: string;
  /** Refuses everybody, quoting what it was sent. */
  readonly tokens: string;
  /** Gives everybody this token, at any path. */
  readonly goodTokens: string;
  /** What arrived, to prove that there was something to quote. */
  received(): string;
  stop(): void;
}

/** User and password of basic authentication on their own, as a backend that looks them up knows them. */
function decoded({ authorization = '' }: { readonly authorization?: string | undefined }): string {
  return Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString();
}

function quoted(headers: IncomingHttpHeaders | Http2Headers, body = ''): string {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const { ':path': _, ':authority': __, ':method': ___, ':scheme': ____, ...own } = plain;
  const values = Object.entries(own).filter(([name]) => !/^(te|host|user-agent|accept|content-|connection)/.test(name));
  return `${values.map((pair) => pair.join('=')).join(' ')} ${decoded(own)} ${body}`;
}

export async function startEchoBackends(token: string): Promise<EchoBackends> {
  let log = '';
  const keep = (words: string) => {
    log += `${words}\n`;
    return words;
  };
  const http = createServer(async (request, response) => {
    request.resume();
    const words = keep(`${request.url} ${quoted(request.headers)}`);
    const isPlain = request.url?.includes('plain') === true;
    response.writeHead(401, { 'content-type': isPlain ? 'text/plain' : 'application/json' });
    response.end(isPlain ? `no entry: ${words}` : JSON.stringify({ code: 16, message: `no entry: ${words}` }));
  });
  const redirect = createServer((request, response) => {
    request.resume();
    const words = keep(quoted(request.headers));
    const path = encodeURIComponent(words);
    response.writeHead(307, {
      location: `http://${encodeURIComponent(words.slice(0, 60))}@login/${path}?token=${path}`,
    });
    response.end();
  });
  const tokens = createServer(async (request, response) => {
    const words = keep(`${request.url} ${quoted(request.headers, await text(request))}`);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `bad ${words}`, error_description: words }));
  });
  const goodTokens = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }));
  });
  const grpc = createHttp2Server();
  grpc.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close());
    stream.resume();
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': '16',
        'grpc-message': encodeURIComponent(`no entry: ${keep(quoted(headers))}`),
      },
      { endStream: true },
    );
  });
  const sessions = new Set<{ destroy(): void }>();
  grpc.on('session', (session) => sessions.add(session));
  const servers = [http, redirect, tokens, goodTokens] as const;
  const [httpPort, redirectPort, tokensPort, goodPort] = await Promise.all(servers.map((server) => listen(server)));
  return {
    grpc: `http://127.0.0.1:${await listen(grpc)}`,
    http: `http://127.0.0.1:${httpPort}`,
    redirect: `http://127.0.0.1:${redirectPort}`,
    tokens: `http://127.0.0.1:${tokensPort}`,
    goodTokens: `http://127.0.0.1:${goodPort}`,
    received: () => log,
    stop() {
      for (const session of sessions) session.destroy();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      grpc.close();
    },
  };
}
