import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { isExecutable, type Peer, type PeerState } from './peer.ts';
import { createProgress, type Progress } from './progress.ts';

export interface GoPeerOptions {
  /** Also the program's file name, unless `programs` names several. */
  readonly name: string;
  /** File names of the programs of one build; the peer's path is then their folder. */
  readonly programs?: readonly string[];
  /** What the build reads: copied into its folder, and part of the cache's key. */
  readonly files: readonly string[];
  /** What else the result depends on, versions above all. */
  readonly recipe: string;
  /** Leaves what it built in the folder `out` of `folder`. */
  build(folder: string, progress: Progress): Promise<void>;
}

/** A program built from Go modules and cached by the hash of what goes into it. */
export function createGoPeer(options: GoPeerOptions): Peer {
  const { name } = options;
  const find = (): PeerState => {
    const goVersion = findGo();
    if (goVersion === undefined) return missing(`Go is not installed, so ${name} cannot be built`);
    const found = builtIn(options, cacheFolder(options, goVersion));
    if (found !== undefined) return { status: 'ready', path: found };
    return missing(`${name} is not built; run: node_modules/.bin/node testbed/main.ts build ${name}`);
  };
  return {
    name,
    find,
    async build() {
      const goVersion = findGo();
      const found = find();
      if (found.status === 'ready' || goVersion === undefined) return found;
      const progress = createProgress(name);
      try {
        return await withBuildLock(join(cacheRoot(), `${name}.lock`), progress, async () => {
          const builtMeanwhile = find();
          return builtMeanwhile.status === 'ready' ? builtMeanwhile : build(options, goVersion, progress);
        });
      } finally {
        progress.stop();
      }
    },
  };
}

/** The path of a complete build in this folder. */
function builtIn({ name, programs }: GoPeerOptions, folder: string): string | undefined {
  if (programs === undefined) return isExecutable(join(folder, name)) ? join(folder, name) : undefined;
  return programs.every((program) => isExecutable(join(folder, program))) ? folder : undefined;
}

function missing(reason: string): PeerState {
  return { status: 'missing', reason };
}

/** `go1.26.8 linux/amd64`; undefined when there is no Go. */
function findGo(): string | undefined {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(' ').slice(2).join(' ') : undefined;
}

/** Where builds are kept. */
export function cacheRoot(): string {
  const { SLUICE_TESTBED_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own || join(xdg || join(homedir(), '.cache'), 'sluice', 'testbed');
}

function cacheFolder({ name, files, recipe }: GoPeerOptions, goVersion: string): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  hash.update(recipe).update(goVersion);
  return join(cacheRoot(), `${name}-${hash.digest('hex').slice(0, 16)}`);
}

/** Builds in a folder beside the final one and renames it, so that a build cut short leaves nothing that looks complete. */
async function build(options: GoPeerOptions, goVersion: string, progress: Progress): Promise<PeerState> {
  const { name, files } = options;
  const unfinished = `building-${name}-`;
  const folder = cacheFolder(options, goVersion);
  removeAbandonedBuilds(unfinished);
  const work = mkdtempSync(join(cacheRoot(), unfinished));
  try {
    for (const file of files) copyFileSync(file, join(work, basename(file)));
    await options.build(work, progress);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'out'), folder);
    const path = builtIn(options, folder);
    if (path === undefined) throw new Error(`the build of ${name} left no program in its folder out`);
    progress.phase('ready');
    return { status: 'ready', path };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Only the holder of the lock builds, so what is unfinished now was left by a build that was killed. */
function removeAbandonedBuilds(unfinished: string): void {
  for (const name of readdirSync(cacheRoot())) {
    if (name.startsWith(unfinished)) rmSync(join(cacheRoot(), name), { recursive: true, force: true });
  }
}

const LOG_TAIL_LINES = 30;

export interface RunGoOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets what `go` prints, as it comes. */
  hear?(chunk: string): void;
}

/** Runs `go`; rejects with the end of its log when it fails. */
export function runGo(args: readonly string[], cwd: string, { env, hear }: RunGoOptions = {}): Promise<void> {
  const child = spawn('go', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const lines: string[] = [];
  const keep = (chunk: string) => {
    hear?.(chunk);
    lines.push(...chunk.split('\n').filter((line) => line !== ''));
    lines.splice(0, lines.length - LOG_TAIL_LINES);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`go ${args[0]} failed with code ${code}; the end of its log:\n${lines.join('\n')}`));
    });
  });
}
