import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withBuildLock } from '../build-lock.ts';
import type { Peer, PeerState } from '../peer.ts';
import { createProgress, type Progress } from '../progress.ts';

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.149.0';
const manifestPath = join(import.meta.dirname, 'builder.yaml');
const LOG_TAIL_LINES = 30;
const UNFINISHED = 'building-';

/** The OpenTelemetry Collector, built by its own builder from Go modules and cached by the hash of what goes into it. */
export const otelcol: Peer = {
  name: 'otelcol',
  find() {
    const goVersion = findGo();
    if (goVersion === undefined)
      return { status: 'missing', reason: 'Go is not installed, so otelcol cannot be built' };
    const path = join(cacheFolder(goVersion), 'otelcol');
    if (isExecutable(path)) return { status: 'ready', path };
    return {
      status: 'missing',
      reason: 'otelcol is not built; run: node_modules/.bin/node testbed/main.ts build otelcol',
    };
  },
  async build() {
    const goVersion = findGo();
    const found = this.find();
    if (found.status === 'ready' || goVersion === undefined) return found;
    const progress = createProgress('otelcol');
    try {
      return await withBuildLock(join(cacheRoot(), 'otelcol.lock'), progress, async () => {
        const builtMeanwhile = this.find();
        return builtMeanwhile.status === 'ready' ? builtMeanwhile : build(cacheFolder(goVersion), progress);
      });
    } finally {
      progress.stop();
    }
  },
};

/** `go1.26.8 linux/amd64`; undefined when there is no Go. */
function findGo(): string | undefined {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(' ').slice(2).join(' ') : undefined;
}

function cacheRoot(): string {
  const { SLUICE_TESTBED_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own || join(xdg || join(homedir(), '.cache'), 'sluice', 'testbed');
}

function cacheFolder(goVersion: string): string {
  const hash = createHash('sha256').update(readFileSync(manifestPath)).update(BUILDER).update(goVersion);
  return join(cacheRoot(), `otelcol-${hash.digest('hex').slice(0, 16)}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Builds in a folder beside the final one and renames it, so that a build cut short leaves nothing that looks complete. */
async function build(folder: string, progress: Progress): Promise<PeerState> {
  removeAbandonedBuilds();
  const work = mkdtempSync(join(cacheRoot(), UNFINISHED));
  try {
    copyFileSync(manifestPath, join(work, 'builder.yaml'));
    progress.phase('fetching the builder; the whole build takes 2 to 5 minutes once');
    await runBuilder(work, progress);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'out'), folder);
    progress.phase('ready');
    return { status: 'ready', path: join(folder, 'otelcol') };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Only the holder of the lock builds, so what is unfinished now was left by a build that was killed. */
function removeAbandonedBuilds(): void {
  for (const name of readdirSync(cacheRoot())) {
    if (name.startsWith(UNFINISHED)) rmSync(join(cacheRoot(), name), { recursive: true, force: true });
  }
}

/** What the builder logs, in the words of a phase. */
const PHASES: Readonly<Record<string, string>> = {
  'Getting go modules': 'downloading modules',
  Compiling: 'compiling',
};

function runBuilder(work: string, progress: Progress): Promise<void> {
  const child = spawn('go', ['run', BUILDER, '--config', 'builder.yaml'], {
    cwd: work,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const hear = (chunk: string) => {
    for (const [message, phase] of Object.entries(PHASES)) if (chunk.includes(`\t${message}`)) progress.phase(phase);
    lines.push(...chunk.split('\n').filter((line) => line !== ''));
    lines.splice(0, lines.length - LOG_TAIL_LINES);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new Error(`the Collector's builder failed with code ${code}; the end of its log:\n${lines.join('\n')}`));
    });
  });
}
