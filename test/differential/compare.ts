import type { Facet } from './case.ts';
import type { Observation } from './observation.ts';

/** One facet in which two observations differ, with the lines that only one side has. */
export interface Difference {
  readonly facet: Facet;
  readonly onlyCollector: readonly string[];
  readonly onlyEngine: readonly string[];
}

const SHOWN_CHARACTERS = 6_000;

/** The engine need not have every series of the Collector, but none of its own under the Collector's prefix. */
const ONE_SIDED: readonly Facet[] = ['seriesNames'];

/** Compares the facets as multisets of lines; an empty list means equal. */
export function compareObservations(
  collector: Observation,
  engine: Observation,
  facets: readonly Facet[],
): Difference[] {
  return facets
    .map((facet) => ({
      facet,
      onlyCollector: ONE_SIDED.includes(facet) ? [] : subtract(collector[facet], engine[facet]),
      onlyEngine: subtract(engine[facet], collector[facet]),
    }))
    .filter(({ onlyCollector, onlyEngine }) => onlyCollector.length + onlyEngine.length > 0);
}

function subtract(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    return left === 0;
  });
}

/** For the failure message of a test: what differs, shortened. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences
    .map(({ facet, onlyCollector, onlyEngine }) =>
      [`${facet}:`, ...side('only otelcol', onlyCollector), ...side('only sluice ', onlyEngine)].join('\n'),
    )
    .join('\n');
}

function side(label: string, lines: readonly string[]): string[] {
  let left = SHOWN_CHARACTERS;
  const shown = lines.filter((line) => {
    left -= line.length;
    return left > 0 || line === lines[0];
  });
  const rest = lines.length > shown.length ? [`  ${label}: … and ${lines.length - shown.length} more`] : [];
  return [...shown.map((line) => `  ${label}: ${line.slice(0, SHOWN_CHARACTERS)}`), ...rest];
}
