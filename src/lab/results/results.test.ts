import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleExperiment } from '../../../test/testkit/experiment.ts';
import { expectGolden } from '../../../test/testkit/golden.ts';
import type { ExecutionOptions } from '../execute/execution.ts';
import { planRuns } from '../execute/plan-runs.ts';
import { estimateMs } from '../execute/time-left.ts';
import { renderReport } from '../report/render-report.ts';
import { summaryPage } from '../report/summary-page.ts';
import { compareResults } from './compare-results.ts';
import { formatCsv } from './csv.ts';
import { repeatCommand } from './repeat-command.ts';
import { appendRun, readResults, readRuns, resultFolders, writeReport, writeResults } from './result-folder.ts';
import type { Results } from './results.ts';
import type { RunRecord } from './run-record.ts';
import { summarise } from './summarise.ts';

const experiment = exampleExperiment();
const MACHINE = {
  cpu: 'Example CPU',
  cores: 4,
  memoryBytes: 16 * 2 ** 30,
  system: 'Linux 6.1 x64',
  node: '24.1.0',
  sluice: '1.2.3',
  commit: '0123456789ab',
  otelcol: 'otelcol version 0.149.0',
};
const FULL: ExecutionOptions = { profile: 'full', seed: 11 };

/** Records of a whole execution. The Collector loses a tenth where a backend is dead; figures vary a little by repetition. */
function recordsOf(options: ExecutionOptions, change: (record: RunRecord) => RunRecord = (one) => one): RunRecord[] {
  return planRuns(experiment, options).map(({ cell, repetition, plan }) => {
    const isHurt = cell.coordinates.runner === 'otelcol' && cell.coordinates.scenario === 'dead';
    const goodput = (isHurt ? 90 : 100) - repetition * 0.1;
    return change({
      cell: cell.id,
      coordinates: cell.coordinates,
      repetition,
      seed: plan.seed,
      startedAt: `2026-11-22T10:0${repetition}:00.000Z`,
      seconds: 66.5,
      status: 'ok',
      figures: { goodput_percent: goodput, rss_peak_mib: 100 * cell.coordinates.replicas + repetition },
      series: { goodput_percent: [100, goodput, goodput + repetition, isHurt ? 80 : 100] },
      ledger: {
        balanced: true,
        acknowledged: 1000,
        unaccounted: 0,
        queued: 5,
        unknown: 0,
        lossByCause: isHurt ? { queue_full: 100 } : {},
      },
    });
  });
}

const resultsOf = (records: readonly RunRecord[], options = FULL) =>
  summarise(experiment, { records, options, machine: MACHINE, experimentHash: 'abc' });
const cellOf = (results: Results, id: string) => results.cells.find((cell) => cell.id === id)!;

