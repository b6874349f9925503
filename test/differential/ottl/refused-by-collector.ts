import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePeer } from '../../../testbed/index.ts';
import type { OttlCase } from './case.ts';
import { configOf } from './run.ts';

/** Numbers of the cases that the Collector complains of. It tells of settings it cannot read one by one, before all others. */
export function refusedByCollector(cases: readonly OttlCase[]): Set<number> {
  const refused = new Set<number>();
  const peer = requirePeer('otelcol');
  if (peer.status === 'missing') return refused;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-ottl-'));
  try {
    for (;;) {
      const before = refused.size;
      const { stderr } = validate(peer.path, join(folder, 'otelcol.yaml'), configWithout(cases, refused));
      for (const [, id] of stderr.matchAll(/processors::(\w+\/\d+)/g)) refused.add(numberOf(id!));
      for (const [, id] of stderr.matchAll(/error reading configuration for "(\w+\/\d+)\w*"/g))
        refused.add(numberOf(id!));
      if (refused.size === before) return refused;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configWithout(cases: readonly OttlCase[], refused: ReadonlySet<number>): object {
  const config = configOf(cases, { http: 1, backend: 'http://127.0.0.1:1' });
  const processors = Object.entries(config.processors).filter(([id]) => !refused.has(numberOf(id)));
  return { ...config, processors: Object.fromEntries(processors) };
}

function validate(collector: string, file: string, config: object): { readonly stderr: string } {
  writeFileSync(file, JSON.stringify(config).replaceAll('$', '$$$$'));
  return spawnSync(collector, ['validate', '--config', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function numberOf(id: string): number {
  return Number.parseInt(id.slice(id.indexOf('/') + 1), 10);
}
