import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import { FileWriter } from './file-writer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-writer-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A process that may write files of one block only stands for one with a full disk: the system takes the beginning of a message. */
it('leaves no half of a message that did not fit, so that the next one is readable', async () => {
  const path = join(folder, 'out.jsonl');
  const script = join(folder, 'write.ts');
  const source = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  await writeFile(
    script,
    `import { FileWriter } from ${source('./file-writer.ts')};
     import { systemClock } from ${source('../../lib/index.ts')};
     const options = { path: ${JSON.stringify(path)}, clock: systemClock, append: false, createDirectory: false };
     const writer = new FileWriter(options);
     await writer.open();
     const outcomes = [];
     for (const size of [600, 600, 100]) outcomes.push((await writer.write(Buffer.alloc(size, String(size)[0])))?.kind);
     process.stdout.write(JSON.stringify(outcomes));`,
  );
  const command = `ulimit -f 1; "$1" "$2" | cat`;
  const { stdout } = await promisify(execFile)('bash', ['-c', command, 'bash', process.execPath, script]);
  expect(JSON.parse(stdout)).toEqual([null, 'disk', null]);
  expect(await readFile(path, 'utf8')).toBe('6'.repeat(600) + '1'.repeat(100));
});

it.skipIf(process.platform !== 'linux')('says so when its folder cannot be made at all', async () => {
  const options = { path: '/proc/nope/out.jsonl', clock: systemClock, append: false, createDirectory: true };
  await expect(new FileWriter(options).open()).rejects.toMatchObject({ code: 'file_unwritable' });
});

it('makes the folders above its file', async () => {
  const path = join(folder, 'a/b/c/out.jsonl');
  const writer = new FileWriter({ path, clock: systemClock, append: false, createDirectory: true });
  await writer.open();
  await writer.write(Buffer.from('x'));
  await writer.close();
  expect(await readFile(path, 'utf8')).toBe('x');
});
