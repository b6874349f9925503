import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCliContext } from '../../../test/testkit/cli-context.ts';
import { InputSources } from './input-sources.ts';

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-sources-')));
  mkdirSync(join(cwd, 'dir'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(join(cwd, name), text);
const open = (...files: readonly string[]) =>
  new InputSources({ files, secrets: [] }, createCliContext({ cwd }).context);

describe('files read again', () => {
  it('of a folder are those that are there; one that cannot be read keeps its last text and costs the others nothing', async () => {
    put('dir/a.yaml', 'a1');
    put('dir/b.yaml', 'b1');
    const sources = open('dir');
    await sources.readFirst();
    put('dir/a.yaml', 'a2');
    truncateSync(join(cwd, 'dir/b.yaml'), 9 * 2 ** 20);
    symlinkSync('nowhere', join(cwd, 'dir/c.yaml'));
    const now = await sources.readAgain();
    expect(now.files).toEqual([
      { file: 'dir/a.yaml', text: 'a2' },
      { file: 'dir/b.yaml', text: 'b1' },
    ]);
    expect([...now.unreadable]).toEqual(['dir/b.yaml']);
    expect(now.issues.map(({ message, notes }) => [message, notes?.length])).toEqual([
      ['dir/b.yaml has 9437184 bytes; a pipeline file has at most 8388608', 1],
      ['no such file dir/c.yaml', undefined],
    ]);
    expect((await sources.readAgain()).files).toEqual(now.files);
    for (const name of ['a', 'b', 'c']) rmSync(join(cwd, `dir/${name}.yaml`));
    expect(await sources.readAgain()).toEqual({ files: [], secretFiles: [], issues: [], unreadable: new Set() });
  });

  it('stay as they were when the folder is gone', async () => {
    put('dir/a.yaml', 'a1');
    const sources = open('dir');
    const { files } = await sources.readFirst();
    rmSync(join(cwd, 'dir'), { recursive: true });
    const now = await sources.readAgain();
    expect(now.files).toEqual(files);
    expect(now.issues.map(({ message }) => message)).toEqual(['no such file dir']);
  });

  it('are not those of a pipe, which can be read once', async () => {
    const pipe = join(cwd, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `echo text > ${pipe}`]);
    const sources = open(pipe);
    const { files } = await sources.readFirst();
    await once(writer, 'exit');
    expect(files).toEqual([{ file: 'pipe', text: 'text\n' }]);
    expect((await sources.readAgain()).files).toEqual(files);
  });

  it('are watched where links lead to', async () => {
    mkdirSync(join(cwd, 'real'));
    put('real/x.yaml', 'x');
    symlinkSync('../real/x.yaml', join(cwd, 'dir/a.yaml'));
    const real = { folder: join(cwd, 'real'), names: new Set(['x.yaml']) };
    expect(open('dir/a.yaml').watched()).toContainEqual(real);
    expect(open('dir').watched()).toContainEqual(real);
  });
});
