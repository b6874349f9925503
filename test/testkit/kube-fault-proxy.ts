import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './control-plane-credentials.ts';
import { listen } from './free-port.ts';

/**
 * What can go wrong with a request:
 * - `conflict`: 409 to a write, which is not done
 * - `expired`: 410 to a page of a list, or as the first event of a watch
 * - `busy`: 429 with Retry-After
 * - `broken`: 500
 * - `reset`: the connection is cut before anything is done
 * - `lost`: the request is done, and the connection is cut instead of the answer
 * - `hang`: no answer ever
 * - `cut`: a watch is cut in the middle, after up to a second
 * - `stall`: a watch begins and nothing more comes of it, while the connection stays
 */
export type FaultKind = 'conflict' | 'expired' | 'busy' | 'broken' | 'reset' | 'lost' | 'hang' | 'cut' | 'stall';

/** Those that the real API server sees. */
type Forwarded = 'lost' | 'cut' | 'stall';

export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly isWatch: boolean;
  readonly isWrite: boolean;
}

/** An API server that misbehaves as it is told; in between it is the real one. */
export interface FaultProxy {
  readonly url: string;
  /** Leads here, as the same user as the control plane's. */
  readonly kubeconfig: string;
  /** Everything that arrived, in order. */
  readonly seen: readonly SeenRequest[];
  /** From now on that share of the requests which such a fault can meet; 0 ends it. */
  fail(rate: number, kinds: readonly FaultKind[], only?: (request: SeenRequest) => boolean): void;
  /** The next request that it can meet and that `only` names, once. */
  failNext(kind: FaultKind, only?: (request: SeenRequest) => boolean): void;
  /** Cuts all connections, watches included; new ones are taken. */
  cut(): void;
  /** While true, connections are cut at once: the network is gone. */
  setOffline(isOffline: boolean): void;
  stop(): Promise<void>;
}

interface Fault {
  readonly kind: FaultKind;
  readonly only: (request: SeenRequest) => boolean;
}

export async function startFaultProxy(
  controlPlane: Pick<ControlPlane, 'url' | 'caPem' | 'credentials' | 'folder'>,
  random: () => number = Math.random,
): Promise<FaultProxy> {
  const { caPem, credentials, folder } = controlPlane;
  const agent = new Agent({ keepAlive: true, ca: caPem });
  const sockets = new Set<Socket>();
  const seen: SeenRequest[] = [];
  const next: Fault[] = [];
  let faults: { readonly rate: number; readonly kinds: readonly FaultKind[]; readonly only: Fault['only'] } | undefined;
  let isOffline = false;

  const faultFor = (about: SeenRequest): FaultKind | undefined => {
    const i = next.findIndex(({ kind, only }) => canMeet(kind, about) && only(about));
    if (i !== -1) return next.splice(i, 1)[0]!.kind;
    if (faults === undefined || !faults.only(about) || random() >= faults.rate) return undefined;
    const possible = faults.kinds.filter((kind) => canMeet(kind, about));
    return possible[Math.floor(random() * possible.length)];
  };

  const server = createServer(
    { cert: readFileSync(credentials.serving.certFile), key: readFileSync(credentials.serving.keyFile) },
    (from, to) => {
      const about = describe(from);
      seen.push(about);
      const fault = faultFor(about);
      if (fault === undefined) return forward(from, to);
      if (fault === 'lost' || fault === 'cut' || fault === 'stall') return forward(from, to, fault);
      answer(fault, about, from, to);
    },
  );
  server.on('connection', (socket: Socket) => {
    if (isOffline) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const forward = (from: IncomingMessage, to: ServerResponse, fault?: Forwarded): void => {
    const url = new URL(from.url ?? '/', controlPlane.url);
    const sent = request(url, { agent, method: from.method, headers: from.headers }, (back) => {
      if (fault === 'lost') {
        back.resume();
        back.once('end', () => from.socket.destroy());
        return;
      }
      to.writeHead(back.statusCode ?? 502, back.headers);
      to.flushHeaders();
      if (fault === 'stall') return;
      back.pipe(to);
      back.once('close', () => (back.complete ? undefined : from.socket.destroy()));
      if (fault === 'cut') setTimeout(() => from.socket.destroy(), random() * 1000);
    });
    sent.once('error', () => from.socket.destroy());
    to.once('close', () => sent.destroy());
    from.pipe(sent);
  };

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = `https://127.0.0.1:${await listen(server)}`;
  return {
    url,
    kubeconfig: writeKubeconfig(join(folder, `kubeconfig-proxy-${new URL(url).port}`), url, credentials),
    seen,
    fail(rate, kinds, only = () => true) {
      faults = rate === 0 ? undefined : { rate, kinds, only };
    },
    failNext(kind, only = () => true) {
      next.push({ kind, only });
    },
    cut,
    setOffline(value) {
      isOffline = value;
      if (value) cut();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
      agent.destroy();
    },
  };
}

function describe({ method = 'GET', url = '/' }: IncomingMessage): SeenRequest {
  const isWatch = new URL(url, 'https://host').searchParams.get('watch') === 'true';
  return { method, path: url, isWatch, isWrite: method !== 'GET' };
}

function canMeet(kind: FaultKind, { path, isWatch, isWrite }: SeenRequest): boolean {
  if (kind === 'conflict') return isWrite;
  if (kind === 'cut' || kind === 'stall') return isWatch;
  if (kind === 'expired') return isWatch || /[?&]continue=/.test(path);
  if (kind === 'lost') return !isWatch;
  return true;
}

const STATUSES = {
  conflict: { code: 409, reason: 'Conflict' },
  expired: { code: 410, reason: 'Expired' },
  busy: { code: 429, reason: 'TooManyRequests' },
  broken: { code: 500, reason: 'InternalError' },
} as const;

function answer(
  kind: Exclude<FaultKind, Forwarded>,
  about: SeenRequest,
  from: IncomingMessage,
  to: ServerResponse,
): void {
  if (kind === 'reset') return void from.socket.destroy();
  // Read to its end, so that the connection can be used again.
  from.resume();
  if (kind === 'hang') return;
  const { code, reason } = STATUSES[kind];
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    code,
    message: `a fault on purpose: ${kind}`,
  };
  if (kind === 'expired' && about.isWatch) {
    to.writeHead(200, { 'content-type': 'application/json' });
    to.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    return;
  }
  to.writeHead(code, { 'content-type': 'application/json', ...(kind === 'busy' && { 'retry-after': '1' }) });
  to.end(JSON.stringify(status));
}
