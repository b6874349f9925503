import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from './node-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-node-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a folder of the file system', () => {
  it('is made with those around it, and left as it is where it is there', async () => {
    const path = join(folder, 'a/b/c');
    await nodeFiles.makeDirectory(path);
    await writeFile(join(path, 'kept'), 'x');
    await nodeFiles.makeDirectory(path);
    expect(await nodeFiles.list(path)).toEqual([{ name: 'kept', bytes: 1, isFile: true }]);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('is not to be had where a file is', async () => {
    await writeFile(join(folder, 'file'), 'x');
    await expect(nodeFiles.makeDirectory(join(folder, 'file'))).rejects.toThrow('EEXIST');
    await expect(nodeFiles.makeDirectory(join(folder, 'file/a'))).rejects.toThrow('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')('is refused at once where none can be made', async () => {
    await expect(nodeFiles.makeDirectory('/proc/no-such-process/queue')).rejects.toThrow('ENOENT');
  });
});
