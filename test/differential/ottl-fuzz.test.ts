import { beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import type { OttlCase } from './ottl/case.ts';
import { randomCases } from './ottl/random-cases.ts';
import { refusedByCollector } from './ottl/refused-by-collector.ts';
import { type EngineOutcomes, type Outcome, observeCollector, observeEngine, refusalsOf } from './ottl/run.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const CASES = randomCases(20_261_122, 250);

describe.skipIf(peer.status === 'missing')(
  `random statements and conditions, as the Collector runs them${skipNote}`,
  () => {
    let collectorRefuses: ReadonlySet<number>;
    let taken: readonly OttlCase[];
    let collector: readonly Outcome[];
    let engine: EngineOutcomes;

    beforeAll(async () => {
      collectorRefuses = refusedByCollector(CASES);
      taken = CASES.filter((_, index) => !collectorRefuses.has(index));
      [collector, engine] = await Promise.all([observeCollector(taken), observeEngine(taken)]);
    });

    it('are refused where the Collector refuses them', () => {
      const names = (indices: Iterable<number>) => [...indices].map((index) => CASES[index]!.name).sort();
      expect(names(refusalsOf(CASES).keys())).toEqual(names(collectorRefuses));
      expect(taken.length).toBeGreaterThan(200);
    });

    it('leave the same', () => {
      const differing = taken.filter((_, index) => {
        // Some make the Collector panic, which ends the connection.
        const isOnlyOurs = collector[index]!.answers.includes('none');
        if (isOnlyOurs) return engine.outcomes[index]!.answers.join() !== '200';
        return JSON.stringify(engine.outcomes[index]) !== JSON.stringify(collector[index]);
      });
      expect(differing.map(({ name }) => name)).toEqual([]);
    });
  },
);
