import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Signal } from '../../src/pdata/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { itemLines } from './canonical.ts';
import { ALL_SIGNALS } from './case.ts';
import { type Input, plainInput, richInput } from './inputs.ts';

/*
 * The Collector built here has no file exporter (testbed/README.md). Its lines come from the same marshaler as the bodies of
 * its otlp_http exporter with `encoding: json`, so those are what the engine's files are compared with.
 */
const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const few = { resources: 2, scopes: 2, items: 3 };
const inputsOf = (signal: Signal): readonly Input[] => [richInput(signal), plainInput(signal, 'plain', few)];

const folder = mkdtempSync(join(tmpdir(), 'sluice-file-exporter-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one peer with one exporter for every signal and sends it all inputs in order. */
async function run(start: typeof startOtelcol, exporters: object, settled: () => boolean): Promise<void> {
  const port = await freePort();
  const names = (signal: Signal) =>
    Object.keys(exporters).filter((id) => !id.includes('/') || id.endsWith(`/${signal}`));
  const pipelines = ALL_SIGNALS.map((signal) => [signal, { receivers: ['otlp'], exporters: names(signal) }]);
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters,
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: Object.fromEntries(pipelines) },
  };
  const running = await start(JSON.stringify(config));
  try {
    for (const { signal, bytes } of ALL_SIGNALS.flatMap(inputsOf)) {
      const headers = { 'content-type': 'application/x-protobuf' };
      expect((await sendHttp(port, { path: `/v1/${signal}`, body: bytes, headers })).status).toBe(200);
    }
    await waitFor('all requests passed on', settled);
  } finally {
    await running.stop();
  }
}

/** Messages of a file, each behind its length. */
function framed(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    messages.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

const FORMATS = {
  json: {},
  proto: { format: 'proto' },
  'json.zst': { compression: 'zstd' },
  'proto.zst': { format: 'proto', compression: 'zstd' },
} as const;

const fileOf = (format: keyof typeof FORMATS, signal: Signal) => join(folder, `${format}-${signal}`);

describe.skipIf(peer.status === 'missing')(`the file exporter writes what the Collector would${skipNote}`, () => {
  const collectorBodies: Record<Signal, string[]> = { traces: [], metrics: [], logs: [] };

  beforeAll(async () => {
    const capture = await startCapture();
    const settings = { encoding: 'json', compression: 'none', sending_queue: { num_consumers: 1 } };
    const exporters = { otlp_http: { endpoint: `http://127.0.0.1:${capture.httpPort}`, ...settings } };
    await run(startOtelcol, exporters, () => capture.requests.length === 6);
    await capture.stop();
    for (const { signal, body } of capture.requests) collectorBodies[signal!].push(Buffer.from(body).toString());

    const files = Object.entries(FORMATS).flatMap(([format, more]) =>
      ALL_SIGNALS.map((signal) => [
        `file/${format}/${signal}`,
        { path: fileOf(format as keyof typeof FORMATS, signal), ...more },
      ]),
    );
    await run(startSluiceEngine, Object.fromEntries(files), () => true);
  });

  it.each(ALL_SIGNALS)('%s as lines of JSON: the same fields with the same values in the same spelling', (signal) => {
    const lines = readFileSync(fileOf('json', signal), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line)).sort(byText)).toEqual(
      collectorBodies[signal].map((body) => JSON.parse(body)).sort(byText),
    );
  });

  it.each(ALL_SIGNALS)('%s as protobuf behind its length: the items that were sent', (signal) => {
    const items = framed(fileOf('proto', signal)).map((message) => itemLines(signal, decodeRequest(signal, message)));
    expect(items).toEqual(inputsOf(signal).map(({ bytes }) => itemLines(signal, decodeRequest(signal, bytes))));
  });

  it.each(ALL_SIGNALS)('%s compressed: the same content', (signal) => {
    const json = framed(fileOf('json.zst', signal)).map((message) => zstdDecompressSync(message).toString());
    expect(`${json.join('\n')}\n`).toBe(readFileSync(fileOf('json', signal), 'utf8'));
    const proto = framed(fileOf('proto.zst', signal)).map((message) => zstdDecompressSync(message));
    expect(proto).toEqual(framed(fileOf('proto', signal)));
  });
});

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
