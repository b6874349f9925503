import { deflateSync, gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { grpcFrame } from '../../testkit/capture.ts';
import { GRPC_METHOD } from '../../testkit/senders.ts';
import { type Addresses, type CaseConfig, type DifferentialCase, everySignal, type Step, send } from '../case.ts';
import { plainInput } from '../inputs.ts';

const one = plainInput('traces', 'one', { resources: 1, scopes: 1, items: 1 });
const oneLog = plainInput('logs', 'one', { resources: 1, scopes: 1, items: 1 });

const toBackend = ({ backendGrpc }: Addresses): CaseConfig => ({
  exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
  pipelines: everySignal({ exporters: ['otlp_grpc'] }),
});

const protobuf = { 'content-type': 'application/x-protobuf' };
const json = { 'content-type': 'application/json' };
const http = (name: string, body: Uint8Array | string, headers: Record<string, string>, more: object = {}): Step => ({
  kind: 'http',
  name,
  path: '/v1/traces',
  body,
  headers,
  ...more,
});
const grpc = (name: string, message: Uint8Array, more: object = {}): Step => ({
  kind: 'grpc',
  name,
  path: GRPC_METHOD.traces,
  message,
  ...more,
});

const truncated = one.bytes.subarray(0, one.bytes.length - 3);
/** A span whose name (field 5) has the wire type of a varint. */
const wrongWireType = Uint8Array.of(0x0a, 6, 0x12, 4, 0x12, 2, 0x28, 1);
const groupTag = Uint8Array.of(0x0b, 0x0c);
const zeroTag = Uint8Array.of(0x00, 0x01);
const longVarint = Uint8Array.of(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
const shortTraceId = Uint8Array.of(0x0a, 8, 0x12, 6, 0x12, 4, 0x0a, 2, 1, 2);
const MALFORMED = { truncated, wrongWireType, groupTag, zeroTag, longVarint, shortTraceId };

/** Snappy's framing format with one chunk that is not compressed, behind its masked CRC-32C. */
function snappyFramed(content: Uint8Array): Buffer {
  const crc = crc32c(content);
  const head = Buffer.alloc(8);
  head.writeUInt8(1);
  head.writeUIntLE(content.length + 4, 1, 3);
  head.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 4);
  return Buffer.concat([Buffer.from('ff060000734e61507059', 'hex'), head, content]);
}

function crc32c(content: Uint8Array): number {
  let crc = ~0;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

const jsonSpan = (fields: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;

export const answerCases: readonly DifferentialCase[] = [
  {
    name: 'malformed protobuf over HTTP and gRPC',
    config: toBackend,
    steps: [
      ...Object.entries(MALFORMED).map(([name, bytes]) => http(`HTTP ${name}`, bytes, protobuf)),
      ...Object.entries(MALFORMED).map(([name, bytes]) => grpc(`gRPC ${name}`, bytes)),
      send(one, { protocol: 'http' }),
    ],
    expectedItems: 1,
  },
  {
    name: 'malformed JSON',
    config: toBackend,
    steps: [
      http('no JSON', 'hello', json),
      http('cut short', '{"resourceSpans":[', json),
      http('empty', '', json),
      http('an array', '[]', json),
      http('wrong type', '{"resourceSpans":{}}', json),
      http('id of the wrong length', jsonSpan('"traceId":"0102"'), json),
      http('id not hexadecimal', jsonSpan('"traceId":"zz112233445566778899aabbccddeeff"'), json),
      http('kind as unknown text', jsonSpan('"kind":"SPAN_KIND_NONE"'), json),
      send(one, { protocol: 'http', encoding: 'json' }),
    ],
    expectedItems: 1,
  },
  {
    name: 'JSON in every spelling that the specification or the Collector accepts',
    config: toBackend,
    steps: [
      http(
        'enum as text',
        jsonSpan('"name":"a","kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"}'),
        json,
      ),
      http('unknown enum number', jsonSpan('"name":"b","kind":77'), json),
      http('64 bits as text', jsonSpan('"name":"c","startTimeUnixNano":"18446744073709551615"'), json),
      http('64 bits as number', jsonSpan('"name":"d","startTimeUnixNano":1700000000123456789'), json),
      http('upper-case ids', jsonSpan('"name":"e","traceId":"00112233445566778899AABBCCDDEEFF"'), json),
      http(
        'unknown fields',
        `{"x":1,"resourceSpans":[{"y":{"z":[]},"scopeSpans":[{"spans":[{"name":"f","q":null}]}]}]}`,
        json,
      ),
      http(
        'int as number',
        jsonSpan('"name":"h","attributes":[{"key":"n","value":{"intValue":9007199254740993}}]'),
        json,
      ),
      http(
        'int as text',
        jsonSpan('"name":"i","attributes":[{"key":"n","value":{"intValue":"-9223372036854775808"}}]'),
        json,
      ),
      http('double as text', jsonSpan('"name":"j","attributes":[{"key":"n","value":{"doubleValue":"NaN"}}]'), json),
      http('bytes', jsonSpan('"name":"k","attributes":[{"key":"n","value":{"bytesValue":"AP8B"}}]'), json),
      http('escapes', jsonSpan('"name":"\\u00e9\\ud83d\\ude00\\n\\t\\"\\\\/"'), json),
      http('white space', ` \n${jsonSpan('"name" : "l" , "flags" : 257')}\t`, json),
      http('with a charset', jsonSpan('"name":"m"'), { 'content-type': 'application/json; charset=utf-8' }),
    ],
    expectedItems: 13,
  },
  {
    name: 'requests that are no OTLP',
    config: toBackend,
    steps: [
      http('content type text/plain', one.bytes, { 'content-type': 'text/plain' }),
      http('no content type', one.bytes, {}),
      http('method GET', '', protobuf, { method: 'GET' }),
      http('method PUT', one.bytes, protobuf, { method: 'PUT' }),
      http('unknown path', one.bytes, protobuf, { path: '/v1/nothing' }),
      http('root path', one.bytes, protobuf, { path: '/' }),
      http('unknown compression', one.bytes, { ...protobuf, 'content-encoding': 'lzma' }),
      http('not gzip', one.bytes, { ...protobuf, 'content-encoding': 'gzip' }),
      http('gzip cut short', gzipSync(one.bytes).subarray(0, 20), { ...protobuf, 'content-encoding': 'gzip' }),
      grpc('unknown method', one.bytes, { path: '/opentelemetry.proto.collector.trace.v1.TraceService/Import' }),
      grpc('unknown service', one.bytes, { path: '/example.Service/Export' }),
      grpc('unknown encoding', one.bytes, { encoding: 'lzma' }),
      grpc('not gzip', one.bytes, { encoding: 'gzip' }),
      grpc('frame longer than the stream', one.bytes, { rawFrame: grpcFrame(one.bytes).subarray(0, 20) }),
      send(one, { protocol: 'grpc' }),
    ],
    expectedItems: 1,
  },
  {
    name: 'compressions beside gzip and zstd',
    config: toBackend,
    steps: [
      http('deflate', deflateSync(one.bytes), { ...protobuf, 'content-encoding': 'deflate' }),
      http('zlib', deflateSync(one.bytes), { ...protobuf, 'content-encoding': 'zlib' }),
      http('empty name', one.bytes, { ...protobuf, 'content-encoding': '' }),
    ],
    expectedItems: 3,
  },
  {
    name: 'compression snappy',
    config: toBackend,
    steps: [
      http('frames', snappyFramed(one.bytes), { ...protobuf, 'content-encoding': 'snappy' }),
      http('a block', compressSync(one.bytes), { ...protobuf, 'content-encoding': 'snappy' }),
      http('frames by their own name', snappyFramed(one.bytes), { ...protobuf, 'content-encoding': 'x-snappy-framed' }),
      http('not snappy', one.bytes, { ...protobuf, 'content-encoding': 'snappy' }),
      grpc('frames', snappyFramed(one.bytes), { encoding: 'snappy' }),
    ],
    expectedItems: 4,
  },
  {
    name: 'requests above the size limits, also when only decompressed',
    config: (addresses) => ({
      ...toBackend(addresses),
      receiver: { http: { max_request_body_size: 1000 }, grpc: { max_recv_msg_size_mib: 1 } },
    }),
    steps: [
      http('body of 1001 bytes', new Uint8Array(1001), protobuf),
      http('gzip of 100 kB', gzipSync(new Uint8Array(100_000)), { ...protobuf, 'content-encoding': 'gzip' }),
      grpc('1 MiB and a byte', new Uint8Array(2 ** 20 + 1)),
      grpc('gzip of 2 MiB', gzipSync(new Uint8Array(2 ** 21)), { encoding: 'gzip' }),
      send(one, { protocol: 'http' }),
      send(one, { protocol: 'grpc' }),
    ],
    expectedItems: 2,
  },
  {
    name: 'a signal without a pipeline',
    config: (addresses) => ({ ...toBackend(addresses), pipelines: { traces: { exporters: ['otlp_grpc'] } } }),
    steps: [send(oneLog, { protocol: 'grpc' }), send(oneLog, { protocol: 'http' }), send(one, { protocol: 'http' })],
    expectedItems: 1,
  },
  {
    name: 'paths of its own for OTLP/HTTP',
    config: (addresses) => ({ ...toBackend(addresses), receiver: { http: { traces_url_path: '/mine/traces' } } }),
    steps: [
      http('own path', one.bytes, protobuf, { path: '/mine/traces' }),
      http('the default path', one.bytes, protobuf),
      send(oneLog, { protocol: 'http' }),
    ],
    expectedItems: 2,
  },
  {
    name: 'health_check answers while the process runs',
    config: (addresses) => ({
      ...toBackend(addresses),
      extensions: { health_check: { endpoint: addresses.health, path: '/healthy' } },
    }),
    steps: [
      send(one, { protocol: 'grpc' }),
      // The Collector is healthy only some time after its receivers accept.
      { kind: 'wait', ms: 300 },
      http('its path', '', {}, { method: 'GET', path: '/healthy', to: 'health' }),
      http('another path', '', {}, { method: 'GET', path: '/', to: 'health' }),
    ],
    expectedItems: 1,
  },
];
