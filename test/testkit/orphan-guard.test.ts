import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startOrphanGuard } from './orphan-guard.ts';
import { startProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-orphans-'));
afterEach(() => rmSync(join(folder, 'cleaned'), { force: true }));

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** Starts two sleepers under a guard, one of them forgotten again, and says who they are. */
const SCRIPT = `
  const { startOrphanGuard } = await import(${JSON.stringify(join(import.meta.dirname, 'orphan-guard.ts'))});
  const { startProcess } = await import(${JSON.stringify(join(import.meta.dirname, 'process.ts'))});
  const guard = startOrphanGuard('touch "$1"', [${JSON.stringify(join(folder, 'cleaned'))}]);
  const [watched, forgotten] = [await startProcess('sleep', ['60']), await startProcess('sleep', ['60'])];
  guard.watch(forgotten.pid);
  guard.watch(watched.pid);
  guard.forget(forgotten.pid);
  console.log(JSON.stringify([watched.pid, forgotten.pid]));
  setInterval(() => {}, 1000);`;

describe('an orphan guard', () => {
  it('kills what is watched and cleans up when the process dies, but not what it was told to forget', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').once('data', resolve);
    });
    const [watched, forgotten] = JSON.parse(line) as [number, number];
    try {
      expect([watched, forgotten].map(isAlive)).toEqual([true, true]);
      child.kill('SIGKILL');
      await waitFor('the cleaning', () => existsSync(join(folder, 'cleaned')));
      await waitFor('the end of the watched process', () => !isAlive(watched));
      expect(isAlive(forgotten)).toBe(true);
    } finally {
      process.kill(forgotten, 'SIGKILL');
    }
  });

  it('goes without doing anything when it is dismissed', async () => {
    const guard = startOrphanGuard('touch "$1"', [join(folder, 'cleaned')]);
    const running = await startProcess('sleep', ['60']);
    guard.watch(running.pid);
    await guard.dismiss();
    expect([isAlive(running.pid), existsSync(join(folder, 'cleaned'))]).toEqual([true, false]);
    await running.stop();
  });
});
