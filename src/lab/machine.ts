import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, cpus, release, type as systemName, totalmem } from 'node:os';

/** Where runs were measured, as far as it may decide figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** `Linux 6.8.0 x64`. */
  readonly system: string;
  readonly node: string;
  readonly sluice: string;
  /** Of the repository that ran, with `+` when it had changes; absent outside one. */
  readonly commit?: string;
  /** What the Collector says of itself; absent when there is none. */
  readonly otelcol?: string;
}

export interface MachineOptions {
  readonly sluiceVersion: string;
  /** The folder of the sources. */
  readonly root: string;
  readonly otelcolPath?: string;
}

/** Asks the system, git and the Collector; takes some hundredths of a second. */
export function describeMachine({ sluiceVersion, root, otelcolPath }: MachineOptions): Machine {
  const commit = commitOf(root);
  const otelcol = otelcolPath === undefined ? undefined : output(otelcolPath, ['--version'], root);
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown CPU',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${systemName()} ${release()} ${arch()}`,
    node: process.versions.node,
    sluice: sluiceVersion,
    ...(commit === undefined ? {} : { commit }),
    ...(otelcol === undefined ? {} : { otelcol }),
  };
}

function commitOf(root: string): string | undefined {
  const commit = output('git', ['rev-parse', '--short=12', 'HEAD'], root);
  if (commit === undefined) return undefined;
  return output('git', ['status', '--porcelain', '--', 'src', 'package.json'], root) === undefined
    ? commit
    : `${commit}+`;
}

/** The first line that a program prints; undefined when there is none, or no such program. */
function output(command: string, args: readonly string[], cwd: string): string | undefined {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 10_000 });
  return status === 0 && stdout.trim() !== '' ? stdout.trim().split('\n')[0] : undefined;
}
