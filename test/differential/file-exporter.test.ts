import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import { sendHttp } from '../testkit/senders.ts';
import { itemLines } from './canonical.ts';
import { ALL_SIGNALS } from './case.ts';
import { type Input, plainInput, richInput } from './inputs.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const START = { otelcol: startOtelcol, sluice: startSluiceEngine } as const;
type PeerName = keyof typeof START;
const PEERS = ['otelcol', 'sluice'] as const;

const folder = mkdtempSync(join(tmpdir(), 'sluice-file-exporter-'));
const fileOf = (name: PeerName, file: string) => join(folder, name, file);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type FileSettings = Readonly<Record<string, unknown>>;

/** Starts a peer with file exporters, by the path of their file, each for all signals; sends the inputs in order and stops it. */
async function run(name: PeerName, files: Readonly<Record<string, FileSettings>>, inputs: readonly Input[]) {
  const port = await freePort();
  const entries = Object.entries(files).map(([file, settings], i) => [
    `file/${i}`,
    { path: fileOf(name, file), ...settings },
  ]);
  const pipeline = { receivers: ['otlp'], exporters: entries.map(([id]) => id) };
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: Object.fromEntries(entries),
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: Object.fromEntries(ALL_SIGNALS.map((signal) => [signal, pipeline])),
    },
  };
  const running = await START[name](JSON.stringify(config));
  try {
    for (const { signal, bytes } of inputs) {
      const headers = { 'content-type': 'application/x-protobuf' };
      expect((await sendHttp(port, { path: `/v1/${signal}`, body: bytes, headers })).status).toBe(200);
    }
  } finally {
    await running.stop();
  }
}

const bothRun = (files: Readonly<Record<string, FileSettings>>, inputs: readonly Input[]) =>
  Promise.all(PEERS.map((name) => run(name, files, inputs)));

const textOf = (name: PeerName, file: string) => readFileSync(fileOf(name, file), 'utf8');

