import { type DeadLetter, type LetterFile, listLetterFiles, readLettersLeft } from '../../engine/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { isMeant } from './letter-folders.ts';

/** A letter and where it is. */
export interface FoundLetter {
  /** Its file and its place in it, `3.22`; alone in its folder. */
  readonly id: string;
  readonly folder: string;
  readonly file: LetterFile;
  readonly letter: DeadLetter;
}

/** Which letters are meant. */
export interface LetterChoice {
  readonly pipeline?: string | undefined;
  readonly id?: string | undefined;
}

/** What a file of dead letters holds of those that are meant. */
export interface FoundFile {
  readonly folder: string;
  readonly file: LetterFile;
  readonly letters: readonly FoundLetter[];
  readonly damagedBytes: number;
}

/** Oldest file first in each folder; one file is in memory at a time. */
export async function* filesIn(folders: readonly string[], { pipeline, id }: LetterChoice): AsyncGenerator<FoundFile> {
  for (const folder of folders) {
    for (const file of await listLetterFiles(folder)) {
      if (id !== undefined && !id.startsWith(`${file.number}.`)) continue;
      const { letters, damaged } = await readLettersLeft(file.path);
      const found = letters.map((letter) => ({ id: `${file.number}.${letter.offset}`, folder, file, letter }));
      yield {
        folder,
        file,
        letters: found.filter((one) => (id === undefined || one.id === id) && isMeant(pipeline, one.letter.exporter)),
        damagedBytes: damaged.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      };
    }
  }
}

/** There is nothing that is meant. */
export function nothingFound({ pipeline, id }: LetterChoice, root: string): CliError {
  const what = id === undefined ? 'are no dead letters' : `is no dead letter ${id}`;
  const whose = pipeline === undefined ? '' : ` of \`${pipeline}\``;
  return new CliError(EXIT.no, 'SL0704', `there ${what}${whose} in ${root}`, [
    'those that there are:  sluice deadletter list',
    'elsewhere:             add --directory DIR',
  ]);
}
