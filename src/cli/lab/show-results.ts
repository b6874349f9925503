import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import {
  compareResults,
  RESULTS_UNUSABLE,
  type Results,
  readResults,
  resultFolders,
  writeReport,
} from '../../lab/index.ts';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag } from '../flags.ts';
import { explainFileError } from '../output-file.ts';
import { formatDocument, parseOutputFlag, reportDocument } from '../report-document.ts';
import { resultsFolderOf } from './experiments.ts';
import { asciiOf, comparisonText, resultsText } from './results-text.ts';

type Flags = Record<string, unknown>;

/** What `compare` may end with exit code 1 for; `problems`: runs of the newer results that do not count. */
const FAIL_ON = ['worse', 'unclear', 'problems'] as const;

export async function showResults(flags: Flags, named: readonly string[], context: CliContext): Promise<ExitCode> {
  const folder = resultsNamed(only(named, 'show'), flags, context);
  printResults(read(folder), { folder, flags }, context);
  return EXIT.ok;
}

/** On stdout: text for people, or the document. */
export function printResults(
  results: Results,
  { folder, flags }: { readonly folder: string; readonly flags: Flags },
  context: CliContext,
): void {
  const format = parseOutputFlag(flags['output']);
  if (format === 'text') {
    const text = resultsText(results, { program: context.program, all: flags['all'] === true });
    context.stdout.write(shown(`${text}Report:  ${join(folder, 'report.html')}\n`, context));
    return;
  }
  const { cells, ...summary } = results;
  const content = { kind: 'LabResults', target: folder, summary, items: cells };
  context.stdout.write(formatDocument(reportDocument(content, context), format));
}

function shown(text: string, { unicode }: CliContext): string {
  return unicode ? text : asciiOf(text);
}

export async function compare(flags: Flags, named: readonly string[], context: CliContext): Promise<ExitCode> {
  const [first, second, ...rest] = named;
  if (first === undefined || second === undefined || rest.length > 0) {
    throw new CliError(
      EXIT.usage,
      'SL0902',
      '`lab compare` takes two results: the baseline, and what is compared with it',
      ['such as:  sluice lab compare experiments/results/isolation/before experiments/results/isolation/after'],
    );
  }
  const failOn = ((flags['failOn'] as readonly string[] | undefined) ?? []).map((word) =>
    parseChoiceFlag('--fail-on', word, FAIL_ON),
  );
  const [baseline, newer] = [read(resultsNamed(first, flags, context)), read(resultsNamed(second, flags, context))];
  if (baseline.question !== newer.question) {
    const why = `the results answer two questions, \`${baseline.question}\` and \`${newer.question}\``;
    throw new CliError(EXIT.usage, 'SL0804', why);
  }
  const comparison = compareResults(baseline, newer);
  const format = parseOutputFlag(flags['output']);
  const { rows, ...summary } = comparison;
  const document = () => reportDocument({ kind: 'LabComparison', target: second, summary, items: rows }, context);
  context.stdout.write(
    format === 'text'
      ? shown(comparisonText(comparison, newer.figures, flags['all'] === true), context)
      : formatDocument(document(), format),
  );
  const isBad = failOn.some((what) =>
    what === 'problems' ? newer.problems.length > 0 : comparison.verdicts[what] > 0,
  );
  return isBad ? EXIT.no : EXIT.ok;
}

export async function report(flags: Flags, named: readonly string[], context: CliContext): Promise<ExitCode> {
  const folder = resultsNamed(only(named, 'report'), flags, context);
  const results = read(folder);
  try {
    context.stdout.write(`${writeReport(folder, results)}\n`);
  } catch (error) {
    throw explainFileError(join(folder, 'report.html'), error);
  }
  return EXIT.ok;
}

function only(named: readonly string[], action: string): string {
  const [first, second] = named;
  if (first !== undefined && second === undefined) return first;
  throw new CliError(EXIT.usage, 'SL0902', `\`lab ${action}\` takes one question, or a folder of results`, [
    `such as:  sluice lab ${action} isolation`,
  ]);
}

/** A folder of results, or the last one of a question. */
function resultsNamed(name: string, flags: Flags, context: CliContext): string {
  const path = resolve(context.cwd, name);
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  // One of their files; a question has no extension.
  if (extname(path) !== '' && existsSync(path)) return dirname(path);
  const latest = resultFolders(resultsFolderOf(name, flags, context)).at(-1);
  if (latest !== undefined) return latest;
  throw new CliError(EXIT.usage, 'SL0804', `there are no results of \`${name}\` yet`, [
    `measure:  sluice lab run ${name} --quick`,
  ]);
}

function read(folder: string): Results {
  try {
    return readResults(folder);
  } catch (error) {
    throw explainResults(error);
  }
}

/** What cannot be read is for people to mend; everything else is a bug. */
export function explainResults(error: unknown): unknown {
  if (errorCode(error) !== RESULTS_UNUSABLE) return error;
  return new CliError(EXIT.usage, 'SL0804', errorMessage(error), ['name a folder that `sluice lab run` has written']);
}
