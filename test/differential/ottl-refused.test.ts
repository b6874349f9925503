import { beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { REFUSED_CASES } from './ottl/cases/refused.ts';
import { REFUSED_BY_ONE } from './ottl/known-differences.ts';
import { refusedByCollector } from './ottl/refused-by-collector.ts';
import { refusalsOf } from './ottl/run.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
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
