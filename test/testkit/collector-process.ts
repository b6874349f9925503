import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { requirePeer } from '../../testbed/index.ts';
import { type RunningProcess, startProcess } from './process.ts';

const sluice = join(import.meta.dirname, '../../bin/sluice');

export interface StartCollectorOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the real Collector. */
  readonly featureGates?: readonly string[];
}

/** The real Collector on this configuration; resolves once every port that the configuration names accepts connections. */
export async function startOtelcol(configYaml: string, options: StartCollectorOptions = {}): Promise<RunningProcess> {
  const peer = requirePeer('otelcol');
  if (peer.status === 'missing') throw new Error(peer.reason);
  const { featureGates = [] } = options;
  const args = featureGates.length === 0 ? [] : [`--feature-gates=${featureGates.join(',')}`];
  return startWithConfig(peer.path, args, configYaml, options);
}

/** Sluice's engine on the same configuration, as a user starts it. */
export function startSluiceEngine(configYaml: string, options: StartCollectorOptions = {}): Promise<RunningProcess> {
  return startWithConfig(sluice, ['engine'], configYaml, options);
}

async function startWithConfig(
  command: string,
  args: readonly string[],
  configYaml: string,
  { env = {} }: StartCollectorOptions,
): Promise<RunningProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-collector-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, configYaml);
  try {
    const ready = { ports: portsOf(parse(configYaml)) };
    return await startProcess(command, [...args, '--config', file], { env, ready });
  } finally {
    // Read at start only; gone before the process, so that nothing is left when a test is killed.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The loopback ports a configuration listens on: receivers, extensions and the readers of its own metrics. */
function portsOf(config: {
  readonly receivers?: unknown;
  readonly extensions?: unknown;
  readonly service?: { readonly telemetry?: unknown };
}): readonly number[] {
  const ports = new Set<number>();
  collectPorts([config.receivers, config.extensions, config.service?.telemetry], ports);
  return [...ports];
}

function collectPorts(node: unknown, into: Set<number>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'endpoint' && typeof value === 'string') into.add(Number(value.slice(value.lastIndexOf(':') + 1)));
    else if (key === 'port' && typeof value === 'number') into.add(value);
    else collectPorts(value, into);
  }
}
