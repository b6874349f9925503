/**
 * Runs in a Pod, on the repository mounted there: sends one item a request at a steady rate through the single endpoint and tries
 * each again for 60 s, as a patient application does. Every attempt is a line of JSON in `OUT`; the test reads them.
 */
import { appendFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import type { Signal } from '../../../src/pdata/index.ts';
import { encodeRequest } from '../otlp-proto.ts';
import { GRPC_METHOD } from '../senders.ts';
import { itemNamed } from './item.ts';
import type { SentItem } from './sent-items.ts';

const { NAME, PROTOCOL, HOST, OUT, EVERY_MS } = process.env as Readonly<Record<string, string>>;
/** As a client in Go has it. */
const ATTEMPT_MS = 10_000;
const PATIENCE_MS = 60_000;
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** One connection for all requests, as SDKs have it; grpc-js connects again by itself. */
const channel = new Client(`${HOST}:4317`, credentials.createInsecure());

function sendGrpc(signal: Signal, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(
      GRPC_METHOD[signal],
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      body,
      { deadline: Date.now() + ATTEMPT_MS },
      (error) => (error === null ? resolve() : reject(error)),
    );
  });
}

function sendHttp(signal: Signal, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `http://${HOST}:4318/v1/${signal}`,
      { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, timeout: ATTEMPT_MS },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`)),
        );
        answer.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end(body);
  });
}

async function sendPatiently(id: string, signal: Signal): Promise<void> {
  const send = PROTOCOL === 'grpc' ? sendGrpc : sendHttp;
  const body = encodeRequest(signal, itemNamed(signal, id));
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt++) {
    const atMs = Date.now();
    const error = await send(signal, body).then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    const isLast = error === undefined || Date.now() - startedMs > PATIENCE_MS;
    const line: SentItem = {
      id,
      signal,
      attempt,
      atMs,
      tookMs: Date.now() - atMs,
      ...(error === undefined ? {} : { error }),
      outcome: error === undefined ? 'acknowledged' : isLast ? 'failed' : 'again',
    };
    appendFileSync(OUT!, `${JSON.stringify(line)}\n`);
    if (isLast) return;
    await delay(Math.min(1_000, 100 * 2 ** attempt));
  }
}

let isStopping = false;
process.on('SIGTERM', () => {
  isStopping = true;
});

const pending = new Set<Promise<void>>();
for (let count = 0; !isStopping; count++) {
  const sending = sendPatiently(`${NAME}-${count}`, SIGNALS[count % SIGNALS.length]!);
  pending.add(sending);
  void sending.finally(() => pending.delete(sending));
  await delay(Number(EVERY_MS));
}
await Promise.all(pending);
channel.close();
process.exit(0);
