import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDir } from './local/data-dir.ts';
import { identifyProcess, type ProcessIdentity, stillRuns } from './process-identity.ts';
import { findEngines, type RunningEngine, registerEngine, stateDir } from './state-dir.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const self = identifyProcess(process.pid)!;

/** A process that has ended, so that its id is nobody's. */
async function endedProcess(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const identity = identifyProcess(child.pid!)!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

describe('the identity of a process', () => {
  it('holds while it runs and no longer', async () => {
    expect(stillRuns(self)).toBe(true);
    expect(stillRuns(await endedProcess())).toBe(false);
  });

  it.runIf(process.platform === 'linux')('tells a process from a later one with the same id', () => {
    expect(self.started).not.toBe('');
    expect(stillRuns({ pid: self.pid, started: `${self.started}0` })).toBe(false);
  });

  it.runIf(process.platform === 'linux')("is nobody's once it has ended, though nobody asked how", async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
      const identity = identifyProcess(Number(printed.toString()))!;
      expect(identity.started).not.toBe('');
      await expect.poll(() => stillRuns(identity), { timeout: 10_000 }).toBe(false);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('never asks after a process group', () => {
    for (const pid of [0, -1, Number.NaN, 1.5]) expect(identifyProcess(pid)).toBeUndefined();
  });
});

describe('the data directory', () => {
  it('lets one engine in, names it to the second, and lets the next in after its release', () => {
    const first = openDataDir('data', folder);
    expect(() => openDataDir('data', folder)).toThrow(`is in use by another engine (pid ${process.pid})`);
    first.release();
    openDataDir('data', folder).release();
  });

  it('is free again after kill -9, and after a lock that was cut off', async () => {
    const lock = join(folder, 'engine.lock');
    for (const left of [JSON.stringify(await endedProcess()), '', '{"pid":', '0']) {
      writeFileSync(lock, left);
      const dir = openDataDir('.', folder);
      expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual(self);
      dir.release();
    }
  });

  it('writes files for its owner alone', () => {
    const dir = openDataDir('data', folder);
    dir.write('ledger.json', '{}');
    expect(readFileSync(join(folder, 'data/ledger.json'), 'utf8')).toBe('{}');
    expect(statSync(join(folder, 'data/ledger.json')).mode & 0o077).toBe(0);
    dir.release();
  });

  it('says so when the path is a file', () => {
    writeFileSync(join(folder, 'taken'), '');
    expect(() => openDataDir('taken', folder)).toThrow('cannot write to the data directory taken: it is a file');
  });
});

describe('the registration of engines', () => {
  const env = () => ({ XDG_STATE_HOME: folder });
  const engine = (startedAt: string, identity = self): RunningEngine => ({
    ...identity,
    api: 'http://127.0.0.1:4390',
    host: '127.0.0.1',
    token: 'secret',
    source: 'built-in pipelines',
    startedAt,
    ports: { grpc: 4317, http: 4318, ui: 4390 },
  });

  it('is found by the other verbs until it is taken back, and readable by its owner alone', () => {
    const unregister = registerEngine(env(), engine('2026-01-01T00:00:00Z'));
    expect(findEngines(env())).toMatchObject([{ pid: process.pid, token: 'secret' }]);
    expect(statSync(join(stateDir(env()), 'running', `${process.pid}.json`)).mode & 0o077).toBe(0);
    unregister();
    expect(findEngines(env())).toEqual([]);
  });

  it('of an engine that was killed, or that was cut off, is removed', async () => {
    const killed = await endedProcess();
    registerEngine(env(), engine('2026-01-01T00:00:00Z', killed));
    const running = join(stateDir(env()), 'running');
    mkdirSync(running, { recursive: true });
    writeFileSync(join(running, '1.json'), '{"pid":');
    expect(findEngines(env())).toEqual([]);
    expect([`${killed.pid}.json`, '1.json'].filter((name) => existsSync(join(running, name)))).toEqual([]);
  });

  it('lives where XDG says, or below the home directory', () => {
    expect(stateDir({ XDG_STATE_HOME: '/state', HOME: '/home/a' })).toBe('/state/sluice');
    expect(stateDir({ XDG_STATE_HOME: '', HOME: '/home/a' })).toBe('/home/a/.local/state/sluice');
  });
});
