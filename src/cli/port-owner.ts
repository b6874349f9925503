import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** The program that listens on a TCP port of this machine. */
export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** A program that is run by another stands behind that one's options. */
const MAX_COMMAND_CHARS = 240;

/** Finds it through /proc; undefined on other systems, or when it belongs to somebody whose processes we may not read. */
export function findPortOwner(port: number): PortOwner | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of processIds()) {
    if (!holdsSocket(pid, inodes)) continue;
    const command = readText(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
    return { pid, command: command.slice(0, MAX_COMMAND_CHARS) };
  }
  return undefined;
}

function listeningInodes(port: number): Set<string> {
  const inodes = new Set<string>();
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readText(table).split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      const LISTEN = '0A';
      if (columns[1]?.endsWith(`:${hexPort}`) && columns[3] === LISTEN && columns[9])
        inodes.add(`socket:[${columns[9]}]`);
    }
  }
  return inodes;
}

function processIds(): readonly number[] {
  return readNames('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  return readNames(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false; // closed while we looked
    }
  });
}

/** Time of the process's start, or undefined when it is gone. */
export function startTime(pid: number): Date | undefined {
  try {
    return statSync(`/proc/${pid}`).ctime;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readNames(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
