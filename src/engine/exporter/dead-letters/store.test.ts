import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, testDeps } from '../../../../test/testkit/engine.ts';
import { waitFor } from '../../../../test/testkit/wait-for.ts';
import { componentId } from '../../../otelcol/index.ts';
import type { DeadLetterReason } from '../dead-letters.ts';
import { listLetterFiles, readLettersLeft, removeLetterFile, takeOut } from './folder.ts';
import { DeadLetterStore } from './store.ts';

const REASON: DeadLetterReason = { cause: 'rejected_by_backend', message: 'not this', rejectedMs: 1_764_000_000_000 };

let folder: string;
let deps: ReturnType<typeof testDeps>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-letters-'));
  deps = testDeps();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const directory = (): string => join(folder, 'letters');
const open = (maxBytes = 1024 * 1024) => {
  const store = new DeadLetterStore({ directory: directory(), maxBytes, deps });
  const { add } = store.of(componentId('otlp', 'x'));
  return { store, add, close: () => store.close() };
};

async function itemCounts(): Promise<number[]> {
  const counts: number[] = [];
  for (const { path } of await listLetterFiles(directory()))
    counts.push(...(await readLettersLeft(path)).letters.map(({ itemCount }) => itemCount));
  return counts;
}

const metric = (name: string, label = ''): number => {
  const lines = deps.metrics.renderPrometheus().split('\n');
  const line = lines.find((one) => one.startsWith(`${name}{`) && one.includes(label));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
};
const lost = (reason: string): number => metric('sluice_dead_letters_lost_total', `reason="${reason}"`);
const diskBytes = async (): Promise<number> =>
  (await listLetterFiles(directory())).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const items = (count: number): string[] => Array.from({ length: count }, (_, i) => `item ${i}`);

