import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import { type FileWatch, watchFiles } from './watch-files.ts';

describe('watched files', () => {
  let folder: string;
  let watch: FileWatch | undefined;
  let count = 0;
  const changed = () => {
    count++;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
    count = 0;
  });
  afterEach(() => {
    watch?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tell of a write in steps once, and of a rename onto the file', async () => {
    const file = join(folder, 'a.yaml');
    watch = watchFiles([{ folder, names: new Set(['a.yaml']) }], { clock: systemClock, changed });
    writeFileSync(file, 'a');
    writeFileSync(file, 'b');
    await waitFor('the write', () => count > 0);
    const before = count;
    writeFileSync(`${file}.tmp`, 'c');
    renameSync(`${file}.tmp`, file);
    await waitFor('the rename', () => count > before);
  });

  it('do not tell of files beside them', async () => {
    watch = watchFiles([{ folder, names: new Set(['a.yaml']) }], { clock: systemClock, changed });
    writeFileSync(join(folder, 'b.yaml'), 'x');
    writeFileSync(join(folder, 'a.yaml.swp'), 'x');
    writeFileSync(join(folder, 'a.yaml'), 'x');
    await waitFor('the one that matters', () => count > 0);
    expect(count).toBe(1);
  });

  it('in a folder are those of YAML, also when the folder comes later', async () => {
    const inner = join(folder, 'pipelines');
    const folders = [
      { folder, names: new Set(['pipelines']) },
      { folder: inner, names: undefined },
    ];
    watch = watchFiles(folders, { clock: systemClock, changed });
    mkdirSync(inner);
    await waitFor('the folder', () => count > 0);
    watch.update(folders);
    const before = count;
    writeFileSync(join(inner, 'a.yml'), 'x');
    await waitFor('the file', () => count > before);
  });

  it('are told of in a folder that took the place of another, at once or later', async () => {
    const inner = join(folder, 'pipelines');
    mkdirSync(inner);
    const folders = [{ folder: inner, names: new Set(['a.yaml']) }];
    const follow = () => {
      changed();
      watch!.update(folders);
    };
    watch = watchFiles(folders, { clock: systemClock, changed: follow });
    for (const replace of [() => rmSync(inner, { recursive: true }), () => renameSync(inner, `${inner}.old`)]) {
      const before = count;
      replace();
      mkdirSync(inner);
      await waitFor('the other folder', () => count > before);
      const seen = count;
      writeFileSync(join(inner, 'a.yaml'), 'x');
      await waitFor('the file in it', () => count > seen, { timeoutMs: 500 });
    }
  });
});
