import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Issue, type SourceFile, suggest } from '../../diagnostics/index.ts';
import { type Experiment, readExperiment } from '../../lab/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';

/** The folder that Sluice was started from: its sources, and the experiments that come with it. */
export const ROOT = resolve(import.meta.dirname, '../../..');

const FILE = 'experiment.yaml';
/** Beside the experiments; no question is called so. */
const RESULTS = 'results';

export interface FoundExperiment {
  readonly experiment: Experiment;
  /** SHA-256 of its file. */
  readonly hash: string;
  /** Where its results go by default: a folder for each execution. */
  readonly resultsFolder: string;
}

interface Place {
  readonly question: string;
  readonly parent: string;
}

/** Every experiment that can be read; what is wrong with the others is printed. */
export function allExperiments(flags: Record<string, unknown>, context: CliContext) {
  const read = placesOf(flags, context).map((place) => readPlace(place, context));
  const issues = read.flatMap((one) => one.issues);
  const sources = read.map((one) => one.source);
  reportIssues(issues, sources, context);
  return { found: read.flatMap((one) => one.found ?? []), isComplete: !hasErrors(issues) };
}

/** The experiment that answers this question. */
export function findExperiment(
  question: string,
  flags: Record<string, unknown>,
  context: CliContext,
): FoundExperiment | undefined {
  const places = placesOf(flags, context);
  const place = places.find((one) => one.question === question);
  if (place === undefined) throw noExperiment(question, places);
  const { found, issues, source } = readPlace(place, context);
  reportIssues(issues, [source], context);
  return found;
}

/** Where results of a question are by default, whether its experiment can be read or not. */
export function resultsFolderOf(question: string, flags: Record<string, unknown>, context: CliContext): string {
  const places = placesOf(flags, context);
  const place = places.find((one) => one.question === question);
  if (place === undefined) throw noExperiment(question, places);
  return join(place.parent, RESULTS, question);
}

/** Of two of one name, the one that was named by hand, or that is nearer, counts. */
function placesOf(flags: Record<string, unknown>, { cwd }: CliContext): readonly Place[] {
  const named = ((flags['experiments'] as readonly string[] | undefined) ?? []).map((path) => resolve(cwd, path));
  const missing = named.find((path) => !existsSync(path));
  if (missing !== undefined) throw new CliError(EXIT.usage, 'SL0803', `there is no folder ${missing}`);
  const folders = [...named, join(cwd, 'experiments'), join(ROOT, 'experiments')].filter(existsSync);
  const places = [...new Set(folders.map((path) => realpathSync(path)))].flatMap((parent) =>
    readdirSync(parent)
      .sort()
      .filter((question) => question !== RESULTS && existsSync(join(parent, question, FILE)))
      .map((question) => ({ question, parent })),
  );
  return places.filter(({ question }, index) => places.findIndex((one) => one.question === question) === index);
}

function readPlace(
  { question, parent }: Place,
  { cwd }: CliContext,
): { readonly found?: FoundExperiment; readonly issues: readonly Issue[]; readonly source: SourceFile } {
  const path = join(parent, question, FILE);
  const below = relative(cwd, path);
  const source = { file: below.startsWith('..') ? path : below, text: readFileSync(path, 'utf8') };
  const { experiment, issues } = readExperiment(source, question);
  if (experiment === undefined) return { issues, source };
  const hash = createHash('sha256').update(source.text).digest('hex');
  return { found: { experiment, hash, resultsFolder: join(parent, RESULTS, question) }, issues, source };
}

function noExperiment(question: string, places: readonly Place[]): CliError {
  const names = places.map((place) => place.question);
  const near = suggest(question, names);
  const meant = near === undefined ? '' : `; did you mean \`${near}\`?`;
  return new CliError(EXIT.usage, 'SL0803', `no experiment is called \`${question}\`${meant}`, [
    ...(names.length === 0 ? [] : [`there are:  ${names.join(', ')}`]),
    'elsewhere:  add --experiments DIR',
  ]);
}
