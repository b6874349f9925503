import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../progress.ts';
import { type ImageDefinition, packImage } from './docker-archive.ts';

const progress: Progress = { phase: () => undefined, stop: () => undefined };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  vi.stubEnv('SLUICE_TESTBED_CACHE', join(folder, 'cache'));
  mkdirSync(join(folder, 'tree/below'), { recursive: true });
  writeFileSync(join(folder, 'tree/program'), '#!/bin/sh\n');
  chmodSync(join(folder, 'tree/program'), 0o700);
  writeFileSync(join(folder, 'tree/below/data'), 'one');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const image = (): ImageDefinition => ({
  tag: 'example:1',
  files: [
    { kind: 'copy', target: '/opt/tree', source: join(folder, 'tree') },
    { kind: 'text', target: '/etc/passwd', text: 'root:x:0:0::/:/bin/sh\n' },
    { kind: 'link', target: '/bin/program', to: '/opt/tree/program' },
    { kind: 'scratch', target: '/tmp' },
  ],
  user: '10001:10001',
  entrypoint: ['/bin/program'],
});
const pack = () => packImage(image(), progress);
const extract = (path: string, name: string) => {
  const { stdout } = spawnSync('tar', ['-xOf', path, name], { maxBuffer: 1e8 });
  return stdout;
};

const skipNote = process.platform === 'linux' ? '' : ' (skipped: images are packed on Linux, with GNU tar)';

describe.skipIf(skipNote !== '')(`an image${skipNote}`, () => {
  it('names a layer by the hash of its bytes, with the user and the entrypoint', async () => {
    const path = await pack();
    const [manifest] = JSON.parse(extract(path, 'manifest.json').toString());
    expect(manifest.RepoTags).toEqual(['example:1']);
    const config = JSON.parse(extract(path, manifest.Config).toString());
    expect(manifest.Config).toBe(`${createHash('sha256').update(extract(path, manifest.Config)).digest('hex')}.json`);
    const layer = createHash('sha256').update(extract(path, manifest.Layers[0])).digest('hex');
    expect(config.rootfs.diff_ids).toEqual([`sha256:${layer}`]);
    expect(config.config).toMatchObject({ User: '10001:10001', Entrypoint: ['/bin/program'] });
  });

  it('has what anyone may read, owned by root', async () => {
    const layer = join(folder, 'layer.tar');
    writeFileSync(layer, extract(await pack(), 'layer.tar'));
    const { stdout } = spawnSync('tar', ['--numeric-owner', '-tvf', layer], { encoding: 'utf8' });
    const lines = stdout.split('\n').map((line) => line.replace(/\s+/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^-rwxr-xr-x 0\/0 .* \.\/opt\/tree\/program$/),
        expect.stringMatching(/^-rw-r--r-- 0\/0 .* \.\/opt\/tree\/below\/data$/),
        expect.stringMatching(/^lrwxrwxrwx 0\/0 .* \.\/bin\/program -> \/opt\/tree\/program$/),
        expect.stringMatching(/^drwxrwxrwt 0\/0 .* \.\/tmp\/$/),
      ]),
    );
  });

  it('is the same bytes when it is packed again from files of another time', async () => {
    const path = await pack();
    const bytes = readFileSync(path);
    rmSync(path);
    utimesSync(join(folder, 'tree/below/data'), 1, 1);
    expect(await pack()).toBe(path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('is another one when a file changes', async () => {
    const path = await pack();
    writeFileSync(join(folder, 'tree/below/data'), 'two');
    expect(await pack()).not.toBe(path);
  });
});
