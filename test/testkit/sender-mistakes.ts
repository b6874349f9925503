import { connect } from 'node:net';
import { errorMessage } from '../../src/lib/index.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from './senders.ts';

/** A sender that does something which is not taken, and the sentence that everybody has to be told. */
export interface SenderMistake {
  readonly name: string;
  readonly says: RegExp;
  /** What the sender gets to read: the same sentence, or what its own program makes of the answer; absent where its protocol has no words. */
  readonly hears?: RegExp;
  /** Resolves with everything that the sender got to read. */
  send(port: number): Promise<string>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };
const SPAN_ID = 'eee19b7ec3c1b174';

async function http(port: number, send: Parameters<typeof sendHttp>[1]): Promise<string> {
  const { status, body } = await sendHttp(port, send);
  return `${status} ${body.toString()}`;
}

async function grpc(port: number, path: string, message = new Uint8Array()): Promise<string> {
  const answer = await sendGrpc(port, { path, message });
  return `${answer.grpcStatus} ${answer.message}`;
}

/** Writes bytes to a connection and reads until the other side ends it. */
function raw(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      heard += chunk;
    });
    socket.on('error', () => {}).on('close', () => resolve(heard));
  });
}

function span(traceId: string): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, spanId: SPAN_ID, name: 'x' }] }] }] });
}

const notOtlp = (name: string, says: RegExp, send: SenderMistake['send'], hears?: RegExp): SenderMistake => ({
  name,
  says,
  send,
  ...(hears === undefined ? {} : { hears }),
});

/** Question 3 of the tree: programs that speak something else. */
export const FOREIGN_SENDERS: readonly SenderMistake[] = [
  notOtlp(
    'a browser',
    /GET \/ asks for a page as a browser does, this port takes OTLP; programs send telemetry here with POST/,
    (port) => http(port, { method: 'GET', path: '/', body: '' }),
    /^404 .*sluice: GET \/ asks for a page/,
  ),
  notOtlp(
    'Prometheus',
    /GET \/metrics asks for metrics as Prometheus does, this port takes OTLP/,
    (port) => http(port, { method: 'GET', path: '/metrics', body: '' }),
    /^404 .*sluice: GET \/metrics asks/,
  ),
  notOtlp(
    'Zipkin',
    /the sender speaks Zipkin, this port takes OTLP; set OTEL_TRACES_EXPORTER=otlp in an SDK/,
    (port) => http(port, { path: '/api/v2/spans', body: '[]', headers: JSON_TYPE }),
    /^404 .*sluice: the sender speaks Zipkin/,
  ),
  notOtlp(
    'Jaeger over HTTP',
    /the sender speaks Jaeger \(Thrift over HTTP\), this port takes OTLP/,
    (port) =>
      http(port, {
        path: '/api/traces?format=jaeger.thrift',
        body: '',
        headers: { 'content-type': 'application/x-thrift' },
      }),
    /^404 .*sluice: the sender speaks Jaeger/,
  ),
  notOtlp('Jaeger Thrift over TCP', /the sender speaks Thrift, this port takes OTLP; use an OTLP exporter/, (port) =>
    raw(port, Buffer.from('8001000100000009656d69744261746368', 'hex')),
  ),
  notOtlp(
    'TLS',
    /the sender spoke TLS, this port is plain text; use http:\/\/ or set insecure in the sender/,
    (port) => http(port, { path: '/v1/traces', body: '{}', tls: { ca: '' } }).catch(errorMessage),
    /wrong version number|packet length too long/i,
  ),
  notOtlp('plain text', /the sender spoke neither HTTP\/1 nor HTTP\/2 but plain text; OTLP is gRPC or HTTP/, (port) =>
    raw(port, 'hello, is anybody there?\r\n'),
  ),
  notOtlp('StatsD', /the sender speaks StatsD, this port takes OTLP/, (port) => raw(port, 'page.views:1|c\n')),
  notOtlp(
    'another gRPC service',
    /no such method \/helloworld\.Greeter\/SayHello; this endpoint has \/opentelemetry\.proto\.collector/,
    (port) => grpc(port, '/helloworld.Greeter/SayHello'),
    /^12 sluice: no such method/,
  ),
  notOtlp(
    'Jaeger over gRPC',
    /the sender speaks Jaeger over gRPC, this port takes OTLP/,
    (port) => grpc(port, '/jaeger.api_v2.CollectorService/PostSpans'),
    /^12 sluice: the sender speaks Jaeger over gRPC/,
  ),
];

const refused = (name: string, says: RegExp, status: number, send: SenderMistake['send']): SenderMistake => ({
  name,
  says,
  send,
  hears: new RegExp(`^${status} .*sluice: .*(?:${says.source})`, 's'),
});

/** Question 4: OTLP with a mistake in it. */
export const MISTAKEN_SENDERS: readonly SenderMistake[] = [
  refused(
    'another content type',
    /content-type text\/plain; send application\/json or application\/x-protobuf/,
    415,
    (port) => http(port, { path: '/v1/traces', body: '{}', headers: { 'content-type': 'text/plain' } }),
  ),
  refused('no content type', /no content-type; send application\/json or application\/x-protobuf/, 415, (port) =>
    http(port, { path: '/v1/traces', body: '{}' }),
  ),
  refused('another path', /no such path \/v1\/trace; did you mean \/v1\/traces\? Base URL is http:\/\//, 404, (port) =>
    http(port, { path: '/v1/trace', body: '{}', headers: JSON_TYPE }),
  ),
  refused('broken JSON', /the body ends at byte 17 where a value is expected \(in resourceLogs\[0\]\)/, 400, (port) =>
    http(port, { path: '/v1/logs', body: '{"resourceLogs":[', headers: JSON_TYPE }),
  ),
  refused(
    'a short trace id',
    /resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.traceId must be 32 hex characters/,
    400,
    (port) => http(port, { path: '/v1/traces', body: span('5b8efff798038103d269b633813fc60'), headers: JSON_TYPE }),
  ),
  refused(
    'JSON that is called protobuf',
    /it looks like JSON: send it with content-type application\/json/,
    400,
    (port) => http(port, { path: '/v1/traces', body: '{"resourceSpans":[]}', headers: PROTOBUF_TYPE }),
  ),
  refused('bytes that are not protobuf', /the request has the unknown wire type 6 in field 13/, 400, (port) =>
    http(port, { path: '/v1/traces', body: 'not protobuf', headers: PROTOBUF_TYPE }),
  ),
  refused('a span without its end, over gRPC', /resourceSpans\[0\] is cut off: 8 bytes are missing/, 3, (port) =>
    grpc(port, GRPC_METHOD.traces, Uint8Array.of(0x0a, 9, 1)),
  ),
];
