import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../lib/index.ts';
import type { ExecutionOptions } from '../execute/execution.ts';
import type { Machine } from '../machine.ts';
import { renderReport } from '../report/render-report.ts';
import { formatCsv } from './csv.ts';
import { repeatOfRun } from './repeat-command.ts';
import type { Results } from './results.ts';
import type { RunRecord } from './run-record.ts';

/** A folder holds no results, or such that cannot be read or gone on with. */
export const RESULTS_UNUSABLE = 'results_unusable';

/** The execution that a run belongs to: what is needed to go on with it. */
export interface Execution
  extends Pick<ExecutionOptions, 'profile' | 'seed' | 'repetitions' | 'cells' | 'experiments'> {
  readonly question: string;
  /** SHA-256 of experiment.yaml: runs of another version of it do not go together. */
  readonly experimentHash: string;
}

/** A line of `runs.jsonl`: complete by itself. */
interface RunLine extends RunRecord {
  readonly execution: Execution;
  readonly machine: Machine;
  readonly repeat: string;
}

const RUNS = 'runs.jsonl';
const RESULTS = 'results.json';

export function holdsRuns(folder: string): boolean {
  return existsSync(join(folder, RUNS));
}

/** Appends a run, which is on disk when this returns. Makes the folder. */
export function appendRun(folder: string, run: RunRecord, facts: { execution: Execution; machine: Machine }): void {
  mkdirSync(folder, { recursive: true });
  const { execution, machine } = facts;
  const line: RunLine = { ...run, execution, machine, repeat: repeatOfRun(execution, run) };
  const file = join(folder, RUNS);
  dropHalfLine(file);
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** A process that is killed while it writes leaves one, and what follows would be lost with it. */
function dropHalfLine(file: string): void {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.byteLength) truncateSync(file, end);
}

/** The runs of a folder, and the execution they belong to. Throws RESULTS_UNUSABLE. */
export function readRuns(folder: string): { readonly records: readonly RunRecord[]; readonly execution: Execution } {
  const lines = readText(folder, RUNS)
    .split('\n')
    .filter((line) => line !== '');
  const records = lines.flatMap((line, index) => {
    try {
      return [JSON.parse(line) as RunLine];
    } catch {
      // Half a line: that run is done again.
      if (index === lines.length - 1) return [];
      throw new CodedError(RESULTS_UNUSABLE, `${join(folder, RUNS)}:${index + 1} is not JSON`);
    }
  });
  if (records.length === 0) throw new CodedError(RESULTS_UNUSABLE, `${join(folder, RUNS)} holds no run`);
  return { records, execution: records.at(-1)!.execution };
}

/** Writes `results.json`, `results.csv` and `report.html`. */
export function writeResults(folder: string, results: Results, records: readonly RunRecord[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, 'results.csv'), formatCsv(records, results.figures));
  writeReport(folder, results);
}

/** Writes `report.html` and says where. */
export function writeReport(folder: string, results: Results): string {
  const file = join(folder, 'report.html');
  writeFileSync(file, renderReport(results));
  return file;
}

/** Throws RESULTS_UNUSABLE. */
export function readResults(folder: string): Results {
  const text = readText(folder, RESULTS);
  let results: Results;
  try {
    results = JSON.parse(text) as Results;
  } catch {
    throw new CodedError(RESULTS_UNUSABLE, `${join(folder, RESULTS)} is not JSON`);
  }
  if (results?.version !== 1 || !Array.isArray(results.cells)) {
    throw new CodedError(RESULTS_UNUSABLE, `${join(folder, RESULTS)} is not of a format that this version reads`);
  }
  return results;
}

/** Folders of results below `parent`, the one that was begun last at the end. */
export function resultFolders(parent: string): readonly string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && holdsRuns(join(parent, entry.name)))
    .map(({ name }) => join(parent, name))
    .map((folder) => ({ folder, startedAt: startOf(folder) }))
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .map(({ folder }) => folder);
}

function startOf(folder: string): string {
  const [first = ''] = readText(folder, RUNS).split('\n', 1);
  return /"startedAt":"([^"]*)"/.exec(first)?.[1] ?? '';
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    throw new CodedError(RESULTS_UNUSABLE, `there is no ${name} in ${folder}`);
  }
}
