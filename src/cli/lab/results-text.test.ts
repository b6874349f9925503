import { describe, expect, it } from 'vitest';
import { exampleExperiment } from '../../../test/testkit/experiment.ts';
import { compareResults, type ExecutionOptions, planRuns, type RunRecord, summarise } from '../../lab/index.ts';
import { asciiOf, comparisonText, resultsText } from './results-text.ts';

const experiment = exampleExperiment();
const MACHINE = {
  cpu: 'Example CPU',
  cores: 4,
  memoryBytes: 2 ** 34,
  system: 'Linux',
  node: '24.1.0',
  sluice: '1.2.3',
};
const OPTIONS: ExecutionOptions = { profile: 'full', seed: 1, cells: ['*.shared.*.x1'] };

/** The Collector gets a tenth less through; `spoiled` runs of it do not count. */
function recordsWith(spoiled: number, lower = 0): readonly RunRecord[] {
  return planRuns(experiment, OPTIONS).map(({ cell, repetition, plan }): RunRecord => {
    const isCollector = cell.coordinates.runner === 'otelcol';
    const isSpoiled = isCollector && repetition <= spoiled;
    return {
      cell: cell.id,
      coordinates: cell.coordinates,
      repetition,
      seed: plan.seed,
      startedAt: '2026-11-22T10:00:00.000Z',
      seconds: 1,
      status: isSpoiled ? 'failed' : 'ok',
      ...(isSpoiled && { problem: 'it ended with 4:\nno port' }),
      figures: { goodput_percent: (isCollector ? 90 : 100) - lower + repetition * 0.1, rss_peak_mib: 100 },
      series: {},
    };
  });
}

function resultsWith(spoiled: number, lower = 0) {
  const records = recordsWith(spoiled, lower);
  return summarise(experiment, { records, options: OPTIONS, machine: MACHINE, experimentHash: 'abc' });
}

describe('results in a terminal', () => {
  it('have a row for each cell, and tell what differs', () => {
    expect(resultsText(resultsWith(1), { program: './bin/sluice', all: false })).toBe(
      `Does one bad backend hurt the others?
profile full: 1m after 5s of warm-up, 3 runs a cell, seed 1
Example CPU, 4 cores, 16 GiB; 10 of 12 runs count

goodput_percent: Goodput of the healthy pipeline, % (more is better)
rss_peak_mib: Memory at its highest, MiB (less is better)
  CELL                     RUNS     GOODPUT_PERCENT   RSS_PEAK_MIB
  engine.shared.none.x1    3        100.2 ± 0.2484    100 ± 0
  engine.shared.dead.x1    3        100.2 ± 0.2484    100 ± 0
  otelcol.shared.none.x1   2 of 3   90.25 ± 0.6353    100 ± 0
  otelcol.shared.dead.x1   2 of 3   90.25 ± 0.6353    100 ± 0

Engine beside the Collector: 0 worse, 2 better, 0 unclear, 2 same
  FIGURE            CELL                    BASELINE                 DIFFERENCE   95 % INTERVAL     RATIO    VERDICT
  goodput_percent   engine.shared.none.x1   otelcol.shared.none.x1   +9.95 %      +9.701 to +10.2   1.11 ×   better
  goodput_percent   engine.shared.dead.x1   otelcol.shared.dead.x1   +9.95 %      +9.701 to +10.2   1.11 ×   better

Runs that do not count
  CELL                     RUN   STATUS   WHY
  otelcol.shared.dead.x1   1     failed   it ended with 4:
  otelcol.shared.none.x1   1     failed   it ended with 4:

Not covered:
  more than two pipelines

Repeat:  ./bin/sluice lab run isolation --cell '*.shared.*.x1' --seed 1
`,
    );
  });

  it('show what is the same when all is asked for', () => {
    const text = resultsText(resultsWith(0), { program: 'sluice', all: true });
    expect(text.match(/^ {2}rss_peak_mib .* same$/gm)).toHaveLength(2);
  });

  it('say what was promised and whether it is kept', () => {
    const promised = [
      {
        title: 'healthy pipelines get through',
        figure: 'goodput_percent',
        atLeast: 99.5,
        cells: [{ scenario: ['dead'] }],
      },
    ];
    const results = summarise(
      { ...experiment, criteria: promised as typeof experiment.criteria },
      { records: recordsWith(0), options: OPTIONS, machine: MACHINE, experimentHash: 'abc' },
    );
    const text = resultsText(results, { program: 'sluice', all: false });
    expect(text).toContain('Promised: healthy pipelines get through: 1 not kept, 1 kept');
    expect(text).toMatch(/engine\.shared\.dead\.x1 +100\.2 % +.* +at least 99\.5 % +kept$/m);
    expect(text).toMatch(/otelcol\.shared\.dead\.x1 +90\.2 % +.* +at least 99\.5 % +not kept$/m);
  });

  it('need no signs beyond ASCII', () => {
    const ascii = asciiOf(resultsText(resultsWith(0), { program: 'sluice', all: true }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is
    expect(ascii).toMatch(/^[\x00-\x7f]*$/);
    expect(ascii).toContain('1.11 x');
  });
});

describe('a comparison in a terminal', () => {
  it('begins with what is worse', () => {
    const comparison = compareResults(resultsWith(0), resultsWith(0, 30));
    const [baseline, newer, , counts, header, first] = comparisonText(comparison, experiment.figures, false).split(
      '\n',
    );
    expect([baseline, newer]).toEqual(['baseline  2026-11-22, Sluice 1.2.3', 'newer     2026-11-22, Sluice 1.2.3']);
    expect(counts).toBe('isolation: 4 worse, 0 better, 0 unclear, 4 same');
    expect(header).toMatch(/^ {2}FIGURE /);
    expect(first).toMatch(/^ {2}goodput_percent +engine\.shared\.none\.x1 .*−30 % .* worse$/);
  });
});
