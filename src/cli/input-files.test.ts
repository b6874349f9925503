import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCliContext } from '../../test/testkit/cli-context.ts';
import { readInputFiles } from './input-files.ts';
import { writeFileOrExplain } from './output-file.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-files-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const put = (name: string, text = name) => writeFileSync(join(cwd, name), text);
const read = (paths?: readonly string[]) => readInputFiles(paths, createCliContext({ cwd }).context);

describe('the files that -f names', () => {
  it('are read in the order given, those of a folder by name, under the names people call them', async () => {
    mkdirSync(join(cwd, 'dir'));
    for (const name of ['z.yaml', 'dir/b.yml', 'dir/a.yaml', 'dir/notes.md']) put(name);
    expect(await read(['z.yaml', 'dir', 'z.yaml'])).toEqual(
      ['z.yaml', 'dir/a.yaml', 'dir/b.yml'].map((file) => ({ file, text: file })),
    );
  });

  it('are ./telemetry.yaml and ./telemetry/ when none is named', async () => {
    await expect(read()).rejects.toMatchObject({
      exitCode: 2,
      code: 'SL0604',
      hints: [expect.stringContaining('-f FILE'), 'or begin:  sluice init --write'],
    });
    put('telemetry.yaml');
    expect(await read()).toEqual([{ file: 'telemetry.yaml', text: 'telemetry.yaml' }]);
  });

  it('that are missing are named, with one of that folder that may be meant', async () => {
    put('telemetry.yaml');
    await expect(read(['telemtry.yaml'])).rejects.toMatchObject({
      exitCode: 2,
      message: 'no such file telemtry.yaml',
      hints: ['did you mean:  telemetry.yaml'],
    });
    await expect(read(['no/where.yaml'])).rejects.toMatchObject({ message: 'no such file no/where.yaml' });
  });

  it('must be there: a folder without YAML is a mistake', async () => {
    mkdirSync(join(cwd, 'empty'));
    await expect(read(['empty'])).rejects.toMatchObject({ message: 'no *.yaml file in empty' });
  });

  it('are neither hidden ones of a folder, which are locks and copies of editors, nor its folders', async () => {
    for (const folder of ['dir', 'dir/sub.yaml']) mkdirSync(join(cwd, folder));
    for (const name of ['dir/a.yaml', 'dir/._a.yaml']) put(name);
    symlinkSync('somebody@host.42:1', join(cwd, 'dir/.#a.yaml'));
    expect(await read(['dir'])).toEqual([{ file: 'dir/a.yaml', text: 'dir/a.yaml' }]);
    symlinkSync('nowhere', join(cwd, 'dir/b.yaml'));
    await expect(read(['dir'])).rejects.toMatchObject({ message: 'no such file dir/b.yaml' });
  });

  it('are not read when they are larger than any pipeline file', async () => {
    put('huge.yaml');
    truncateSync(join(cwd, 'huge.yaml'), 9 * 2 ** 20);
    await expect(read(['huge.yaml'])).rejects.toMatchObject({ exitCode: 2, code: 'SL0604' });
  });

  it.skipIf(process.platform === 'win32')('of a device end at the same size', async () => {
    await expect(read(['/dev/zero'])).rejects.toMatchObject({
      code: 'SL0604',
      message: expect.stringMatching(/\/dev\/zero has more than 8388608 bytes/),
    });
  });

  it.skipIf(process.platform === 'win32')(
    'of a folder are files: nobody waits for a pipe that lies in it',
    async () => {
      mkdirSync(join(cwd, 'dir'));
      put('dir/a.yaml');
      execFileSync('mkfifo', [join(cwd, 'dir/b.yaml')]);
      expect(await read(['dir'])).toMatchObject([{ file: 'dir/a.yaml' }]);
    },
  );
});

describe('a file to write', () => {
  it('that cannot be written is named with the reason', () => {
    expect(() => writeFileOrExplain(join(cwd, 'no/ready.json'), '')).toThrow('its folder does not exist');
    mkdirSync(join(cwd, 'folder'));
    expect(() => writeFileOrExplain(join(cwd, 'folder'), '')).toThrow('it is a folder');
  });

  it('leaves nothing of its text behind when it cannot be put in place', () => {
    mkdirSync(join(cwd, 'place'));
    expect(() => writeFileOrExplain(join(cwd, 'place'), 'secret')).toThrow();
    expect(readdirSync(cwd).filter((name) => name.startsWith('place'))).toEqual(['place']);
  });
});