describe('results', () => {
  it('sum up the runs of each cell', () => {
    const results = resultsOf(recordsOf(FULL));
    const hurt = cellOf(results, 'otelcol.shared.dead.x1');
    expect(hurt.counted).toBe(3);
    expect(hurt.figures['goodput_percent']?.values).toEqual([89.9, 89.8, 89.7]);
    expect(hurt.figures['goodput_percent']?.estimate.median).toBe(89.8);
    expect(hurt.series['goodput_percent']).toEqual([100, 89.8, 91.8, 80]);
    expect(hurt.ledger).toEqual({ acknowledged: 3000, queued: 15, unknown: 0, lossByCause: { queue_full: 300 } });
    expect(hurt.repeat).toBe('sluice lab run isolation --cell otelcol.shared.dead.x1 --seed 11 --repeat 1');
    expect(results.conditions.repeat).toBe('sluice lab run isolation --seed 11');
    expect(results.complete).toBe(true);
  });

  it('compare cells that differ in one axis alone, and say what it means', () => {
    const [comparison] = resultsOf(recordsOf(FULL)).comparisons;
    const goodput = comparison!.rows.filter(({ figure }) => figure === 'goodput_percent');
    expect(goodput.map(({ cell, baseline, verdict }) => [cell, baseline, verdict])).toEqual([
      ['engine.shared.none.x1', 'otelcol.shared.none.x1', 'same'],
      ['engine.shared.dead.x1', 'otelcol.shared.dead.x1', 'better'],
    ]);
    expect(goodput[1]?.difference).toBeCloseTo(10, 10);
    expect(goodput[1]?.ratio).toBeCloseTo(99.8 / 89.8, 10);
    expect(goodput[1]?.differenceInterval?.low).toBeGreaterThan(9.5);
  });

  it('never average a run whose ledger does not balance, and name it with its reason', () => {
    const spoil = (record: RunRecord): RunRecord =>
      record.cell === 'engine.shared.dead.x1' && record.repetition === 2
        ? { ...record, status: 'unbalanced', problem: 'the ledger does not balance', figures: { goodput_percent: 1e6 } }
        : record;
    const results = resultsOf(recordsOf(FULL, spoil));
    const cell = cellOf(results, 'engine.shared.dead.x1');
    expect([cell.counted, cell.planned]).toEqual([2, 3]);
    expect(cell.figures['goodput_percent']?.values).toEqual([99.9, 99.7]);
    expect(results.complete).toBe(false);
    expect(results.problems).toEqual([
      {
        cell: 'engine.shared.dead.x1',
        repetition: 2,
        seed: 12,
        status: 'unbalanced',
        problem: 'the ledger does not balance',
        repeat: 'sluice lab run isolation --cell engine.shared.dead.x1 --seed 12 --repeat 1',
      },
    ]);
  });

  it('name runs that were not carried out, and take the last record of one that was tried twice', () => {
    const records = recordsOf(FULL);
    const failed: RunRecord = { ...records[0]!, status: 'failed', problem: 'no port', figures: {}, series: {} };
    const again = resultsOf([failed, ...records]);
    expect(again.complete).toBe(true);
    expect(again.repeated).toMatchObject([{ cell: failed.cell, status: 'failed', problem: 'no port' }]);
    expect(renderReport(again)).toContain('Runs that were carried out again');
    const partial = resultsOf(records.slice(0, 10));
    expect(partial.problems).toHaveLength(11);
    expect(partial.problems[0]).toMatchObject({ status: 'missing', problem: 'it was not carried out' });
  });

  it('have no interval and no verdict after a single run of each cell', () => {
    const once: ExecutionOptions = { profile: 'quick', seed: 3 };
    const results = resultsOf(recordsOf(once), once);
    expect(cellOf(results, 'otelcol.shared.dead.x1').figures['goodput_percent']?.estimate.interval).toBeUndefined();
    expect(new Set(results.comparisons[0]?.rows.map(({ verdict }) => verdict))).toEqual(new Set(['unclear']));
    expect(results.conditions.repeat).toBe('sluice lab run isolation --quick --seed 3');
  });
});

describe('figures that ended with the measurement', () => {
  const cut = (record: RunRecord): RunRecord =>
    record.cell === 'engine.shared.dead.x1' && record.repetition === 2
      ? { ...record, censored: ['goodput_percent'] }
      : record;
  const results = resultsOf(recordsOf(FULL, cut));

  it('are lower bounds: without an interval, and nothing follows from them', () => {
    const { estimate } = cellOf(results, 'engine.shared.dead.x1').figures['goodput_percent']!;
    expect(estimate).toMatchObject({ count: 3, censored: 1 });
    expect(estimate.interval).toBeUndefined();
    const row = results.comparisons[0]!.rows.find(({ cell }) => cell === 'engine.shared.dead.x1');
    expect(row).toMatchObject({ censored: true, verdict: 'unclear' });
    expect(row?.differenceInterval).toBeUndefined();
    expect(row?.ratio).toBeUndefined();
  });

  it('are shown as such in the report and the table of runs', () => {
    expect(renderReport(results)).toContain('&gt; 99.8');
    expect(renderReport(results)).toContain('1 censored');
    expect(formatCsv(recordsOf(FULL, cut), experiment.figures)).toContain(',ok,,goodput_percent,99.8,');
  });
});

