import { suggest } from '../../diagnostics/index.ts';
import { type ContextName, enumsOf, FUNCTIONS, functionSignature, pathNames } from '../../ottl/index.ts';

/** A function of OTTL, as people write it. */
export interface FunctionEntry {
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  readonly example: string;
  /** Absent: everywhere. */
  readonly contexts?: readonly ContextName[];
}

/** What a path may begin with, and how it goes on. */
export interface ContextEntry {
  readonly context: ContextName;
  readonly signals: readonly string[];
  readonly paths: readonly string[];
  /** Words that stand for numbers. */
  readonly symbols: readonly string[];
}

/** The signals whose rules can name it. */
const SIGNALS_OF: Readonly<Record<ContextName, readonly string[]>> = {
  resource: ['traces', 'metrics', 'logs'],
  scope: ['traces', 'metrics', 'logs'],
  span: ['traces'],
  spanevent: ['traces'],
  metric: ['metrics'],
  datapoint: ['metrics'],
  log: ['logs'],
};
const CONTEXTS = Object.keys(SIGNALS_OF) as ContextName[];

export function ottlFunctions(): readonly FunctionEntry[] {
  return [...FUNCTIONS.values()]
    .map((spec) => {
      const { name, doc, example, contexts } = spec;
      return {
        name,
        signature: functionSignature(spec),
        doc,
        example,
        ...(contexts === undefined ? {} : { contexts }),
      };
    })
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

export function ottlContexts(): readonly ContextEntry[] {
  return CONTEXTS.map((context) => ({
    context,
    signals: SIGNALS_OF[context],
    paths: pathsOf(context),
    symbols: [...enumsOf(context).keys()],
  }));
}

/** `IsMatch`, in any case. */
export function functionEntry(word: string): FunctionEntry | undefined {
  const name = word.replace(/\(.*$/s, '').toLowerCase();
  return ottlFunctions().find((one) => one.name.toLowerCase() === name);
}

/** `span`, or the context of `span.status.code`, keys in brackets or not, or of `SPAN_KIND_SERVER`. */
export function contextEntry(word: string): ContextEntry | undefined {
  const path = word.replace(/\[.*$/s, '');
  return ottlContexts().find(
    ({ context, paths, symbols }) => context === path || paths.includes(path) || symbols.includes(word),
  );
}

/** Why there is no such path; undefined for a word that looks like none. */
export function pathProblem(word: string): string | undefined {
  const [head = ''] = word.split('.');
  const entry = ottlContexts().find(({ context }) => context === head);
  if (entry === undefined || !word.includes('.')) return undefined;
  const near = suggest(word, entry.paths);
  return `OTTL has no path \`${word}\`${near === undefined ? `; there are: ${entry.paths.join(', ')}` : `; did you mean \`${near}\`?`}`;
}

function pathsOf(context: ContextName): readonly string[] {
  return pathNames(context).map((path) => `${context}.${path}`);
}
