import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../src/lib/index.ts';
import type { Progress } from './progress.ts';

const POLL_MS = 500;

/** Runs `work` while no other process holds the lock file. The lock of a process that has died is taken over. */
export async function withBuildLock<T>(path: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  const release = await acquireLock(path, (holder) => progress.phase(`waiting for the build of process ${holder}`));
  try {
    return await work();
  } finally {
    release();
  }
}

/** Resolves with what frees the lock file, once no living process holds it; tells once whom it waits for. */
export async function acquireLock(path: string, onWait: (holder: string) => void): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryLock(path)) {
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) onWait(String(holder ?? 'unknown'));
    told = true;
    await delay(POLL_MS);
  }
  return () => rmSync(path, { force: true });
}

function tryLock(path: string): boolean {
  try {
    const fd = openSync(path, 'wx');
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined in the moment between the creation of the file and the writing of the id. */
function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
