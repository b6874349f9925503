import type { Pool } from 'undici';

import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ContentCoding, compress } from '../content-coding.ts';
import type { ExportOptions, ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { encodeJson } from '../json/encode-json.ts';
import type { RequestCredentials } from '../security.ts';
import { type ClientTls, createTlsOptions, type TlsOptions } from './client-tls.ts';
import { areSame, credentialHeaders } from './credentials.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { closedFailure, connectionFailure, isOfTheirs, lateCredentialsFailure, timeoutFailure } from './failure.ts';
import { secretsOf } from './hide-secrets.ts';
import { type Answer, httpAnswerOutcome, readBounded } from './http-answer.ts';
import { probeCertificate, probeProtocol } from './probe.ts';

export interface OtlpHttpClientOptions {
  /** Base URL; `/v1/traces` and its siblings are appended. */
  readonly endpoint?: string;
  /** Whole URLs, used as they are, for signals that go elsewhere. */
  readonly signalEndpoints?: Readonly<Partial<Record<Signal, string>>>;
  /** Sent with every request; values never appear in messages. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for every request. */
  readonly credentials?: RequestCredentials;
  readonly compression: ContentCoding | 'none';
  readonly encoding: 'proto' | 'json';
  readonly tls?: ClientTls;
  readonly clock: Clock;
  readonly userAgent?: string;
}

/** What another protocol over HTTP does its own way. */
export interface HttpDialect {
  /** In lower case; those of content and version. */
  readonly headers: Readonly<Record<string, string>>;
  body(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  outcome(answer: Answer): ExportOutcome;
}

interface Target {
  readonly endpoint: Endpoint;
  readonly path: string;
  /** As Go's client sends what stands in front of the host. */
  readonly authorization: string | undefined;
}

const DEFAULT_PORT = { http: 80, https: 443 } as const;
const UNAUTHORIZED = 401;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const RESERVED_HEADER =
  /^(content-type|content-encoding|content-length|transfer-encoding|connection|expect|keep-alive|upgrade)$/;

/** Exports over OTLP/HTTP with kept-alive connections, as many as there are requests at once. */
export function createOtlpHttpClient(options: OtlpHttpClientOptions): OtlpClient {
  return new HttpClient(options, otlpDialect(options));
}

function otlpDialect({ encoding, compression }: OtlpHttpClientOptions): HttpDialect {
  return {
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(compression !== 'none' && { 'content-encoding': compression }),
    },
    body: (bytes) => (compression === 'none' ? bytes : compress(compression, bytes)),
    outcome: httpAnswerOutcome,
  };
}

export class HttpClient implements OtlpClient {
  readonly #options: OtlpHttpClientOptions;
  readonly #dialect: HttpDialect;
  readonly #targets = new Map<Signal, Target>();
  readonly #pools = new Map<string, Promise<Pool>>();
  readonly #headers: Record<string, string>;
  readonly #secrets: readonly string[];
  readonly #tls: () => TlsOptions;
  #closed = false;
  #hasAnswered = false;

  constructor(options: OtlpHttpClientOptions, dialect: HttpDialect) {
    this.#options = options;
    this.#dialect = dialect;
    this.#tls = createTlsOptions(options.tls);
    for (const signal of SIGNALS) {
      const target = this.#targetOf(signal);
      if (target !== undefined) this.#targets.set(signal, target);
    }
    const fromUrls = [...this.#targets.values()].flatMap(({ endpoint: { credentials = '' }, authorization = '' }) => [
      ...credentials.split(':'),
      ...authorization.split(' ').slice(1),
    ]);
    this.#secrets = [...secretsOf(options.headers), ...fromUrls];
    const own = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      'user-agent': options.userAgent ?? 'sluice',
      ...Object.fromEntries(own.filter(([name]) => !RESERVED_HEADER.test(name))),
      ...dialect.headers,
    };
  }

  #targetOf(signal: Signal): Target | undefined {
    const { endpoint: base, signalEndpoints, tls } = this.#options;
    const whole = signalEndpoints?.[signal];
    const text = whole ?? base;
    if (text === undefined) return undefined;
    const secure = parseEndpoint(text, tls, 0).secure;
    const endpoint = parseEndpoint(text, tls, secure ? DEFAULT_PORT.https : DEFAULT_PORT.http);
    const path = whole === undefined ? `${endpoint.path}/v1/${signal}` : endpoint.path || '/';
    return { endpoint, path, authorization: basicOf(endpoint) };
  }

  #poolOf({ origin }: Endpoint): Promise<Pool> {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = this.#createPool(origin);
    this.#pools.set(origin, pool);
    return pool;
  }

  /** Loads undici for the first request: it takes 12 MB of memory, for which an engine without this exporter has no use. */
  async #createPool(origin: string): Promise<Pool> {
    const { Pool } = await import('undici');
    return new Pool(origin, {
      connect: { ...(origin.startsWith('https:') ? this.#tls() : {}), timeout: CONNECT_TIMEOUT_MS },
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
    });
  }

  async export(signal: Signal, bytes: Uint8Array, options: ExportOptions): Promise<ExportOutcome> {
    options.signal.throwIfAborted();
    const target = this.#targets.get(signal);
    if (target === undefined) {
      return { status: 'permanent', failure: { kind: 'rejected', message: `no endpoint is configured for ${signal}` } };
    }
    if (this.#closed) return { status: 'retryable', failure: closedFailure(target.endpoint) };
    const late = new AbortController();
    const { timeoutMs } = options;
    const timer = timeoutMs === undefined ? undefined : this.#options.clock.after(timeoutMs, () => late.abort());
    const sending = {
      target,
      signal,
      bytes,
      abort: AbortSignal.any([options.signal, late.signal]),
      secrets: this.#secrets,
    };
    try {
      return await this.#send(sending);
    } catch (error) {
      options.signal.throwIfAborted();
      return { status: 'retryable', failure: await this.#failureOf(error, target, late.signal.aborted) };
    } finally {
      timer?.cancel();
    }
  }

  async #failureOf(error: unknown, { endpoint }: Target, isLate: boolean): Promise<BackendFailure> {
    if (error instanceof LateCredentials) return lateCredentialsFailure();
    if (isLate) return timeoutFailure(endpoint);
    const failure = connectionFailure(error, endpoint);
    const options = { endpoint, tls: endpoint.secure ? this.#tls() : undefined, clock: this.#options.clock };
    if (isOfTheirs(error)) return probeCertificate(options, failure);
    // A server that hangs up may speak gRPC; one that has answered before has not changed its mind.
    return failure.kind === 'reset' && !this.#hasAnswered ? probeProtocol(options, 'http') : failure;
  }

  async #send(sending: Sending): Promise<ExportOutcome> {
    const { encoding, credentials } = this.#options;
    const { signal, bytes } = sending;
    const plain = encoding === 'json' ? jsonOf(signal, bytes) : bytes;
    if (plain === undefined) {
      const failure = { kind: 'rejected', message: `the ${signal} to send are not valid protobuf` } as const;
      return { status: 'permanent', failure };
    }
    const body = await this.#dialect.body(plain);
    if (credentials === undefined) return (await this.#post(sending, body, NO_HEADERS)).outcome;
    return this.#sendWith(credentials, sending, body);
  }

  /** Once more with others, should the credentials have been refused and there be others. */
  async #sendWith(credentials: RequestCredentials, sending: Sending, body: Uint8Array): Promise<ExportOutcome> {
    const ask = () =>
      orLate(
        credentialHeaders(credentials, (name) => RESERVED_HEADER.test(name)),
        sending.abort,
      );
    const own = await ask();
    if ('failure' in own) return { status: 'retryable', failure: own.failure };
    const secrets = [...sending.secrets, ...secretsOf(own.headers)];
    const first = await this.#post({ ...sending, secrets }, body, own.headers);
    if (first.status !== UNAUTHORIZED) return first.outcome;
    credentials.rejected?.();
    const others = await ask();
    if ('failure' in others || areSame(own.headers, others.headers)) return first.outcome;
    const second = await this.#post(
      { ...sending, secrets: [...secrets, ...secretsOf(others.headers)] },
      body,
      others.headers,
    );
    if (second.status === UNAUTHORIZED) credentials.rejected?.();
    return second.outcome;
  }

  async #post(
    { target, signal, abort, secrets }: Sending,
    body: Uint8Array,
    own: Headers,
  ): Promise<{ readonly status: number; readonly outcome: ExportOutcome }> {
    const pool = await this.#poolOf(target.endpoint);
    const {
      statusCode: status,
      headers,
      body: stream,
    } = await pool.request({
      path: target.path,
      method: 'POST',
      headers: this.#headersFor(target, own),
      body,
      signal: abort,
    });
    const answer = await readBounded(stream);
    this.#hasAnswered = true;
    const { path } = target;
    const nowMs = this.#options.clock.nowMs();
    return { status, outcome: this.#dialect.outcome({ status, headers, answer, path, signal, secrets, nowMs }) };
  }

  /** A configured header outweighs the URL, and credentials outweigh both. */
  #headersFor({ authorization }: Target, own: Headers): Headers {
    const isNeeded = authorization !== undefined && this.#headers['authorization'] === undefined;
    if (!isNeeded && own === NO_HEADERS) return this.#headers;
    return { ...this.#headers, ...(isNeeded && { authorization }), ...own };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map(async (pool) => (await pool).destroy()));
  }
}

type Headers = Readonly<Record<string, string>>;
const NO_HEADERS: Headers = {};

/** What one export sends, and what must not be quoted of its answer. */
interface Sending {
  readonly target: Target;
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly abort: AbortSignal;
  readonly secrets: readonly string[];
}

class LateCredentials extends Error {}

/** Rejects with LateCredentials when the time is up first. */
function orLate<T>(promise: Promise<T>, abort: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new LateCredentials());
    if (abort.aborted) onAbort();
    abort.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => abort.removeEventListener('abort', onAbort));
  });
}

function basicOf({ credentials }: Endpoint): string | undefined {
  return credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** Undefined when the bytes are not what they should be. */
function jsonOf(signal: Signal, bytes: Uint8Array): Uint8Array | undefined {
  try {
    return Buffer.from(encodeJson(signal, bytes));
  } catch (error) {
    if (errorCode(error) === 'malformed_protobuf') return undefined;
    throw error;
  }
}
