import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suggest } from '../../diagnostics/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import {
  allCells,
  appendRun,
  chosenCells,
  createClusterRunner,
  createRunner,
  describeMachine,
  type Execution,
  type ExecutionOptions,
  type Experiment,
  formatNumber,
  holdsRuns,
  type Machine,
  PROFILES,
  type ProfileName,
  type Progress,
  type Results,
  type Runner,
  type RunRecord,
  readRuns,
  resultFolders,
  runExperiment,
  summarise,
  writeResults,
} from '../../lab/index.ts';
import { connectCluster, describeTarget } from '../cluster/connect.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag } from '../flags.ts';
import { parseCountFlag } from '../load/load-flags.ts';
import { explainFileError } from '../output-file.ts';
import { parseOutputFlag } from '../report-document.ts';
import { shortAge } from '../table.ts';
import { type FoundExperiment, findExperiment, ROOT } from './experiments.ts';
import { type FoundOtelcol, findOtelcol } from './find-otelcol.ts';
import { firstLine } from './results-text.ts';
import { explainResults, printResults } from './show-results.ts';

type Flags = Record<string, unknown>;
type Resumed = { readonly records: readonly RunRecord[]; readonly execution: Execution };

const DEFAULT_SEED = 1;

/** `lab run`: carries the experiment out, and tells what was found. */
export async function runLab(flags: Flags, named: readonly string[], context: CliContext): Promise<ExitCode> {
  parseOutputFlag(flags['output']);
  const [question, ...rest] = named;
  if (question === undefined || rest.length > 0) {
    throw new CliError(EXIT.usage, 'SL0902', '`lab run` takes one question', ['which there are:  sluice lab list']);
  }
  const found = findExperiment(question, flags, context);
  if (found === undefined) return EXIT.no;
  const { experiment, hash } = found;
  const before = flags['resume'] === true ? resumedExecution(found, flags, context) : undefined;
  const options = before?.options ?? optionsOf(experiment, flags);
  const otelcol = collectorFor(experiment, options, flags, context);
  const folder = before?.folder ?? newFolder(found, flags, context);
  const machine = describeMachine({
    sluiceVersion: context.version,
    root: ROOT,
    ...('path' in otelcol ? { otelcolPath: otelcol.path } : {}),
  });
  const { done: _, ...asked } = options;
  const execution: Execution = { question, experimentHash: hash, ...asked };
  const records = await carryOut(experiment, options, { folder, execution, machine, otelcol, flags }, context);
  if (records.length === 0) {
    context.progress.write('nothing was measured\n');
    return interruptCode(context);
  }
  const results = summarise(experiment, { records, options, machine, experimentHash: hash });
  writeOrExplain(folder, results, records);
  printResults(results, { folder, flags }, context);
  return exitCode(results, context);
}

interface Setting {
  readonly folder: string;
  readonly execution: Execution;
  readonly machine: Machine;
  readonly otelcol: FoundOtelcol;
  readonly flags: Flags;
}

