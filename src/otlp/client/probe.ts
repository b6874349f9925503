import { connect as connectSocket, isIP } from 'node:net';
import { connect as connectTls, createSecureContext, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import type { TlsOptions } from './client-tls.ts';
import type { Endpoint } from './endpoint.ts';
import {
  certificateFailure,
  connectionFailure,
  grpcPortFailure,
  notHttp2Failure,
  resetFailure,
  tlsPortFailure,
} from './failure.ts';

export interface ProbeOptions {
  readonly endpoint: Endpoint;
  /** Absent: plain text. */
  readonly tls: TlsOptions | undefined;
  readonly clock: Clock;
  /** Instead of the endpoint's name. */
  readonly address?: string | undefined;
}

const PROBE_TIMEOUT_MS = 1_000;
const CLIENT_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const TLS_ALERT = 0x15;
const SETTINGS_FRAME = 4;
const MOST_NAMES = 5;

/**
 * Asks a backend that broke off what it speaks, by the beginning of HTTP/2 and then of TLS: it costs a connection or two and is
 * worth a clear sentence. `wanted`: what the exporter speaks.
 */
export async function probeProtocol(options: ProbeOptions, wanted: 'grpc' | 'http'): Promise<BackendFailure> {
  const found = await probeHttp2(options, wanted);
  return found.kind === 'reset' && options.tls === undefined ? probeTls(options, found) : found;
}

/** Some servers hang up on plain text without a word; `found` is what is known if this one wants no TLS either. */
function probeTls({ endpoint, clock, address }: ProbeOptions, found: BackendFailure): Promise<BackendFailure> {
  const anything = {
    secureContext: createSecureContext(),
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  };
  return probe({ endpoint, clock, address, tls: anything }, found, (socket, done) => {
    socket.on('secureConnect', () => done(tlsPortFailure(endpoint)));
    socket.on('error', (error) => done(isTlsAlert(error) ? tlsPortFailure(endpoint) : found));
  });
}

/** Whoever sends an alert speaks TLS, whatever it is about. */
function isTlsAlert(error: unknown): boolean {
  return /_ALERT_/.test(errorCode(error) ?? '');
}

function probeHttp2(options: ProbeOptions, wanted: 'grpc' | 'http'): Promise<BackendFailure> {
  const { endpoint } = options;
  return probe(options, resetFailure(endpoint), (socket, done) => {
    socket.on(options.tls === undefined ? 'connect' : 'secureConnect', () => socket.write(CLIENT_PREFACE));
    socket.on('data', (chunk: Buffer) => {
      if (options.tls === undefined && chunk[0] === TLS_ALERT) done(tlsPortFailure(endpoint));
      else if (chunk.subarray(0, 5).toString('latin1') === 'HTTP/') {
        done(wanted === 'grpc' ? notHttp2Failure(endpoint) : resetFailure(endpoint));
      } else
        done(chunk[3] === SETTINGS_FRAME && wanted === 'http' ? grpcPortFailure(endpoint) : resetFailure(endpoint));
    });
    socket.on('error', (error) => done(connectionFailure(error, endpoint)));
  });
}

/** Looks at the certificate that was not accepted, for the facts that Node's error doesn't have. */
export function probeCertificate(options: ProbeOptions, found: BackendFailure): Promise<BackendFailure> {
  const { endpoint, clock } = options;
  return probe(options, found, (socket, done) => {
    socket.on('secureConnect', () => {
      const facts = certificateFacts((socket as TLSSocket).getPeerCertificate(true), endpoint, clock.nowMs());
      done(facts === undefined ? found : certificateFailure(endpoint, facts));
    });
    socket.on('error', () => done(found));
  });
}

function certificateFacts(leaf: DetailedPeerCertificate, { host }: Endpoint, nowMs: number): string | undefined {
  for (const certificate of chainOf(leaf)) {
    const issuer = `(CA "${nameOf(certificate.issuer)}")`;
    const whose = certificate === leaf ? '' : `was signed by "${nameOf(certificate.subject)}", which `;
    const [from, to] = [Date.parse(certificate.valid_from), Date.parse(certificate.valid_to)];
    if (to < nowMs) return `${whose}expired on ${dayOf(to)} ${issuer}`;
    if (from > nowMs) return `${whose}is not valid before ${dayOf(from)} ${issuer}; is this machine's clock right?`;
  }
  const names = namesIn(leaf);
  if (names.length > 0 && !names.some((name) => isFor(name, host))) {
    const shown = names.slice(0, MOST_NAMES).join(', ');
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    return `is for ${shown}${more}, not for ${host}; check the host, or set tls.server_name_override`;
  }
  const isOwn = nameOf(leaf.issuer) === nameOf(leaf.subject);
  if (isOwn) return `is self-signed by "${nameOf(leaf.subject)}"; give it in tls.ca_file`;
  return `was signed by CA "${nameOf(chainOf(leaf).at(-1)?.issuer)}", which is not trusted; give it in tls.ca_file`;
}

function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let at: DetailedPeerCertificate | undefined = leaf; at !== undefined && !chain.includes(at); ) {
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
}

function nameOf(subject: DetailedPeerCertificate['subject'] | undefined): string {
  return String(subject?.CN ?? subject?.O ?? 'no name').slice(0, 100);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function namesIn(certificate: DetailedPeerCertificate): string[] {
  const list = certificate.subjectaltname ?? '';
  return list
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '');
}

function isFor(name: string, host: string): boolean {
  if (name.toLowerCase() === host.toLowerCase()) return true;
  return name.startsWith('*.') && !isIP(host) && host.slice(host.indexOf('.')) === name.slice(1);
}

type Socket = ReturnType<typeof connectSocket>;

/** `otherwise`: what is known when this connection says nothing. */
function probe(
  { endpoint, tls, clock, address }: ProbeOptions,
  otherwise: BackendFailure,
  watch: (socket: Socket, done: (failure: BackendFailure) => void) => void,
): Promise<BackendFailure> {
  return new Promise((resolve) => {
    const to = { host: address ?? endpoint.host, port: endpoint.port };
    const named = isIP(endpoint.host) ? {} : { servername: endpoint.host };
    const socket =
      tls === undefined ? connectSocket(to) : connectTls({ ...to, ...named, ...tls, rejectUnauthorized: false });
    const done = (failure: BackendFailure) => {
      timer.cancel();
      socket.destroy();
      resolve(failure);
    };
    const timer = clock.after(PROBE_TIMEOUT_MS, () => done(otherwise));
    socket.on('error', () => done(otherwise));
    watch(socket, done);
    socket.on('close', () => done(otherwise));
  });
}