describe('what was promised', () => {
  it('is checked cell by cell, in figures and in ratios, and says how sure that is', () => {
    const promised = {
      ...experiment,
      criteria: [
        { title: 'goodput', figure: 'goodput_percent', atLeast: 99.5, cells: [{ topology: ['Shared'] }] },
        { title: 'memory', figure: 'rss_peak_mib', atMost: 'memory', cells: [] },
        {
          ...{ title: 'beside health', figure: 'goodput_percent', atLeast: 0.95 },
          ...{ of: { scenario: 'none' }, cells: [{ runner: ['otelcol'] }] },
        },
      ],
    } as const satisfies typeof experiment;
    const { criteria = [] } = summarise(promised, {
      ...{ records: recordsOf(FULL), options: FULL, machine: MACHINE, experimentHash: 'abc' },
    });
    const verdicts = criteria.map(({ rows }) => rows.map(({ cell, verdict, isSure }) => [cell, verdict, isSure]));
    expect(verdicts[0]).toContainEqual(['engine.shared.dead.x1', 'kept', true]);
    expect(verdicts[0]).toContainEqual(['otelcol.shared.dead.x1', 'not kept', true]);
    expect(criteria[1]?.rows[0]).toMatchObject({ bound: 'at most', limit: 512, verdict: 'kept' });
    expect(criteria[2]?.rows).toHaveLength(1);
    expect(criteria[2]?.rows[0]).toMatchObject({
      baseline: 'otelcol.shared.none.x1',
      verdict: 'not kept',
      isSure: true,
    });
    expect(renderReport({ ...resultsOf([]), criteria })).toContain('What was promised');
  });

  it('is not kept for sure where a run failed, and nothing lost is not kept where a ledger does not balance', () => {
    const cells = [{ runner: ['engine'], scenario: ['dead'] }] as const;
    const promised: typeof experiment = {
      ...experiment,
      criteria: [
        { title: 'goodput', figure: 'goodput_percent', atLeast: 99, cells },
        { title: 'nothing lost', figure: 'lost_items', atMost: 0, cells },
      ],
      figures: [
        ...experiment.figures,
        { name: 'lost_items', title: 'lost', unit: 'items', better: 'less', tolerance: 0 },
      ],
    };
    const verdictsOf = (status: RunRecord['status']) => {
      const spoil = (record: RunRecord): RunRecord => ({
        ...record,
        ...(record.repetition === 2 && { status }),
        figures: { ...record.figures, lost_items: 0 },
      });
      // What counts in its place does not make it unsaid.
      const records = [...recordsOf(FULL, spoil), ...recordsOf(FULL, (record) => ({ ...spoil(record), status: 'ok' }))];
      const measured = { records, options: FULL, machine: MACHINE, experimentHash: 'abc' };
      const { criteria = [] } = summarise(promised, measured);
      return criteria.map(({ rows: [first] }) => [first!.verdict, first!.isSure, first!.runs]);
    };
    const runs = { counted: 3, of: 4 };
    expect(verdictsOf('failed')).toEqual([
      ['kept', false, runs],
      ['kept', false, runs],
    ]);
    expect(verdictsOf('unbalanced')).toEqual([
      ['kept', false, runs],
      ['not kept', false, runs],
    ]);
  });
});

describe('a command to repeat', () => {
  it('quotes what a shell would take apart', () => {
    const command = repeatCommand({
      question: 'a',
      profile: 'quick',
      seed: 1,
      repetitions: 2,
      cells: ['engine.*', 'otelcol.x'],
      experiments: ['my lab', "it's"],
    });
    expect(command).toBe(
      String.raw`sluice lab run a --experiments 'my lab' --experiments 'it'\''s' --quick --cell 'engine.*' --cell otelcol.x --seed 1 --repeat 2`,
    );
  });
});