describe('dead letters', () => {
  it('are on disk when they are closed, in order, readable by their owner alone', async () => {
    const letters = open();
    for (let i = 1; i <= 50; i++) letters.add(batchOf(items(i)), REASON);
    await letters.close();
    expect(await itemCounts()).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(metric('sluice_dead_letters_written_total')).toBe(50);
    expect(metric('sluice_dead_letters_items_total')).toBe(1275);
    expect(metric('sluice_dead_letters_bytes')).toBe(await diskBytes());
    const [file] = await listLetterFiles(directory());
    expect(statSync(file!.path).mode & 0o777).toBe(0o600);
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
  });

  it('leave no trace where nothing is rejected', async () => {
    await open().close();
    expect(existsSync(directory())).toBe(false);
  });

  it('stay over a restart, and come in after what was there', async () => {
    for (const count of [1, 2, 3]) {
      const letters = open();
      letters.add(batchOf(items(count)), REASON);
      await letters.close();
    }
    expect(await itemCounts()).toEqual([1, 2, 3]);
    const letters = open();
    await waitFor('what the metrics tell', () => metric('sluice_dead_letters_bytes') > 0);
    expect(metric('sluice_dead_letters_bytes')).toBe(await diskBytes());
    await letters.close();
  });

  it('take no more room than they may: the oldest go, counted', async () => {
    for (let i = 1, letters = open(20_000); i <= 2000; i++) {
      letters.add(batchOf(items((i % 9) + 1)), REASON);
      if (i % 40 !== 0) continue;
      await letters.close();
      expect(await diskBytes()).toBeLessThanOrEqual(20_000);
      if (i < 2000) letters = open(20_000);
    }
    expect(await diskBytes()).toBeGreaterThan(10_000);
    const left = await itemCounts();
    expect(left.at(-1)).toBe((2000 % 9) + 1);
    expect(left.length + lost('removed')).toBe(2000);
  });

  it('take no more room than they may, also all in one go', async () => {
    const letters = open(20_000);
    for (let i = 1; i <= 2000; i++) letters.add(batchOf(items((i % 9) + 1)), REASON);
    await letters.close();
    expect(await diskBytes()).toBeLessThanOrEqual(20_000);
    expect(await diskBytes()).toBeGreaterThan(10_000);
    expect((await itemCounts()).length + lost('removed')).toBe(2000);
  });

  it('do not keep a letter that is larger than all the room, nor give up others for it', async () => {
    const letters = open(5000);
    letters.add(batchOf(['a']), REASON);
    letters.add(batchOf(items(1000)), REASON);
    letters.add(batchOf(['b']), REASON);
    await letters.close();
    expect(await itemCounts()).toEqual([1, 1]);
    expect(lost('too_large')).toBe(1);
  });

  it('never hold more than a bound in memory', async () => {
    const letters = open(100 * 1024 * 1024);
    const batch = batchOf(items(20_000));
    for (let i = 0; i < 200; i++) letters.add(batch, REASON);
    await letters.close();
    const kept = (await itemCounts()).length;
    expect(kept * batch.bytes.length).toBeLessThan(9 * 1024 * 1024);
    expect(kept + lost('overrun')).toBe(200);
    expect(kept).toBeGreaterThan(2);
  });

  it('are counted while the disk does not take them, and kept again when it does', async () => {
    writeFileSync(directory(), 'a file where the folder should be');
    const letters = open();
    letters.add(batchOf(['a']), REASON);
    letters.add(batchOf(['b']), REASON);
    await waitFor('what the metrics tell', () => lost('disk') === 2);
    rmSync(directory());
    letters.add(batchOf(['c', 'd']), REASON);
    await letters.close();
    expect(await itemCounts()).toEqual([2]);
    expect(lost('disk')).toBe(2);
  });

  it('go to a new file when theirs was taken away', async () => {
    const letters = open();
    letters.add(batchOf(['a']), REASON);
    await waitFor('what the metrics tell', () => metric('sluice_dead_letters_written_total') === 1);
    for (const name of readdirSync(directory())) rmSync(join(directory(), name));
    letters.add(batchOf(['b', 'c']), REASON);
    await letters.close();
    expect(await itemCounts()).toEqual([2]);
  });

  it('are not read again once they were taken out, nor counted as lost when their file goes', async () => {
    const letters = open(4000);
    for (let i = 0; i < 3; i++) letters.add(batchOf(items(i + 1)), REASON);
    await waitFor('what the metrics tell', () => metric('sluice_dead_letters_written_total') === 3);
    const files = await listLetterFiles(directory());
    let taken = 0;
    for (const { path } of files) {
      const left = await readLettersLeft(path);
      await takeOut(path, left.letters);
      taken += left.letters.length;
      expect(await readLettersLeft(path)).toMatchObject({ letters: [], taken: left.letters.length });
    }
    expect(taken).toBe(3);
    expect(await itemCounts()).toEqual([]);
    for (let i = 0; i < 100; i++) letters.add(batchOf(items(2)), REASON);
    await letters.close();
    const left = (await itemCounts()).length;
    expect(left + lost('removed')).toBe(100);
    for (const { path } of await listLetterFiles(directory())) await removeLetterFile(path);
    expect(readdirSync(directory())).toEqual([]);
  });

  it('are on disk when they are said to be, or counted as lost', async () => {
    const { add, close } = open(5000);
    await add(batchOf(['a']), REASON);
    expect(await itemCounts()).toEqual([1]);
    await add(batchOf(items(1000)), REASON);
    expect(lost('too_large')).toBe(1);
    await close();
  });

  it('of several exporters go through one writer, each with its own name and figures', async () => {
    const { store, add, close } = open();
    const other = store.of(componentId('otlp', 'y'));
    await Promise.all([add(batchOf(['a']), REASON), other.add(batchOf(['b', 'c']), REASON)]);
    await close();
    const files = await listLetterFiles(directory());
    expect(files).toHaveLength(1);
    const { letters } = await readLettersLeft(files[0]!.path);
    expect(letters.map(({ exporter, itemCount }) => [exporter, itemCount])).toEqual([
      ['otlp/x', 1],
      ['otlp/y', 2],
    ]);
    expect(metric('sluice_dead_letters_items_total', 'otlp/y')).toBe(2);
  });

  it('go on in a new file after a rest, and within another bound once it is given', async () => {
    const { store, add, close } = open();
    await add(batchOf(['a']), REASON);
    await store.rest();
    await add(batchOf(['b']), REASON);
    expect(await listLetterFiles(directory())).toHaveLength(2);
    store.limit(100);
    await add(batchOf(['c']), REASON);
    expect(lost('too_large')).toBe(1);
    await close();
  });

  it('stay when another was taken out that stood in the same place', async () => {
    const write = async () => {
      const { add, close } = open();
      await add(batchOf(['a']), REASON);
      await close();
      const [file] = await listLetterFiles(directory());
      return { path: file!.path, letters: (await readLettersLeft(file!.path)).letters };
    };
    const former = await write();
    await removeLetterFile(former.path);
    const later = await write();
    expect([later.path, later.letters[0]!.offset]).toEqual([former.path, former.letters[0]!.offset]);
    // Whoever took the former out was slower than the writer.
    await takeOut(former.path, former.letters);
    expect(await itemCounts()).toEqual([1]);
    await takeOut(later.path, later.letters);
    expect(await itemCounts()).toEqual([]);
  });

  it('keep what could be half a line of what was taken out', async () => {
    const letters = open();
    for (let i = 0; i < 2; i++) letters.add(batchOf(items(i + 1)), REASON);
    await letters.close();
    const [file] = await listLetterFiles(directory());
    const { letters: found } = await readLettersLeft(file!.path);
    writeFileSync(file!.path.replace('.letters', '.taken'), `${found[0]!.nonce}\n${found[1]!.nonce}`);
    expect((await readLettersLeft(file!.path)).letters.map(({ itemCount }) => itemCount)).toEqual([2]);
  });
});
