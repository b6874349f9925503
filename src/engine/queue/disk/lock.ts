import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, parseProcessStat } from '../../../lib/index.ts';
import type { DirectoryLock } from './files.ts';

/**
 * A folder belongs to the process that its file `lock` names, for as long as that process lives: Node has no `flock`.
 *
 * - The owner is named by pid, start and boot, so that a pid that is used again, as 1 is in every container, claims nothing.
 *   What it cannot tell: that a process lives in another container of the same node, whose pids are not seen from here.
 * - The file is never removed and always as long: to claim it again takes no space, which a full disk would not give.
 * - Who looks whether the owner lives, and claims, has `lock.claim` meanwhile, so that two do not find the same owner gone.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  const leave = await enter(join(directory, 'lock.claim'));
  try {
    const owner = parseOwner(await readText(path));
    if (owner !== undefined && (await isAlive(owner))) return { status: 'held', by: nameOf(owner) };
    const claim = JSON.stringify({ ...(await identify(process.pid)), claim: randomUUID() }).padEnd(LOCK_BYTES);
    await writeText(path, claim);
    return {
      status: 'locked',
      release: async () => {
        if ((await readText(path)) === claim) await writeText(path, ''.padEnd(LOCK_BYTES));
      },
    };
  } finally {
    await leave();
  }
}

/** Whether a process that lives has claimed a folder; claims nothing itself. */
export async function isDirectoryHeld(directory: string): Promise<boolean> {
  const owner = parseOwner(await readText(join(directory, 'lock')));
  return owner !== undefined && isAlive(owner);
}

/** With what can be done about it. */
function nameOf({ pid }: Owner): string {
  return pid === process.pid
    ? 'another queue of this process, which has not left it: restart if its disk hangs'
    : `process ${pid}: stop it`;
}

const LOCK_BYTES = 256;
/** To claim takes a few milliseconds: whoever is seen at it for so long was killed in the middle of it. */
const CLAIM_MS = 3000;
const POLL_MS = 20;

/** Makes a file that one process at a time can make; returns what removes it. */
async function enter(path: string): Promise<() => Promise<void>> {
  let seen: string | undefined;
  let seenMs = 0;
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      // A full disk need not have room for a name. Then the backlog is worth more than what two starts at once could do.
      if (['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) return async () => {};
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const found = await stat(path).then(
      ({ ino, mtimeMs }) => `${ino} ${mtimeMs}`,
      () => undefined,
    );
    const nowMs = performance.now();
    if (found === undefined || found !== seen) {
      seen = found;
      seenMs = nowMs;
    } else if (nowMs - seenMs > CLAIM_MS) await rm(path, { force: true });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A process. `start` and `boot` are null where the system does not tell. */
interface Owner {
  readonly pid: number;
  readonly start: string | null;
  readonly boot: string | null;
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = await identify(owner.pid);
  return now !== undefined && now.start === owner.start && now.boot === owner.boot;
}

/** Undefined when it has ended. */
async function identify(pid: number): Promise<Owner | undefined> {
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  const text = await readText(`/proc/${pid}/stat`);
  const stat = text === undefined ? undefined : parseProcessStat(text);
  if (stat?.hasEnded) return undefined;
  return { pid, start: stat?.start ?? null, boot: boot?.trim() ?? null };
}

/** Undefined for whatever names nobody: a lock that was released, or bytes that somebody else put there. */
function parseOwner(text: string | undefined): Owner | undefined {
  try {
    const { pid, start, boot } = JSON.parse(text ?? '') as Owner;
    return Number.isInteger(pid) && pid > 0 ? { pid, start, boot } : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function writeText(path: string, text: string): Promise<void> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return open(path, 'w', 0o600);
    throw error;
  });
  try {
    await file.write(text, 0);
  } finally {
    await file.close();
  }
}
