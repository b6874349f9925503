import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import type { OttlCase } from './ottl/case.ts';
import { REFUSED_CASES } from './ottl/cases/refused.ts';
import { REFUSED_BY_ONE } from './ottl/known-differences.ts';
import { configOf, refusalsOf } from './ottl/run.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-ottl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers of the cases that the Collector complains of. It tells of settings it cannot read one by one, before all others. */
function refusedByCollector(cases: readonly OttlCase[]): Set<number> {
  const refused = new Set<number>();
  if (peer.status === 'missing') return refused;
  for (;;) {
    const config = configOf(cases, { http: 1, backend: 'http://127.0.0.1:1' });
    const processors = Object.entries(config.processors).filter(([id]) => !refused.has(numberOf(id)));
    const file = join(folder, 'otelcol.yaml');
    const text = JSON.stringify({ ...config, processors: Object.fromEntries(processors) }).replaceAll('$', '$$$$');
    writeFileSync(file, text);
    const { stderr } = spawnSync(peer.path, ['validate', '--config', file], { encoding: 'utf8' });
    const before = refused.size;
    for (const [, id] of stderr.matchAll(/processors::(\w+\/\d+)/g)) refused.add(numberOf(id!));
    for (const [, id] of stderr.matchAll(/error reading configuration for "(\w+\/\d+)\w*"/g))
      refused.add(numberOf(id!));
    if (refused.size === before) return refused;
  }
}

function numberOf(id: string): number {
  return Number.parseInt(id.slice(id.indexOf('/') + 1), 10);
}

describe.skipIf(peer.status === 'missing')(`what the Collector refuses, the engine refuses${skipNote}`, () => {
  let collector: ReadonlySet<number>;
  let engine: ReadonlyMap<number, string>;

  beforeAll(() => {
    collector = refusedByCollector(REFUSED_CASES);
    engine = refusalsOf(REFUSED_CASES);
  });

  it.each(REFUSED_CASES.map((one, index) => [one.name, index] as const))('%s', (name, index) => {
    const known = REFUSED_BY_ONE.find((difference) => difference.cases.includes(name));
    const by = { collector: collector.has(index), engine: engine.has(index) };
    expect(by).toEqual(known === undefined ? { collector: true, engine: true } : known.refusedBy);
  });
});