/** Messages of a file, each behind its length. */
function framed(name: PeerName, file: string): Buffer[] {
  const bytes = readFileSync(fileOf(name, file));
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    messages.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

/** Go writes two digits of every exponent, 1e-09 for 1e-9. */
const withShortExponents = (json: string) => json.replaceAll(/(?<=\de[+-])0(?=\d)/g, '');

const few = { resources: 2, scopes: 2, items: 3 };
const INPUTS: readonly Input[] = ALL_SIGNALS.flatMap((signal) => [richInput(signal), plainInput(signal, 'plain', few)]);
const itemsOf = (messages: readonly Buffer[]) =>
  messages.map((message, i) => itemLines(INPUTS[i]!.signal, decodeRequest(INPUTS[i]!.signal, message)));

describe.skipIf(peer.status === 'missing')(`the file exporter writes what the Collector's does${skipNote}`, () => {
  beforeAll(async () => {
    const created = { create_directory: true };
    await bothRun(
      {
        'all/lines.json': created,
        'all/requests.pb': { ...created, format: 'proto' },
        'all/json.zst': { ...created, compression: 'zstd' },
        'all/proto.zst': { ...created, compression: 'zstd', format: 'proto' },
        'rotated/lines.json': { rotation: {} },
      },
      INPUTS,
    );
  });

  it('all signals as lines of JSON, in the order they were sent, with the same spelling of every value', () => {
    const lines = (name: PeerName) => withShortExponents(textOf(name, 'all/lines.json')).split('\n');
    expect(lines('otelcol')).toHaveLength(INPUTS.length + 1);
    expect(lines('sluice')).toEqual(lines('otelcol'));
  });

  it('protobuf behind its length', () => {
    expect(framed('otelcol', 'all/requests.pb')).toHaveLength(INPUTS.length);
    expect(itemsOf(framed('sluice', 'all/requests.pb'))).toEqual(itemsOf(framed('otelcol', 'all/requests.pb')));
  });

  it('compressed JSON behind its length, without the ends of lines', () => {
    const json = (name: PeerName) =>
      framed(name, 'all/json.zst').map((message) => withShortExponents(zstdDecompressSync(message).toString()));
    expect(json('otelcol')).toHaveLength(INPUTS.length);
    expect(json('sluice')).toEqual(json('otelcol'));
  });

  it('compressed protobuf behind its length', () => {
    const items = (name: PeerName) =>
      itemsOf(framed(name, 'all/proto.zst').map((message) => zstdDecompressSync(message)));
    expect(items('sluice')).toEqual(items('otelcol'));
  });

  it('the same permissions of files and directories, which rotation creates unasked', () => {
    const paths = ['all', 'all/lines.json', 'rotated', 'rotated/lines.json'];
    const modes = (name: PeerName) => paths.map((path) => statSync(fileOf(name, path)).mode.toString(8));
    expect(modes('sluice')).toEqual(modes('otelcol'));
  });
});

describe.skipIf(peer.status === 'missing')(`a file that is there already${skipNote}`, () => {
  const input = plainInput('traces', 'once', few);

  it('is emptied, or goes on with `append` or rotation', async () => {
    const files = {
      'again/emptied.json': { create_directory: true },
      'again/appended.json': { create_directory: true, append: true },
      'again/rotated.json': { rotation: {} },
    };
    for (let start = 0; start < 2; start++) await bothRun(files, [input]);
    const lineCounts = (name: PeerName) => Object.keys(files).map((file) => textOf(name, file).split('\n').length - 1);
    expect(lineCounts('otelcol')).toEqual([1, 2, 2]);
    for (const file of Object.keys(files)) expect(textOf('sluice', file)).toBe(textOf('otelcol', file));
  });

  it('is rotated when it is full, and surplus and old backups go', async () => {
    const settings = { rotation: { max_megabytes: 1, max_backups: 2, max_days: 10_000 } };
    const backups = ['2019', '2020', '2021'].map((year) => `full/out-${year}-01-01T00-00-00.000.json`);
    await bothRun({ 'full/out.json': settings }, [input]);
    const full = `${'x'.repeat(2 ** 20 - 1)}\n`;
    for (const name of PEERS) {
      for (const file of backups) writeFileSync(fileOf(name, file), file);
      writeFileSync(fileOf(name, 'full/out.json'), full);
    }
    await bothRun({ 'full/out.json': settings }, [input]);
    const contents = (name: PeerName) =>
      readdirSync(join(folder, name, 'full'))
        .sort()
        .map((file) => textOf(name, `full/${file}`));
    expect(contents('otelcol').map((text) => text.length)).toHaveLength(3);
    expect(contents('sluice')).toEqual(contents('otelcol'));
    expect(contents('sluice')).toContain(full);
  });
});

describe.skipIf(peer.status === 'missing')(`settings of the file exporter${skipNote}`, () => {
  const accepted = async (name: PeerName, settings: FileSettings): Promise<boolean> => {
    try {
      await run(name, { 'settings/out': { create_directory: true, ...settings } }, []);
      return true;
    } catch {
      return false;
    }
  };

  it.each<[string, FileSettings, boolean]>([
    ['every rotation setting', { rotation: { max_megabytes: 1, max_backups: 2, max_days: 3, localtime: true } }, true],
    ['a rotation without limits', { rotation: { max_megabytes: 0, max_backups: 0, max_days: 0 } }, true],
    ['no compression, as an empty string', { compression: '' }, true],
    ['no compression, as `none`', { compression: 'none' }, false],
    ['a compression it does not have', { compression: 'gzip' }, false],
    ['rotation of compressed files', { compression: 'zstd', rotation: {} }, true],
    ['append and rotation', { append: true, rotation: {} }, false],
    ['append and compression', { append: true, compression: 'zstd' }, false],
    ['a format it does not have', { format: 'text' }, false],
    ['a flush interval', { flush_interval: '5s' }, true],
    ['a negative flush interval', { flush_interval: '-5s' }, false],
    ['an empty path', { path: '' }, false],
    ['a misspelt rotation setting', { rotation: { max_size: 1 } }, false],
  ])('%s', async (_, settings, expected) => {
    expect(await Promise.all(PEERS.map((name) => accepted(name, settings)))).toEqual([expected, expected]);
  });
});