/** All records, those of before included. */
async function carryOut(
  experiment: Experiment,
  options: ExecutionOptions,
  { folder, execution, machine, otelcol, flags }: Setting,
  context: CliContext,
): Promise<readonly RunRecord[]> {
  const { progress, clock, interrupt } = context;
  const records = [...(options.done ?? [])];
  const connection = needsCluster(experiment, options) ? await connectCluster(flags, context) : undefined;
  const workFolder = mkdtempSync(join(tmpdir(), 'sluice-lab-'));
  const keepFolders = flags['keepFolders'] === true;
  const onThisMachine = createRunner({
    ...{ sluice: [join(ROOT, 'bin/sluice')], otelcol, clock, keepFolders },
    folder: workFolder,
  });
  const runner = connection === undefined ? onThisMachine : inEitherPlace(onThisMachine, connection.client, context);
  if (connection !== undefined) progress.write(`target: ${describeTarget(connection)}\n`);
  progress.write(`results go to ${folder}\n`);
  try {
    await runExperiment(experiment, options, runner, {
      clock,
      signal: interrupt,
      say: (line) => progress.write(`          ${line}\n`),
      progress: (now) => progress.write(progressLine(now)),
      record(run) {
        appendOrExplain(folder, run, { execution, machine });
        records.push(run);
        progress.write(`          ${outcomeText(run, experiment)}\n`);
      },
    });
  } finally {
    await connection?.client.close();
    if (!keepFolders) rmSync(workFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  return records;
}

function needsCluster(experiment: Experiment, options: ExecutionOptions): boolean {
  return chosenCells(experiment, options).some(({ coordinates }) => coordinates.place === 'cluster');
}

function inEitherPlace(onThisMachine: Runner, client: KubeClient, { clock }: CliContext): Runner {
  const inCluster = createClusterRunner({ client, clock });
  return { run: (plan, effects) => (plan.place === 'cluster' ? inCluster : onThisMachine).run(plan, effects) };
}

function progressLine({ done, total, leftMs, run }: Progress): string {
  if (run === undefined) return `[${done}/${total}] done\n`;
  return `[${done + 1}/${total}] ${run.cell.id}, run ${run.repetition}; about ${shortAge(leftMs / 1000)} left\n`;
}

function outcomeText({ status, problem, figures, seconds }: RunRecord, experiment: Experiment): string {
  if (status !== 'ok') return `${status}: ${firstLine(problem ?? '')}`;
  const [first] = experiment.figures.filter(({ name }) => figures[name] !== undefined);
  const figure = first === undefined ? '' : `, ${first.name} ${formatNumber(figures[first.name]!)}`;
  return `ok after ${shortAge(seconds)}${figure}`;
}

function optionsOf(experiment: Experiment, flags: Flags): ExecutionOptions {
  const repetitions = parseCountFlag('--repeat', flags['repeat']);
  if (repetitions === 0) throw new CliError(EXIT.usage, 'SL0903', '--repeat takes a number from 1, got `0`');
  const cells = flags['cell'] as readonly string[] | undefined;
  const experiments = flags['experiments'] as readonly string[] | undefined;
  const options: ExecutionOptions = {
    profile: profileFlag(flags),
    seed: parseCountFlag('--seed', flags['seed']) ?? DEFAULT_SEED,
    ...(repetitions === undefined ? {} : { repetitions }),
    ...(cells === undefined ? {} : { cells }),
    ...(experiments === undefined ? {} : { experiments }),
  };
  const unknown = cells?.find((cell) => chosenCells(experiment, { ...options, cells: [cell] }).length === 0);
  if (unknown !== undefined) throw noCell(experiment, unknown);
  if (chosenCells(experiment, options).length === 0) {
    const why = `profile ${options.profile} of \`${experiment.question}\` has no cell`;
    throw new CliError(EXIT.usage, 'SL0803', why, [`which there are:  sluice lab list ${experiment.question}`]);
  }
  return options;
}

/** `--quick` is `--profile quick`. */
function profileFlag({ quick, profile }: Flags): ProfileName {
  if (profile === undefined) return quick === true ? 'quick' : 'full';
  const named = parseChoiceFlag('--profile', profile, PROFILES);
  if (quick === true && named !== 'quick')
    throw new CliError(EXIT.usage, 'SL0903', `--quick stands beside --profile ${named}`);
  return named;
}

function noCell({ question, ...experiment }: Experiment, cell: string): CliError {
  const ids = allCells({ question, ...experiment }).map(({ id }) => id);
  const near = suggest(cell, ids);
  const meant = near === undefined ? '' : `; did you mean \`${near}\`?`;
  return new CliError(EXIT.usage, 'SL0803', `\`${question}\` has no cell \`${cell}\`${meant}`, [
    `which there are:  sluice lab list ${question}`,
  ]);
}

/** Found out before the first run, not after half an hour. */
function collectorFor(
  experiment: Experiment,
  options: ExecutionOptions,
  flags: Flags,
  context: CliContext,
): FoundOtelcol {
  // A cluster has its own.
  const isNeeded = chosenCells(experiment, options).some(
    ({ coordinates }) => coordinates.runner === 'otelcol' && coordinates.place === 'processes',
  );
  if (!isNeeded && flags['otelcol'] === undefined) return { missing: 'it was not looked for' };
  const found = findOtelcol(flags['otelcol'], context);
  if (!isNeeded || 'path' in found) return found;
  throw new CliError(EXIT.cannotStart, 'SL0805', `${found.missing}, and \`${experiment.question}\` compares with it`, [
    'build it, once:      node_modules/.bin/node testbed/main.ts build otelcol',
    'name it:             --otelcol PATH',
    `do without it:       sluice lab run ${experiment.question} --cell 'engine*'`,
  ]);
}

/** What was begun, with the settings that it was begun with. */
function resumedExecution({ experiment, hash, resultsFolder }: FoundExperiment, flags: Flags, context: CliContext) {
  const other = ['quick', 'profile', 'repeat', 'seed', 'cell'].find((flag) => flags[flag] !== undefined);
  if (other !== undefined) {
    throw new CliError(EXIT.usage, 'SL0903', `--${other} stands beside --resume, which goes on with what was begun`);
  }
  const named = flags['out'];
  const folder = named === undefined ? resultFolders(resultsFolder).at(-1) : resolve(context.cwd, String(named));
  if (folder === undefined) throw new CliError(EXIT.usage, 'SL0804', 'there is nothing to go on with');
  const { records, execution } = readOrExplain(folder);
  if (execution.question !== experiment.question || execution.experimentHash !== hash) {
    const why = `the runs in ${folder} were measured with another version of the experiment`;
    throw new CliError(EXIT.usage, 'SL0804', why, ['begin anew:  leave out --resume']);
  }
  const { question: _, experimentHash: __, ...asked } = execution;
  return { folder, options: { ...asked, done: records } satisfies ExecutionOptions };
}

function readOrExplain(folder: string): Resumed {
  try {
    return readRuns(folder);
  } catch (error) {
    throw explainResults(error);
  }
}

/** `2026-11-22-4-cores`, and with a number behind it where that is taken. */
function newFolder({ resultsFolder }: FoundExperiment, flags: Flags, context: CliContext): string {
  if (flags['out'] !== undefined) {
    const folder = resolve(context.cwd, String(flags['out']));
    if (!holdsRuns(folder)) return folder;
    throw new CliError(EXIT.usage, 'SL0804', `${folder} holds runs already`, [
      'go on with them:  add --resume',
      'or name another folder',
    ]);
  }
  const date = new Date(context.clock.nowMs()).toISOString().slice(0, 10);
  const { cores } = describeMachine({ sluiceVersion: context.version, root: ROOT });
  const profile = profileFlag(flags);
  const name = `${date}-${cores}-cores${profile === 'full' ? '' : `-${profile}`}`;
  for (let number = 1; ; number++) {
    const folder = join(resultsFolder, number === 1 ? name : `${name}-${number}`);
    if (!holdsRuns(folder)) return folder;
  }
}

function appendOrExplain(folder: string, run: RunRecord, facts: { execution: Execution; machine: Machine }): void {
  try {
    appendRun(folder, run, facts);
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

function writeOrExplain(folder: string, results: Results, records: readonly RunRecord[]): void {
  try {
    writeResults(folder, results, records);
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

/** A run that this machine cannot do is no failure; one whose items are not accounted for is the worst. */
function exitCode({ problems }: Results, context: CliContext): ExitCode {
  if (context.interrupt.aborted) return interruptCode(context);
  if (problems.some(({ status }) => status === 'unbalanced')) return EXIT.dataLost;
  return problems.some(({ status }) => status !== 'skipped') ? EXIT.no : EXIT.ok;
}