describe('the estimate of time', () => {
  it('counts warm-up, measurement and what is around them', () => {
    expect(estimateMs(5, experiment.profiles.quick)).toBe(75_000);
  });
});

describe('two results', () => {
  it('of the same code are the same', () => {
    const comparison = compareResults(resultsOf(recordsOf(FULL)), resultsOf(recordsOf(FULL)));
    expect(comparison.verdicts).toEqual({ better: 0, worse: 0, same: 7, unclear: 7 });
    expect(comparison.differences).toEqual([]);
    expect(comparison.newer).toBe('2026-11-22, commit 0123456789ab');
    expect(comparison.unmatched).toEqual([]);
  });

  it('show what has become worse, and what was not measured alike', () => {
    const slower = (record: RunRecord): RunRecord => ({
      ...record,
      figures: { ...record.figures, goodput_percent: record.figures['goodput_percent']! - 20 },
    });
    const newer = { ...resultsOf(recordsOf(FULL, slower)), machine: { ...MACHINE, cores: 8 } };
    const comparison = compareResults(resultsOf(recordsOf(FULL)), newer);
    expect(comparison.verdicts.worse).toBe(7);
    expect(comparison.differences).toEqual(['cores: 4 → 8']);
    const changed = { ...newer, conditions: { ...newer.conditions, experimentHash: 'def' } };
    const other = compareResults(resultsOf(recordsOf(FULL)), changed);
    expect([comparison.experimentChanged, other.experimentChanged]).toEqual([false, true]);
    expect(other.differences).toContain('experiment.yaml: abc → def');
  });

  it('name the cells that only one of them has', () => {
    const some = { ...FULL, cells: ['engine.*'] };
    const comparison = compareResults(resultsOf(recordsOf(FULL)), resultsOf(recordsOf(some), some));
    expect(comparison.unmatched).toEqual(['otelcol.shared.none.x1', 'otelcol.shared.dead.x1']);
  });
});

describe('a folder of results', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-results-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const execution = { question: 'isolation', experimentHash: 'abc', ...FULL };
  const facts = { execution, machine: MACHINE };

  it('holds every run as a line that is complete by itself', () => {
    const records = recordsOf(FULL);
    for (const record of records) appendRun(folder, record, facts);
    const read = readRuns(folder);
    expect(read.execution).toEqual(execution);
    expect(read.records).toHaveLength(records.length);
    const [line] = readFileSync(join(folder, 'runs.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(line!)).toMatchObject({
      machine: MACHINE,
      repeat: `sluice lab run isolation --cell ${records[0]!.cell} --seed 11 --repeat 1`,
    });
  });

  it('goes on behind half a line, which a killed process leaves, and refuses what else is no line', () => {
    const [first, second] = recordsOf(FULL);
    appendRun(folder, first!, facts);
    appendFileSync(join(folder, 'runs.jsonl'), '{"cell":"eng');
    expect(readRuns(folder).records).toHaveLength(1);
    appendRun(folder, second!, facts);
    expect(readRuns(folder).records.map(({ cell }) => cell)).toEqual([first!.cell, second!.cell]);
    appendFileSync(join(folder, 'runs.jsonl'), 'no run\n');
    appendRun(folder, first!, facts);
    expect(() => readRuns(folder)).toThrow('runs.jsonl:3 is not JSON');
  });

  it('gives the results back that were written, and the same report again', () => {
    const results = resultsOf(recordsOf(FULL));
    writeResults(folder, results, recordsOf(FULL));
    expect(readResults(folder)).toEqual(results);
    const before = readFileSync(join(folder, 'report.html'), 'utf8');
    rmSync(join(folder, 'report.html'));
    writeReport(folder, readResults(folder));
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(before);
  });

  it('without results says so', () => {
    expect(() => readResults(folder)).toThrow(`there is no results.json in ${folder}`);
    appendFileSync(join(folder, 'results.json'), '{"version":2}');
    expect(() => readResults(folder)).toThrow('is not of a format that this version reads');
  });

  it('stands among others in the order of time', () => {
    const at = (name: string, startedAt: string) =>
      appendRun(join(folder, name), { ...recordsOf(FULL)[0]!, startedAt }, facts);
    at('b', '2026-11-22T10:00:00.000Z');
    at('a', '2026-11-23T10:00:00.000Z');
    expect(resultFolders(folder)).toEqual([join(folder, 'b'), join(folder, 'a')]);
    expect(resultFolders(join(folder, 'none'))).toEqual([]);
  });
});

