import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { type Answer, type Capture, type CaptureTls, startCapture } from './capture.ts';
import { freePort, listen } from './free-port.ts';
import { createAuthority } from './tls/authority.ts';

/** A backend for every way of failing, on loopback. Each that is a Capture has a gRPC and an HTTP port. */
export interface FailingBackends {
  /** A port where nothing listens. */
  readonly closed: number;
  /** Takes everything, as plain text. */
  readonly plain: Capture;
  /** A web server without OTLP. */
  readonly web: number;
  readonly unimplemented: Capture;
  /** PEM of the authority behind the certificates of the next three. */
  readonly ca: string;
  readonly secure: Capture;
  readonly expired: Capture;
  /** Its certificate is for backend.example.com. */
  readonly misnamed: Capture;
  /** 401, with the secret in its words. */
  readonly denying: Capture;
  /** 400, with the secret in its words. */
  readonly rejecting: Capture;
  /** Takes all but one item of a request, with the secret in its words. */
  readonly choosy: Capture;
  readonly unavailable: Capture;
  readonly throttling: Capture;
  /** Takes connections and says nothing. */
  readonly mute: number;
  stop(): Promise<void>;
}

/** More answers than any test asks for. */
const FOR_EVER = 1000;
const DAY_MS = 86_400_000;

export async function startFailingBackends(secret: string): Promise<FailingBackends> {
  const stops: (() => Promise<unknown>)[] = [];
  const start = async (answer?: Answer, tls?: CaptureTls): Promise<Capture> => {
    const backend = await startCapture(tls && { tls });
    stops.push(() => backend.stop());
    if (answer !== undefined) backend.script(Array.from({ length: FOR_EVER }, () => answer));
    return backend;
  };
  const failing = (grpc: number, http: number, message: string) => start({ kind: 'error', grpc, http, message });
  const authority = createAuthority('corp-ca');
  const secured = (options: Parameters<typeof authority.issue>[0]) => {
    const { certPem, keyPem } = authority.issue(options);
    return start(undefined, { cert: certPem, key: keyPem });
  };
  const past = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  return {
    closed: await freePort(),
    plain: await start(),
    web: await startWebServer(stops),
    unimplemented: await failing(12, 404, 'unknown service'),
    ca: authority.certPem,
    secure: await secured({}),
    expired: await secured(past),
    misnamed: await secured({ names: ['backend.example.com'] }),
    denying: await failing(16, 401, `no such token ${secret}`),
    rejecting: await failing(3, 400, `label name invalid, sent with ${secret}`),
    choosy: await start({ kind: 'ok', partial: { rejected: 1n, message: `label name invalid, sent with ${secret}` } }),
    unavailable: await failing(14, 503, 'come back later'),
    throttling: await start({
      kind: 'error',
      grpc: 8,
      http: 429,
      message: 'too many requests',
      retryAfterSeconds: 1,
    }),
    mute: await startMute(stops),
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

async function startMute(stops: (() => Promise<unknown>)[]): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.resume();
  });
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return listen(server);
}

async function startWebServer(stops: (() => Promise<unknown>)[]): Promise<number> {
  const server = createHttpServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'));
  });
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return listen(server);
}
