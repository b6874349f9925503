import {
  allCells,
  cellsOf,
  estimateMs,
  PROFILES,
  type Profile,
  type ProfileName,
  resultFolders,
} from '../../lab/index.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatDocument, parseOutputFlag, reportDocument } from '../report-document.ts';
import { renderTable, shortAge } from '../table.ts';
import { allExperiments, type FoundExperiment, findExperiment } from './experiments.ts';

/** `lab list`: what can be asked and how long each takes; with a question, its cells. */
export async function listExperiments(
  flags: Record<string, unknown>,
  named: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  const { found: chosen, isComplete } =
    named.length === 0 ? allExperiments(flags, context) : namedExperiments(named, flags, context);
  const format = parseOutputFlag(flags['output']);
  const items = chosen.map(describe);
  if (format !== 'text') {
    const content = { kind: 'LabExperiments', target: 'files', summary: { experiments: items.length }, items };
    context.stdout.write(formatDocument(reportDocument(content, context), format));
  } else context.stdout.write(named.length === 0 ? overview(items) : chosen.map(cellsText).join('\n'));
  return isComplete ? EXIT.ok : EXIT.no;
}

function namedExperiments(named: readonly string[], flags: Record<string, unknown>, context: CliContext) {
  const found = named.flatMap((question) => findExperiment(question, flags, context) ?? []);
  return { found, isComplete: found.length === named.length };
}

function describe({ experiment, resultsFolder }: FoundExperiment) {
  const time = (name: ProfileName, profile: Profile) => {
    const cells = cellsOf(experiment, name).length;
    const { repetitions } = profile;
    return { cells, repetitions, seconds: estimateMs(cells * repetitions, profile) / 1000 };
  };
  const { quick, full, cluster } = experiment.profiles;
  return {
    question: experiment.question,
    title: experiment.title,
    quick: time('quick', quick),
    full: time('full', full),
    ...(cluster === undefined ? {} : { cluster: time('cluster', cluster) }),
    needs: experiment.needs,
    results: resultFolders(resultsFolder),
  };
}

function overview(items: readonly ReturnType<typeof describe>[]): string {
  if (items.length === 0) return 'no experiments here; --experiments names a folder with some\n';
  const rows = items.map(({ question, quick, full, results, title }) => [
    question,
    String(full.cells),
    shortAge(quick.seconds),
    shortAge(full.seconds),
    String(results.length),
    title,
  ]);
  return renderTable(['QUESTION', 'CELLS', 'QUICK', 'FULL', 'RESULTS', 'IN WORDS'], rows);
}

function cellsText({ experiment }: FoundExperiment): string {
  const profiles = PROFILES.map((name) => ({ name, cells: cellsOf(experiment, name) }));
  const profilesOf = (id: string) =>
    profiles
      .filter(({ cells }) => cells.some((one) => one.id === id))
      .map(({ name }) => name)
      .join(', ');
  const rows = allCells(experiment).map(({ id, coordinates }) => [
    id,
    profilesOf(id),
    experiment.scenarios[coordinates.scenario]?.title ?? '',
  ]);
  return `${experiment.title}\n${renderTable(['CELL', 'PROFILES', 'SCENARIO'], rows)}`;
}
