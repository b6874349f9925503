import type { Socket } from 'node:net';
import { createSecureContext, createServer, type TLSSocket } from 'node:tls';

import { CodedError, errorCode, errorMessage } from '../../lib/index.ts';
import type { ServerTls } from '../security.ts';
import { type Connection, peerOf } from './connection.ts';

export interface TlsLayerOptions {
  readonly handshakeMs: number;
  /** The handshake is done; the connection's socket is the protected one from now on. */
  readonly onSecure: (connection: Connection) => void;
  /** It failed, and the sender has been told what TLS can tell. */
  readonly onProblem: (connection: Connection, problem: string) => void;
}

/** TLS on sockets that something else accepted and sniffed. */
export interface TlsLayer {
  serve(connection: Connection): void;
  /** For connections from now on. Throws a CodedError `invalid_tls`. */
  update(tls: ServerTls): void;
}

const PROTOCOLS = ['h2', 'http/1.1'];

/** Throws a CodedError `invalid_tls`. */
export function createTlsLayer(tls: ServerTls, options: TlsLayerOptions): TlsLayer {
  const shaking = new Map<string, Connection>();
  /** Closed before Node says why, which it does in the order of closing, without an address, in the same turn or never. */
  const hungUp = new Set<Connection>();
  const server = createServer({
    ...contextOptions(tls),
    ALPNProtocols: PROTOCOLS,
    requestCert: tls.clientCaPem !== undefined,
    rejectUnauthorized: true,
    handshakeTimeout: options.handshakeMs,
  });
  /** A handshake that our own shutdown cut off is nobody's problem. */
  const report = (connection: Connection, problem: string) => {
    if (!connection.closing) options.onProblem(connection, connection.expired ? NOT_FINISHED : problem);
  };
  server.on('secureConnection', (socket) => {
    const connection = take(shaking, socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    socket.on('error', () => socket.destroy());
    connection.secure(socket);
    options.onSecure(connection);
  });
  server.on('tlsClientError', (error, socket) => {
    const [first] = hungUp;
    const connection = take(shaking, socket) ?? first;
    socket.destroy();
    if (connection === undefined) return;
    hungUp.delete(connection);
    report(connection, handshakeProblem(error, socket));
  });
  return {
    serve(connection) {
      shaking.set(connection.peer, connection);
      connection.socket.once('close', () => {
        if (shaking.get(connection.peer) !== connection) return;
        shaking.delete(connection.peer);
        hungUp.add(connection);
        setImmediate(() => {
          if (hungUp.delete(connection)) report(connection, HUNG_UP);
        });
      });
      server.emit('connection', connection.socket);
    },
    update(changed) {
      if ((changed.clientCaPem === undefined) !== (tls.clientCaPem === undefined)) {
        throw new CodedError('invalid_tls', 'whether clients must show a certificate cannot change while listening');
      }
      server.setSecureContext(contextOptions(changed));
    },
  };
}

function take(shaking: Map<string, Connection>, socket: Socket): Connection | undefined {
  const peer = peerOf(socket);
  const connection = shaking.get(peer);
  shaking.delete(peer);
  return connection;
}

interface ContextOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly minVersion: ServerTls['minVersion'];
  readonly maxVersion?: ServerTls['maxVersion'];
}

/** Tries them first: what is wrong with a certificate must not wait for the first connection. */
function contextOptions(tls: ServerTls): ContextOptions {
  const options = {
    cert: tls.certPem,
    key: tls.keyPem,
    ...(tls.clientCaPem !== undefined && { ca: tls.clientCaPem }),
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(tls.maxVersion !== undefined && { maxVersion: tls.maxVersion }),
  } as const;
  try {
    createSecureContext(options);
  } catch (error) {
    throw new CodedError('invalid_tls', `certificate and key cannot be used: ${errorMessage(error)}`, { cause: error });
  }
  return options;
}

const VERIFY_PROBLEM: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the sender has expired',
  CERT_NOT_YET_VALID: 'the certificate of the sender is not valid yet',
};
const NOT_FINISHED = 'the sender did not finish the TLS handshake';
const HUNG_UP =
  'the sender hung up during the TLS handshake, as one does that does not trust the certificate of this port';
const HANDSHAKE_PROBLEM: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    'the sender showed no certificate, this port asks for one; give the sender a client certificate and its key',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the sender speaks no version of TLS that this port allows; it needs TLS 1.2 or newer',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'the sender offered neither h2 nor http/1.1 (ALPN); OTLP is gRPC or HTTP',
  ERR_SSL_NO_SHARED_CIPHER: 'sender and this port share no cipher of TLS',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA:
    'the sender does not trust the certificate of this port; give it the CA that signed it',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the sender says that the certificate of this port has expired',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE:
    'the sender does not take the certificate of this port; is the host it calls among its names?',
  ECONNRESET: HUNG_UP,
  ERR_TLS_HANDSHAKE_TIMEOUT: NOT_FINISHED,
};

function handshakeProblem(error: Error, socket: TLSSocket): string {
  // Node types it as an error, and gives OpenSSL's code.
  const verify = socket.authorizationError as unknown as string | null;
  if (verify) {
    return VERIFY_PROBLEM[verify] ?? `the certificate of the sender was not signed by the CA of this port (${verify})`;
  }
  const code = errorCode(error) ?? 'no reason given';
  return HANDSHAKE_PROBLEM[code] ?? `the TLS handshake failed (${code})`;
}