describe('the table of runs', () => {
  it('is CSV with a column for each axis, figure and cause of loss', () => {
    const records = recordsOf({ ...FULL, cells: ['otelcol.shared.dead.x1'], repetitions: 1 }, (one) => ({
      ...one,
      status: 'failed',
      problem: 'it said "no",\nand ended',
    }));
    expect(formatCsv(records, experiment.figures)).toBe(
      [
        'cell,runner,topology,settings,scenario,load,replicas,memory,queue,place,repetition,seed,started_at,seconds,status,problem,censored,goodput_percent,rss_peak_mib,acknowledged,unaccounted,queued,unknown,lost_queue_full',
        'otelcol.shared.dead.x1,otelcol,Shared,sluice,dead,spans,1,512Mi,default,processes,1,11,2026-11-22T10:01:00.000Z,66.5,failed,"it said ""no"",\nand ended",,89.9,101,1000,0,5,0,100',
        '',
      ].join('\r\n'),
    );
  });
});

describe('the report', () => {
  it('is the page that was reviewed', () => {
    const spoil = (record: RunRecord): RunRecord =>
      record.cell === 'engine.shared.none.x1' && record.repetition === 1
        ? { ...record, status: 'failed', problem: 'ended with <70> & "more"', figures: {}, series: {} }
        : record;
    const page = renderReport(resultsOf(recordsOf(FULL, spoil)));
    expectGolden(join(import.meta.dirname, '../report/testdata/report.html'), page);
  });

  it('has a summary for the documentation, which says what does not count', () => {
    const criteria = [{ title: 'Goodput', figure: 'goodput_percent', atLeast: 99.5, cells: [] }] as const;
    const spoil = (record: RunRecord): RunRecord =>
      record.repetition === 1 ? { ...record, status: 'failed', problem: 'no port', figures: {}, series: {} } : record;
    const options: ExecutionOptions = { ...FULL, cells: ['*.shared.dead.x1'] };
    const measured = { records: recordsOf(options, spoil), options, machine: MACHINE, experimentHash: 'abc' };
    const results = summarise({ ...experiment, criteria }, measured);
    expectGolden(
      join(import.meta.dirname, '../report/testdata/summary.txt'),
      summaryPage([{ results, folder: '../experiments/results/isolation/one' }]),
    );
  });

  it('of single runs has bars', () => {
    const once: ExecutionOptions = { profile: 'quick', seed: 3 };
    const page = renderReport(resultsOf(recordsOf(once), once));
    expect(page.match(/<rect class="bar"|class="bar"/g)).toHaveLength(10);
    expect(page).not.toContain('class="interval"');
  });

  it('asks for nothing beyond itself but the files beside it', () => {
    const page = renderReport(resultsOf(recordsOf(FULL)));
    expect(page).not.toMatch(/<script|<link|<img|https?:|@import|url\(/);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, file]) => file)).toEqual([
      'results.json',
      'results.csv',
      'runs.jsonl',
    ]);
  });

  it('shows text as text, whatever it holds', () => {
    const hostile = { ...resultsOf(recordsOf(FULL)), title: '<script>alert(1)</script>', hypothesis: 'a & "b"' };
    const page = renderReport(hostile);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('a &amp; &quot;b&quot;');
  });

  it('of an execution that was ended before its first run can still be read', () => {
    const page = renderReport(resultsOf([]));
    expect(page).toContain('No run that counts has this figure.');
  });
});
