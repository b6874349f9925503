/**
 * CPU that the OTLP server takes for one request: framing, validation and an answer, without any pipeline behind it.
 * The senders run in another process; both are on the same machine, so compare figures of one run only.
 *
 *   node bench/otlp-server.ts [seconds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../src/lib/index.ts';
import { createOtlpServer, defaultGrpcAccept, defaultHttpAccept } from '../src/otlp/index.ts';
import { encodeRequest } from '../test/testkit/otlp-proto.ts';
import { FLAG, FRAME, frame, headerBlock, PREFACE } from '../test/testkit/raw-http2.ts';
import { GRPC_HEADERS } from '../test/testkit/senders.ts';

const CONNECTIONS = 4;
const STREAMS = 16;
const SPAN_COUNTS = [1, 10, 100];

function spans(count: number): Uint8Array {
  const attribute = (i: number) => ({
    key: `http.request.header.${i}`,
    value: { value: { case: 'stringValue', value: `value number ${i}` } },
  });
  const attributes = Array.from({ length: 10 }, (_, i) => attribute(i));
  const span = (i: number) => ({
    traceId: Buffer.alloc(16, i + 1),
    spanId: Buffer.alloc(8, i + 1),
    name: `GET /orders/${i}`,
    startTimeUnixNano: 1_700_000_000_000_000_000n,
    endTimeUnixNano: 1_700_000_000_100_000_000n,
    attributes,
  });
  return encodeRequest('traces', {
    resourceSpans: [
      { resource: { attributes }, scopeSpans: [{ spans: Array.from({ length: count }, (_, i) => span(i)) }] },
    ],
  });
}

/** Keeps STREAMS calls under way on one connection, for as long as the process lives. */
function sendGrpc(port: number, body: Uint8Array): void {
  const message = Buffer.concat([Buffer.alloc(5), body]);
  message.writeUInt32BE(body.length, 1);
  const parts = [frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(GRPC_HEADERS))];
  for (let at = 0; at < message.length; at += 16_384) {
    parts.push(
      frame(FRAME.data, at + 16_384 >= message.length ? FLAG.endStream : 0, 1, message.subarray(at, at + 16_384)),
    );
  }
  const idOffsets: number[] = [];
  parts.reduce((at, part) => {
    idOffsets.push(at + 5);
    return at + part.length;
  }, 0);
  const whole = Buffer.concat(parts);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let nextId = 1;
  const send = () => {
    const bytes = Buffer.from(whole);
    for (const at of idOffsets) bytes.writeUInt32BE(nextId, at);
    nextId += 2;
    socket.write(bytes);
  };
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    socket.cork();
    while (pending.length >= 9) {
      const end = 9 + pending.readUIntBE(0, 3);
      if (pending.length < end) break;
      if (pending[3] === FRAME.headers && (pending[4] & FLAG.endStream) !== 0) send();
      pending = pending.subarray(end);
    }
    socket.uncork();
  });
  socket.write(
    Buffer.concat([
      PREFACE,
      frame(FRAME.settings, 0, 0),
      frame(FRAME.windowUpdate, 0, 0, Buffer.from([0x40, 0, 0, 0])),
    ]),
  );
  for (let i = 0; i < STREAMS; i++) send();
}

function sendHttp(port: number, body: Uint8Array): void {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
  const send = () => {
    const request = httpRequest(
      { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', agent, headers },
      (response) => {
        response.resume();
        response.on('end', send);
      },
    );
    // The server has gone: the run is over.
    request.on('error', () => {});
    request.end(body);
  };
  for (let i = 0; i < CONNECTIONS; i++) send();
}

function runSender(protocol: string, port: number, count: number): void {
  const body = spans(count);
  process.on('disconnect', () => process.exit());
  if (protocol === 'http') sendHttp(port, body);
  else for (let i = 0; i < CONNECTIONS; i++) sendGrpc(port, body);
}

async function measure(protocol: string, count: number, seconds: number): Promise<string> {
  let requests = 0;
  let items = 0;
  const server = createOtlpServer(
    { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
    (request) => {
      requests++;
      items += request.itemCount;
      return { status: 'ok' };
    },
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const child = fork(fileURLToPath(import.meta.url), ['sender', protocol, String(port), String(count)]);
  await delay(1000);
  const [requestsBefore, itemsBefore, cpuBefore, startMs] = [requests, items, process.cpuUsage(), performance.now()];
  await delay(seconds * 1000);
  const cpu = process.cpuUsage(cpuBefore);
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const [done, doneItems] = [requests - requestsBefore, items - itemsBefore];
  child.disconnect();
  await once(child, 'exit');
  await server.shutdown({ graceMs: 200 });
  const micros = (cpu.user + cpu.system) / done;
  const row = [
    protocol,
    count,
    spans(count).length,
    Math.round(done / elapsedSeconds),
    micros.toFixed(1),
    ((cpu.user + cpu.system) / doneItems).toFixed(2),
  ];
  return row.join('\t');
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'sender') runSender(rest[0], Number(rest[1]), Number(rest[2]));
else {
  console.log('protocol\tspans\tbytes\trequests/s\tµs CPU/request\tCPU-s/M spans');
  for (const protocol of ['grpc', 'http']) {
    for (const count of SPAN_COUNTS) console.log(await measure(protocol, count, Number(mode ?? 2)));
  }
}
