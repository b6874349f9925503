import type { ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { compressSnappy } from '../snappy.ts';
import { grpcCodeOfHttp } from '../status.ts';
import { httpOutcome, quote } from './answer.ts';
import { failure } from './failure.ts';
import { type Answer, answerText, retryAfterMs } from './http-answer.ts';
import { HttpClient, type HttpDialect, type OtlpHttpClientOptions } from './http-client.ts';

export interface RemoteWriteClientOptions
  extends Pick<OtlpHttpClientOptions, 'headers' | 'credentials' | 'tls' | 'clock' | 'userAgent'> {
  /** The whole URL. */
  readonly endpoint: string;
  readonly version: '1.0' | '2.0';
}

/** Of the requests, by version of the protocol. */
const HEADERS = {
  '1.0': { 'content-type': 'application/x-protobuf', 'x-prometheus-remote-write-version': '0.1.0' },
  '2.0': {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  },
} as const;

const WRITTEN = ['samples', 'histograms', 'exemplars'].map((what) => `x-prometheus-remote-write-${what}-written`);

/** Sends requests of Prometheus remote write, given as `metrics`, with what the OTLP client does about connections, TLS and credentials. */
export function createRemoteWriteClient({ endpoint, version, ...options }: RemoteWriteClientOptions): OtlpClient {
  const dialect: HttpDialect = {
    headers: { ...HEADERS[version], 'content-encoding': 'snappy' },
    body: compressSnappy,
    outcome: (answer) => remoteWriteOutcome(answer, version),
  };
  const own = { ...options, signalEndpoints: { metrics: endpoint }, compression: 'none', encoding: 'proto' } as const;
  return new HttpClient(own, dialect);
}

/** Source: Prometheus remote write 2.0, "Responses" and "Retries & Backoff"; 1.0 says the same of what both have. */
function remoteWriteOutcome(answer: Answer, version: '1.0' | '2.0'): ExportOutcome {
  const { status, headers, path } = answer;
  if (status >= 200 && status <= 299) {
    const isTold = version === '1.0' || WRITTEN.some((name) => headers[name] !== undefined);
    return isTold ? { status: 'delivered', rejectedCount: 0 } : OLD_RECEIVER;
  }
  // Receivers of remote write answer in plain text under any type; one that takes OTLP instead answers in protobuf.
  const isProtobuf = String(headers['content-type'] ?? '').startsWith('application/x-protobuf');
  const text = quote(isProtobuf ? answerText(answer) : answer.answer.toString(), answer.secrets);
  const waitMs = retryAfterMs(headers['retry-after'], answer.nowMs);
  if (status === 429 || (status >= 500 && status <= 599)) return again(status, text, waitMs);
  if (status === 415 && version === '2.0') return NO_VERSION_2;
  return httpOutcome({ status, path: path.split('?', 1)[0]!, text });
}

function again(status: number, text: string, afterMs: number | undefined): ExportOutcome {
  const message = `the backend answered ${status}${text === '' ? '' : `: ${text}`}`;
  const code = grpcCodeOfHttp(status);
  if (afterMs !== undefined) return { status: 'throttled', code, afterMs, failure: failure('throttled', message) };
  const kind = status === 429 ? 'throttled' : status === 504 ? 'timeout' : 'unavailable';
  return { status: 'retryable', code, failure: failure(kind, message) };
}

/** It took the bytes for a request of version 1.0, in which they mean nothing. */
const OLD_RECEIVER: ExportOutcome = {
  status: 'permanent',
  failure: failure(
    'protocol',
    'the backend answered without saying what it wrote, as one that knows only remote write 1.0 does; use version 1.0',
  ),
};

const NO_VERSION_2: ExportOutcome = {
  status: 'permanent',
  failure: failure('protocol', 'the backend answered 415: it does not take remote write 2.0; use version 1.0'),
};
