import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerDocument } from '../../src/server/index.ts';
import { type Exit, type RunningProcess, startProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

export const SLUICE = join(import.meta.dirname, '../../bin/sluice');

/** A home of its own for one test: state, reports and caches of other engines stay out of it. */
export interface Home {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  write(name: string, text: string): string;
  remove(): void;
}

export function createHome(): Home {
  const path = mkdtempSync(join(tmpdir(), 'sluice-home-'));
  return {
    path,
    env: { HOME: path, XDG_STATE_HOME: '', XDG_CACHE_HOME: '' },
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A running `sluice up` on free ports. */
export interface RunningUp {
  readonly process: RunningProcess;
  readonly ports: { readonly grpc: number; readonly http: number; readonly ui: number };
  readonly api: string;
  ledger(): Promise<LedgerDocument['pipelines']>;
  stop(): Promise<Exit>;
}

export async function startUp(home: Home, args: readonly string[] = []): Promise<RunningUp> {
  const readyFile = join(home.path, `ready-${process.hrtime.bigint()}.json`);
  const fixed = ['up', '--otlp-grpc', '0', '--otlp-http', '0', '--ui', '0', '--no-open', '--ready-file', readyFile];
  const running = await startProcess(SLUICE, [...fixed, ...args], {
    cwd: home.path,
    env: home.env,
    ready: { file: readyFile },
  });
  const { ports, api } = JSON.parse(readFileSync(readyFile, 'utf8')) as Pick<RunningUp, 'ports' | 'api'>;
  return {
    process: running,
    ports,
    api,
    async ledger() {
      const answer = await fetch(`${api}/api/v1/ledger`);
      return ((await answer.json()) as LedgerDocument).pipelines;
    },
    stop: () => running.stop(),
  };
}

/** The address with the token that `up` prints: on standard error where items go to standard output. */
export async function printedAddress(up: RunningUp): Promise<string> {
  const address = () => /http:\/\/\S+\?t=\S+/.exec(up.process.stdout() + up.process.stderr())?.[0];
  await waitFor('the address with the token is printed', () => address() !== undefined);
  return address() ?? '';
}

/** Runs a verb to its end. */
export async function runSluice(
  home: Home,
  args: readonly string[],
): Promise<Exit & { stdout: string; stderr: string }> {
  const running = await startProcess(SLUICE, args, { cwd: home.path, env: home.env });
  const exit = await running.exited;
  return { ...exit, stdout: running.stdout(), stderr: running.stderr() };
}
