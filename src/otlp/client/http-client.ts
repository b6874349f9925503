import type { Pool } from 'undici';

import { type Clock, errorCode } from '../../lib/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ContentCoding, compress } from '../content-coding.ts';
import type { ExportOptions, ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { encodeJson } from '../json/encode-json.ts';
import {
  decodeExportResponse,
  decodeStatus,
  exportResponseFromJson,
  type PartialSuccess,
  statusFromJson,
} from '../rpc-messages.ts';
import type { RequestCredentials } from '../security.ts';
import { type ClientTls, type Endpoint, parseEndpoint, tlsOptions } from './endpoint.ts';
import { closedFailure, connectionFailure, httpOutcome, quote, secretsOf, timeoutFailure } from './failure.ts';

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

interface Target {
  readonly endpoint: Endpoint;
  readonly path: string;
  /** As Go's client sends what stands in front of the host. */
  readonly authorization: string | undefined;
}

const DEFAULT_PORT = { http: 80, https: 443 } as const;
const MAX_RESPONSE_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const RESERVED_HEADER =
  /^(content-type|content-encoding|content-length|transfer-encoding|connection|expect|keep-alive|upgrade)$/;

/** Exports over OTLP/HTTP with kept-alive connections, as many as there are requests at once. */
export function createOtlpHttpClient(options: OtlpHttpClientOptions): OtlpClient {
  return new HttpClient(options);
}

class HttpClient implements OtlpClient {
  readonly #options: OtlpHttpClientOptions;
  readonly #targets = new Map<Signal, Target>();
  readonly #pools = new Map<string, Promise<Pool>>();
  readonly #headers: Record<string, string>;
  readonly #secrets: readonly string[];
  #closed = false;

  constructor(options: OtlpHttpClientOptions) {
    this.#options = options;
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
      'content-type': options.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(options.compression !== 'none' && { 'content-encoding': options.compression }),
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
      connect: { ...tlsOptions(this.#options.tls), timeout: CONNECT_TIMEOUT_MS },
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
    try {
      return await this.#send(target, signal, bytes, AbortSignal.any([options.signal, late.signal]));
    } catch (error) {
      options.signal.throwIfAborted();
      const failure = late.signal.aborted ? timeoutFailure(target.endpoint) : connectionFailure(error, target.endpoint);
      return { status: 'retryable', failure };
    } finally {
      timer?.cancel();
    }
  }

  async #send(target: Target, signal: Signal, bytes: Uint8Array, abort: AbortSignal): Promise<ExportOutcome> {
    const { compression, encoding } = this.#options;
    const plain = encoding === 'json' ? jsonOf(signal, bytes) : bytes;
    if (plain === undefined) {
      const failure = { kind: 'rejected', message: `the ${signal} to send are not valid protobuf` } as const;
      return { status: 'permanent', failure };
    }
    const body = compression === 'none' ? plain : await compress(compression, plain);
    const pool = await this.#poolOf(target.endpoint);
    const {
      statusCode,
      headers,
      body: stream,
    } = await pool.request({
      path: target.path,
      method: 'POST',
      headers: this.#headersFor(target),
      body,
      signal: abort,
    });
    const answer = await readBounded(stream);
    const isJson = String(headers['content-type'] ?? '').startsWith('application/json');
    if (statusCode >= 200 && statusCode <= 299) {
      return this.#delivered(isJson ? exportResponseFromJson(signal, answer.toString()) : decodeExportResponse(answer));
    }
    const status = isJson ? statusFromJson(answer.toString()) : isProtobuf(headers) ? decodeStatus(answer) : undefined;
    const text = quote(status?.message ?? '', this.#secrets);
    return httpOutcome(statusCode, text, this.#retryAfterMs(headers['retry-after']));
  }

  /** A configured header outweighs the URL. */
  #headersFor({ authorization }: Target): Record<string, string> {
    if (authorization === undefined || this.#headers['authorization'] !== undefined) return this.#headers;
    return { ...this.#headers, authorization };
  }

  #delivered(partial: PartialSuccess | undefined): ExportOutcome {
    if (partial === undefined) return { status: 'delivered', rejectedCount: 0 };
    const message = quote(partial.message, this.#secrets);
    return { status: 'delivered', rejectedCount: partial.rejectedCount, ...(message !== '' && { message }) };
  }

  /** Seconds or an HTTP date; undefined when the header is missing or neither. */
  #retryAfterMs(value: string | string[] | undefined): number | undefined {
    if (typeof value !== 'string') return undefined;
    if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - this.#options.clock.nowMs());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map(async (pool) => (await pool).destroy()));
  }
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

function isProtobuf(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return String(headers['content-type'] ?? '').startsWith('application/x-protobuf');
}

/** Reads an answer to its end, so that the connection can be used again, and keeps its beginning. */
async function readBounded(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (length + chunk.length > MAX_RESPONSE_BYTES) break;
    length += chunk.length;
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
