import type { ProfileName } from '../experiment/experiment.ts';

/** What `sluice lab run` has to be told to do the same again. */
export interface Repeat {
  readonly question: string;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly repetitions?: number;
  readonly cells?: readonly string[];
  /** The folders that `--experiments` named. */
  readonly experiments?: readonly string[];
}

/** A command to copy. It begins with `sluice`, whatever the program is called. */
export function repeatCommand(repeat: Repeat): string {
  const { question, profile, seed, repetitions, cells = [], experiments = [] } = repeat;
  return [
    `sluice lab run ${question}`,
    ...experiments.map((folder) => `--experiments ${quoted(folder)}`),
    ...(profile === 'quick' ? ['--quick'] : []),
    ...(profile === 'cluster' ? ['--profile cluster'] : []),
    ...cells.map((cell) => `--cell ${quoted(cell)}`),
    `--seed ${seed}`,
    ...(repetitions === undefined ? [] : [`--repeat ${repetitions}`]),
  ].join(' ');
}

/** The one run: the seed of a run is that of the execution it is the first of. */
export function repeatOfRun(
  { question, profile, experiments }: Pick<Repeat, 'question' | 'profile' | 'experiments'>,
  run: { readonly cell: string; readonly seed: number },
): string {
  const elsewhere = experiments === undefined ? {} : { experiments };
  return repeatCommand({ question, profile, seed: run.seed, repetitions: 1, cells: [run.cell], ...elsewhere });
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
