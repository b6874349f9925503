import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { DEFAULT_FACETS, type DifferentialCase, type Facet } from './case.ts';
import { CASES } from './cases/index.ts';
import { compareObservations, describeDifferences } from './compare.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { runCase } from './run-case.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`the engine does what the Collector does${skipNote}`, () => {
  it.each(CASES.map((subject) => [subject.name, subject] as const))('%s', async (_, subject) => {
    const [collector, engine] = await Promise.all([runCase('otelcol', subject), runCase('sluice', subject)]);
    expect(collector.items.length, 'items the Collector delivered').toBe(subject.expectedItems);

    const differences = compareObservations(collector, engine, facetsOf(subject));
    const known = knownFacets(subject);
    expect(
      known.filter((facet) => !differences.some((found) => found.facet === facet)),
      'no longer differs',
    ).toEqual([]);
    expect(describeDifferences(differences.filter(({ facet }) => !known.includes(facet)))).toBe('');
  });

  it('has an entry in the list of known differences for existing cases only', () => {
    const names = CASES.map((subject) => subject.name);
    expect(new Set(names).size, 'case names are unique').toBe(names.length);
    expect(KNOWN_DIFFERENCES.flatMap((entry) => entry.cases).filter((name) => !names.includes(name))).toEqual([]);
  });
});

function facetsOf({ alsoCompare = [], exceptFacets = [] }: DifferentialCase): readonly Facet[] {
  return [...DEFAULT_FACETS, ...alsoCompare].filter((facet) => !exceptFacets.includes(facet));
}

function knownFacets(subject: DifferentialCase): readonly Facet[] {
  return KNOWN_DIFFERENCES.filter((entry) => entry.cases.includes(subject.name)).flatMap((entry) => entry.facets);
}
