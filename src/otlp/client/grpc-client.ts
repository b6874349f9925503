import type { OutgoingHttpHeaders } from 'node:http2';

import type { BackendFailure } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { type ContentCoding, compress } from '../content-coding.ts';
import type { ExportOptions, ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { GRPC_METHOD } from '../grpc-method.ts';
import type { RequestCredentials } from '../security.ts';
import { compressSnappyFrames } from '../snappy.ts';
import { type ClientTls, createTlsOptions } from './client-tls.ts';
import { areSame, credentialHeaders } from './credentials.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { closedFailure } from './failure.ts';
import { GrpcChannel, type Lookup, type Pick } from './grpc-channel.ts';
import { GrpcExport } from './grpc-export.ts';
import { secretsOf } from './hide-secrets.ts';

export interface OtlpGrpcClientOptions {
  /** `host:port`, `dns:///host:port`, `passthrough:///host:port`, or with `http://` or `https://`, which then decides on TLS. */
  readonly endpoint: string;
  /** Sent with every call; values never appear in messages. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for every call. */
  readonly credentials?: RequestCredentials;
  /** Over the addresses of the endpoint's name: the first that answers, or (unset) all that answer in turn. */
  readonly balancer?: 'pick_first' | 'round_robin';
  readonly compression: ContentCoding | 'none';
  readonly tls?: ClientTls;
  readonly clock: Clock;
  readonly userAgent?: string;
  /** Absent: the system's. */
  readonly lookup?: Lookup;
}

const DEFAULT_PORT = 4317;
/** Of one call, where no try has reached a backend. */
const MOST_TRIES = 4;
const RESERVED_HEADER = /^(:|grpc-|content-type$|te$|connection$|host$|transfer-encoding$|content-length$)/;

/** Exports over gRPC: a connection to each address, made on first use and again when lost, many calls on it at once. */
export function createOtlpGrpcClient(options: OtlpGrpcClientOptions): OtlpClient {
  return new GrpcClient(options);
}

class GrpcClient implements OtlpClient {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #coding: ContentCoding | undefined;
  readonly #credentials: RequestCredentials | undefined;
  readonly #secrets: readonly string[];
  readonly #headers: OutgoingHttpHeaders;
  readonly #channel: GrpcChannel;
  #closed = false;

  constructor(options: OtlpGrpcClientOptions) {
    const endpoint = parseEndpoint(options.endpoint, options.tls, DEFAULT_PORT);
    this.#endpoint = endpoint;
    this.#clock = options.clock;
    this.#coding = options.compression === 'none' ? undefined : options.compression;
    this.#credentials = options.credentials;
    this.#secrets = secretsOf(options.headers);
    const own = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      ':method': 'POST',
      ...Object.fromEntries(own.filter(([name]) => !isReserved(name))),
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': options.userAgent ?? 'sluice',
      ...(this.#coding !== undefined && { 'grpc-encoding': this.#coding }),
    };
    this.#channel = new GrpcChannel({
      endpoint,
      balancer: options.balancer ?? 'round_robin',
      tls: endpoint.secure ? createTlsOptions(options.tls) : undefined,
      lookup: options.lookup,
      clock: options.clock,
    });
  }

  async export(signal: Signal, bytes: Uint8Array, options: ExportOptions): Promise<ExportOutcome> {
    options.signal.throwIfAborted();
    if (this.#closed) return { status: 'retryable', failure: closedFailure(this.#endpoint) };
    const body = this.#coding === undefined ? bytes : await compressMessage(this.#coding, bytes);
    options.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const call = new GrpcExport({ endpoint: this.#endpoint, secrets: this.#secrets, options, resolve, reject });
      call.watch(this.#clock);
      this.#start(call, signal, body).catch((error: unknown) => call.fail(error));
    });
  }

  /** From the credentials to the answer, again where the backend has certainly not looked at the call. */
  async #start(call: GrpcExport, signal: Signal, body: Uint8Array): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + (call.timeoutMs ?? Number.POSITIVE_INFINITY);
    let own = this.#credentials === undefined ? NO_HEADERS : await this.#ask(this.#credentials, call);
    for (let tries = 1; own !== undefined && !call.settled; tries++) {
      call.waitsFor = 'connection';
      const now = this.#pick(call);
      const picked = now instanceof Promise ? await now : now;
      if (picked === undefined || call.settled) return;
      const headers: OutgoingHttpHeaders = { ...this.#headers, ...own, ':path': GRPC_METHOD[signal] };
      if (call.timeoutMs !== undefined) headers['grpc-timeout'] = grpcTimeout(deadlineMs - this.#clock.monotonicMs());
      const end = await call.run(picked, headers, body, this.#coding !== undefined);
      if (end === 'unauthenticated') own = await this.#renewed(call, own, tries);
      else if (end === 'answered' || tries >= MOST_TRIES) break;
    }
    call.conclude();
  }

  /** Undefined when there is no connection to be had and the call is over. */
  #pick(call: GrpcExport): Pick | undefined | Promise<Pick | undefined> {
    const picked = this.#channel.pick();
    if (!(picked instanceof Promise)) return picked;
    return picked.catch((failure: BackendFailure) => {
      call.settle({ status: 'retryable', failure });
      return undefined;
    });
  }

  /** Undefined when there are none and the call is over. */
  async #ask(credentials: RequestCredentials, call: GrpcExport): Promise<Headers | undefined> {
    const got = await credentialHeaders(credentials, isReserved);
    if ('failure' in got) {
      call.settle({ status: 'retryable', failure: got.failure });
      return undefined;
    }
    call.hide(secretsOf(got.headers));
    return got.headers;
  }

  /** Credentials that differ from those that were refused; undefined when there are no others, and the refusal stands. */
  async #renewed(call: GrpcExport, refused: Headers, tries: number): Promise<Headers | undefined> {
    if (this.#credentials === undefined) return undefined;
    this.#credentials.rejected?.();
    if (tries > 1) return undefined;
    const got = await this.#ask(this.#credentials, call);
    return got === undefined || areSame(got, refused) ? undefined : got;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#channel.close();
  }
}

type Headers = Readonly<Record<string, string>>;
const NO_HEADERS: Headers = {};

function isReserved(name: string): boolean {
  return RESERVED_HEADER.test(name);
}

/** At most eight digits, so hours of milliseconds become seconds. */
function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.min(99_999_999, Math.ceil(ms / 1000))}S`;
}

/** gRPC's `snappy` is the stream of blocks, that of HTTP one block. Source: go-grpc-compression 1.2, confighttp at 0.149. */
function compressMessage(coding: ContentCoding, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  return coding === 'snappy' ? compressSnappyFrames(bytes) : compress(coding, bytes);
}
