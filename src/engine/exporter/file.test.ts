import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, DELIVERED, namesOf, requestOf, startTestEngine, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { encodeJson } from '../../otlp/index.ts';
import { FileWriter } from './file-writer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = (file: Record<string, unknown>) =>
  startTestEngine(
    configOf({ exporters: { file }, pipelines: { traces: { exporters: ['file'] }, logs: { exporters: ['file'] } } }),
  );

/** Messages of a file in which each stands behind its length. */
function framed(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

describe('the file exporter', () => {
  it('writes a line of OTLP/JSON per request, all signals into one file', async () => {
    const path = join(folder, 'out.jsonl');
    const test = await start({ path });
    expect(await test.send(['a', 'b'])).toEqual(DELIVERED);
    expect(await test.send(['c'], 'logs')).toEqual(DELIVERED);
    await test.stop();
    expect(await readFile(path, 'utf8')).toBe(
      `${encodeJson('traces', requestOf(['a', 'b']))}\n${encodeJson('logs', requestOf(['c'], 'logs'))}\n`,
    );
  });

  it('writes protobuf, and what is compressed, behind its length', async () => {
    const proto = join(folder, 'out.binpb');
    const first = await start({ path: proto, format: 'proto' });
    await first.send(['a']);
    await first.send(['b']);
    await first.stop();
    const messages = framed(await readFile(proto));
    expect(messages.flatMap((bytes) => namesOf({ signal: 'traces', bytes }))).toEqual(['a', 'b']);

    const zstd = join(folder, 'out.zst');
    const second = await start({ path: zstd, compression: 'zstd' });
    await second.send(['a']);
    await second.stop();
    expect(framed(await readFile(zstd)).map((bytes) => zstdDecompressSync(bytes).toString())).toEqual([
      encodeJson('traces', requestOf(['a'])),
    ]);
  });

  it('begins anew at every start, unless it is to append', async () => {
    const path = join(folder, 'deep', 'out.jsonl');
    for (const append of [false, false, true]) {
      const test = await start({ path, append, create_directory: true });
      await test.send(['a']);
      await test.stop();
    }
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('keeps what it wrote when it gets other settings while the engine runs', async () => {
    const path = join(folder, 'out.jsonl');
    const config = (settings: object) =>
      configOf({ exporters: { file: { path, ...settings } }, pipelines: { traces: { exporters: ['file'] } } });
    const test = await startTestEngine(config({}));
    await test.send(['a']);
    await test.engine.reload(config({ flush_interval: '2s' }));
    await test.send(['b']);
    await test.stop();
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('does not start when the file cannot be written, and says which', async () => {
    const path = join(folder, 'missing', 'out.jsonl');
    await expect(start({ path })).rejects.toMatchObject({
      code: 'file_unwritable',
      message: expect.stringContaining(path),
    });
  });

  it('tells the sender when the disk fails, and counts the items as refused', async () => {
    const test = await start({ path: '/dev/full' });
    expect(await test.send(['a'])).toMatchObject({ failure: { message: expect.stringContaining('no space left') } });
    expect(test.engine.snapshot().pipelines.find(({ id }) => id === 'traces')).toMatchObject({
      ledger: { refused: 1 },
      exporters: [{ state: 'failing', failure: { kind: 'disk' } }],
    });
    await test.stop();
  });

  it('drops what the disk does not take when the sender has its answer already', async () => {
    const test = await startTestEngine(
      configOf({
        processors: { batch: { timeout: '1ms' } },
        exporters: { file: { path: '/dev/full' } },
        pipelines: { traces: { processors: ['batch'], exporters: ['file'] } },
      }),
      { deps: testDeps() },
    );
    expect(await test.send(['a'])).toEqual(DELIVERED);
    await test.stop();
    expect(test.engine.snapshot().pipelines[0]!.ledger.dropped).toEqual({ write_failed: 1 });
  });
});

describe('rotation', () => {
  it('begins a new file before the old one would pass its size, keeps the newest backups and loses no message', async () => {
    const path = join(folder, 'out.jsonl');
    const clock = createFakeClock();
    const rotation = { maxBytes: 100, maxBackups: 3, maxDays: 0, localtime: false };
    const writer = new FileWriter({ path, clock, append: false, createDirectory: false, rotation });
    await writer.open();
    const written: string[] = [];
    for (let i = 0; i < 20; i++) {
      const message = `${String(i).padStart(29, '.')}\n`;
      written.push(message);
      expect(await writer.write(Buffer.from(message))).toBeUndefined();
      await clock.advance(1000);
    }
    await writer.close();
    const files = (await readdir(folder)).sort();
    expect(files).toHaveLength(4);
    for (const file of files) expect((await stat(join(folder, file))).size).toBeLessThanOrEqual(100);
    expect(files[0]).toMatch(/^out-2023-11-14T22-13-\d\d\.\d{3}\.jsonl$/);
    const kept = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('');
    expect(kept).toBe(written.slice(-11).join(''));
  });

  it('keeps no backup that is older, by its name, than the days given', async () => {
    const path = join(folder, 'out.jsonl');
    const clock = createFakeClock(Date.UTC(2026, 0, 10));
    const backups = ['out-2026-01-07T23-59-59.999.jsonl', 'out-2026-01-08T00-00-00.000.jsonl'];
    const others = ['out-2020.jsonl', 'output-2020-01-01T00-00-00.000.jsonl'];
    for (const name of [...backups, ...others]) await writeFile(join(folder, name), '');
    const rotation = { maxBytes: 10, maxBackups: 0, maxDays: 2, localtime: false };
    const writer = new FileWriter({ path, clock, append: false, createDirectory: false, rotation });
    await writer.open();
    await writer.close();
    expect((await readdir(folder)).sort()).toEqual([others[0], backups[1], 'out.jsonl', others[1]].sort());
  });

  it('goes on when the full file has been moved away, and gives the next the permissions of the last', async () => {
    const path = join(folder, 'deep', 'out.jsonl');
    const rotation = { maxBytes: 10, maxBackups: 0, maxDays: 0, localtime: false };
    const writer = new FileWriter({ path, clock: createFakeClock(), append: false, createDirectory: false, rotation });
    await writer.open();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writer.close();
    await chmod(path, 0o640);
    await writer.open();
    await writer.write(Buffer.from('0123456789'));
    await rm(join(folder, 'deep'), { recursive: true });
    expect(await writer.write(Buffer.from('x'))).toBeUndefined();
    await writer.close();
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readFile(path, 'utf8')).toBe('x');
  });

  it('takes a message that is larger than a file', async () => {
    const path = join(folder, 'out.jsonl');
    const rotation = { maxBytes: 10, maxBackups: 0, maxDays: 0, localtime: false };
    const writer = new FileWriter({ path, clock: createFakeClock(), append: false, createDirectory: false, rotation });
    await writer.open();
    await writer.write(Buffer.from('x'.repeat(50)));
    await writer.close();
    expect((await stat(path)).size).toBe(50);
  });
});
