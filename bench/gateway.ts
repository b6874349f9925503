import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayProgram } from '../src/lab/index.ts';
import { requirePeer } from '../testbed/index.ts';

const ROOT = join(import.meta.dirname, '..');

/** As users start it, with options for Node beside its own (a profiler's). */
export function sluiceProgram(nodeOptions: readonly string[] = []): GatewayProgram {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const program = ['env', `SLUICE_NODE_OPTIONS=${nodeOptions.join(' ')}`, join(ROOT, 'bin/sluice')];
  return {
    name: 'sluice',
    version: `${version} on Node ${process.versions.node}`,
    command: (configFile) => [...program, 'engine', '--config', configFile],
  };
}

/** Undefined, with the reason on stderr, when the Collector has not been built. */
export function otelcolProgram(): GatewayProgram | undefined {
  const peer = requirePeer('otelcol');
  if (peer.status === 'missing') {
    process.stderr.write(`without the Collector: ${peer.reason}\n`);
    return undefined;
  }
  const { path } = peer;
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return { name: 'otelcol', version, command: (configFile) => [path, '--config', configFile] };
}
