import { beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { CASES } from './ottl/cases/index.ts';
import { KNOWN_DIFFERENCES } from './ottl/known-differences.ts';
import { type EngineOutcomes, type Outcome, observeCollector, observeEngine } from './ottl/run.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const known = new Set(KNOWN_DIFFERENCES.flatMap((difference) => difference.cases));

describe.skipIf(peer.status === 'missing')(`filter and transform, as the Collector runs them${skipNote}`, () => {
  let collector: readonly Outcome[];
  let engine: EngineOutcomes;

  beforeAll(async () => {
    [collector, engine] = await Promise.all([observeCollector(CASES), observeEngine(CASES)]);
  });

  it('has a name for each case, and a case for each known difference', () => {
    const names = new Set(CASES.map((one) => one.name));
    expect(names.size).toBe(CASES.length);
    expect([...known].filter((name) => !names.has(name))).toEqual([]);
  });

  it.each(CASES.map((one, index) => [one.name, index] as const))('%s', (name, index) => {
    const mine = engine.refusals.get(index) ?? engine.outcomes[index];
    if (known.has(name)) expect(mine).not.toEqual(collector[index]);
    else expect(mine).toEqual(collector[index]);
  });
});
