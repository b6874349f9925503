import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Issue } from '../../diagnostics/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { type InputFile, listInputFiles, readInputFile, readInputFiles, shownPath } from '../input-files.ts';

export interface SourcePaths {
  /** What `-f` named; undefined: ./telemetry.yaml and ./telemetry/, where they are. */
  readonly files: readonly string[] | undefined;
  /** What `--secrets` named. */
  readonly secrets: readonly string[];
}

export interface SourcesRead {
  readonly files: readonly InputFile[];
  readonly secretFiles: readonly InputFile[];
  /** Paths that could not be read; the texts above are those of the last time. */
  readonly issues: readonly Issue[];
  readonly unreadable: ReadonlySet<string>;
}

/** A folder to watch, and the names in it that matter; undefined: every YAML file. */
export interface WatchedFolder {
  readonly folder: string;
  readonly names: ReadonlySet<string> | undefined;
}

interface Failures {
  readonly issues: Issue[];
  readonly unreadable: Set<string>;
}

/** What is read where nothing is named, as far as it is there. */
export const DEFAULT_PATHS = ['telemetry.yaml', 'telemetry'];

/** The files that decide what runs, read again and again. */
export class InputSources {
  readonly #paths: SourcePaths;
  readonly #context: CliContext;
  readonly #last = new Map<string, readonly InputFile[]>();
  /** Paths that can be read once: standard input, `<(command)` of a shell. */
  readonly #once = new Set<string>();

  constructor(paths: SourcePaths, context: CliContext) {
    this.#paths = paths;
    this.#context = context;
  }

  /** The first time. Throws CliError when a path cannot be read. */
  async readFirst(): Promise<SourcesRead> {
    const load = (path: string) => this.#load(path);
    // A folder that happens to be called so and holds none of ours is nobody's mistake.
    const unasked = async (path: string) => (this.#isEmptyFolder(path) ? [] : load(path));
    const files = await this.#each(this.#named(), this.#paths.files === undefined ? unasked : load);
    const secretFiles = await this.#each(this.#paths.secrets, (path) => this.#load(path));
    return { files, secretFiles, issues: [], unreadable: new Set() };
  }

  /** Later: what cannot be read any more is an issue, and its last text stands in; a folder may be empty by now. */
  async readAgain(): Promise<SourcesRead> {
    const failures: Failures = { issues: [], unreadable: new Set() };
    const reload = async (path: string) => {
      const files = this.#once.has(path) ? await this.#load(path) : this.#readAgain(path, failures);
      this.#last.set(path, files);
      return files;
    };
    const files = await this.#each(this.#named(), reload);
    const secretFiles = await this.#each(this.#paths.secrets, reload);
    return { files, secretFiles, ...failures };
  }

  /** What is to be watched; a folder once for each path that lies in it. */
  watched(): readonly WatchedFolder[] {
    const { cwd } = this.#context;
    const folders: WatchedFolder[] = [];
    for (const path of [...(this.#paths.files ?? DEFAULT_PATHS), ...this.#paths.secrets]) {
      if (this.#once.has(path)) continue;
      const absolute = resolve(cwd, path);
      if (isFolder(absolute)) folders.push({ folder: absolute, names: undefined });
      folders.push(folderOf(absolute), ...this.#linkedFrom(absolute));
    }
    return folders;
  }

  /** Where the files really are that a path leads to through links. */
  #linkedFrom(path: string): readonly WatchedFolder[] {
    try {
      return listInputFiles(path, this.#context.cwd).flatMap((file) => {
        const real = realpathSync(file);
        return real === file ? [] : [folderOf(real)];
      });
    } catch {
      return []; // it is not there; the folder that it will be in is watched
    }
  }

  /** Paths of secrets that others on this machine may read. */
  openSecrets(): readonly string[] {
    const files = this.#paths.secrets.flatMap((path) => this.#last.get(path) ?? []);
    return files.map(({ file }) => file).filter((file) => isReadableByOthers(resolve(this.#context.cwd, file)));
  }

  #named(): readonly string[] {
    return this.#paths.files ?? DEFAULT_PATHS.filter((path) => existsSync(join(this.#context.cwd, path)));
  }

  /** In order, and each file once whatever paths lead to it. */
  async #each(
    paths: readonly string[],
    load: (path: string) => Promise<readonly InputFile[]>,
  ): Promise<readonly InputFile[]> {
    const files = new Map<string, InputFile>();
    for (const path of new Set(paths)) for (const file of await load(path)) files.set(file.file, file);
    return [...files.values()];
  }

  async #load(path: string): Promise<readonly InputFile[]> {
    if (path === '-' || isPipe(resolve(this.#context.cwd, path))) this.#once.add(path);
    const files = (this.#once.has(path) && this.#last.get(path)) || (await readInputFiles([path], this.#context));
    this.#last.set(path, files);
    return files;
  }

  #readAgain(path: string, { issues, unreadable }: Failures): readonly InputFile[] {
    const { cwd } = this.#context;
    const last = this.#last.get(path) ?? [];
    const orLast = (read: () => readonly InputFile[], standIns: readonly InputFile[]) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        for (const { file } of standIns) unreadable.add(file);
        issues.push(issueOf(error, standIns.length > 0));
        return standIns;
      }
    };
    const one = (file: string) => {
      const before = last.filter((known) => known.file === shownPath(file, cwd));
      return orLast(() => [readInputFile(file, cwd)], before);
    };
    return orLast(() => listInputFiles(path, cwd).flatMap(one), last);
  }

  #isEmptyFolder(path: string): boolean {
    const { cwd } = this.#context;
    return isFolder(resolve(cwd, path)) && listInputFiles(path, cwd).length === 0;
  }
}

function folderOf(file: string): WatchedFolder {
  return { folder: dirname(file), names: new Set([basename(file)]) };
}

function issueOf({ code, message, hints: [help] }: CliError, standsIn: boolean): Issue {
  return {
    code,
    severity: 'error',
    message,
    ...(standsIn && { notes: ['the engine keeps running with what it last read there'] }),
    ...(help !== undefined && { help }),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isPipe(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function isReadableByOthers(file: string): boolean {
  const GROUP_OR_OTHERS_READ = 0o044;
  return (
    process.platform !== 'win32' &&
    ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & GROUP_OR_OTHERS_READ) !== 0
  );
}
