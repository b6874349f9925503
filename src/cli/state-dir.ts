import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ProcessIdentity, stillRuns } from './process-identity.ts';

/** What a running `sluice up` leaves for the other verbs to find it by. Readable by its owner alone: it holds the write token. */
export interface RunningEngine extends ProcessIdentity {
  readonly api: string;
  /** The address that its listeners are reached at from this machine. */
  readonly host: string;
  readonly token: string;
  readonly source: string;
  readonly startedAt: string;
  /** The `--port-offset` that it was started with. */
  readonly portOffset?: number;
  readonly ports: { readonly grpc: number; readonly http: number; readonly ui: number };
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_STATE_HOME/sluice`, by default `~/.local/state/sluice`. */
export function stateDir(env: Env): string {
  return join(env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'), 'sluice');
}

/** Registers this process; returns the function that takes the registration back. */
export function registerEngine(env: Env, engine: RunningEngine): () => void {
  const folder = join(stateDir(env), 'running');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${engine.pid}.json`);
  writeFileSync(file, `${JSON.stringify(engine)}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** Engines that still run, newest first; entries of processes that died are removed. */
export function findEngines(env: Env): readonly RunningEngine[] {
  const folder = join(stateDir(env), 'running');
  const found: RunningEngine[] = [];
  for (const name of listJson(folder)) {
    const file = join(folder, name);
    const engine = readEngine(file);
    if (engine !== undefined && stillRuns(engine)) found.push(engine);
    else rmSync(file, { force: true });
  }
  return found.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function listJson(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return []; // no engine has ever run here
  }
}

function readEngine(file: string): RunningEngine | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningEngine;
  } catch {
    return undefined; // half-written by a process that was killed
  }
}
