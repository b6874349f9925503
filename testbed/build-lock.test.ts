import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { withBuildLock } from './build-lock.ts';
import type { Progress } from './progress.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-build-lock-'));
const path = join(folder, 'cache', 'otelcol.lock');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recordingProgress(): Progress & { readonly phases: string[] } {
  const phases: string[] = [];
  return { phases, phase: (text) => void phases.push(text), stop: () => undefined };
}

describe('the build lock', () => {
  it('lets one build in at a time and tells the other whom it waits for', async () => {
    const events: string[] = [];
    const build = (name: string, progress: Progress) =>
      withBuildLock(path, progress, async () => {
        events.push(`${name} begins`);
        await delay(50);
        events.push(`${name} ends`);
      });
    const second = recordingProgress();
    await Promise.all([build('first', recordingProgress()), build('second', second)]);
    expect(events).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(second.phases).toEqual([`waiting for the build of process ${process.pid}`]);
    expect(existsSync(path)).toBe(false);
  });

  it('is free again after a build that failed', async () => {
    const failing = withBuildLock(path, recordingProgress(), () => Promise.reject(new Error('no compiler')));
    await expect(failing).rejects.toThrow('no compiler');
    expect(await withBuildLock(path, recordingProgress(), async () => 'built')).toBe('built');
  });

  it('takes over the lock of a process that has died', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await withBuildLock(path, recordingProgress(), async () => undefined);
    writeFileSync(path, String(pid));
    expect(await withBuildLock(path, recordingProgress(), async () => 'built')).toBe('built');
  });
});
