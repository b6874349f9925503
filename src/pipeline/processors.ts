import { type LoadedResource, literal } from '../apis/index.ts';
import type { Issue, Path, SourceSpan } from '../diagnostics/index.ts';
import { checkGroup, type Group, type GroupProblem, lintGroups } from '../ottl/index.ts';
import type { Signal } from '../pdata/index.ts';
import { type ProcessorNode, SIGNAL_OF_KIND } from './graph.ts';
import { sourceOf } from './node-source.ts';

/** An entry of `spec.transform` or `spec.filter` as it was written. */
interface Entry {
  readonly for: Group['for'];
  readonly path: Path;
  readonly conditions: readonly string[];
  readonly statements: readonly string[];
}

/** What the user has done to the data: first every `transform`, then every `filter`, as upstream has it. Every mistake at once. */
export function processorsOf(loaded: LoadedResource): {
  readonly processors: readonly ProcessorNode[];
  readonly issues: readonly Issue[];
} {
  const entries = entriesOf(loaded);
  const groups = entries.map((entry) => groupOf(entry, SIGNAL_OF_KIND[loaded.resource.kind]));
  const issues = entries.flatMap((entry, index) =>
    checkGroup(groups[index]!).problems.map((problem) => issueOf(problem, entry, loaded)),
  );
  return {
    processors: entries.flatMap((entry, index) => (runs(entry) ? [nodeOf(entry, groups[index]!, loaded)] : [])),
    issues: issues.some(({ severity }) => severity === 'error')
      ? issues
      : [...issues, ...lints(groups, entries, loaded)],
  };
}

/** A transform of conditions alone does nothing; mistakes in it are told all the same, as upstream does. */
function runs({ for: processor, statements }: Entry): boolean {
  return processor === 'filter' || statements.length > 0;
}

/** Without those in which nothing stands. */
function entriesOf({ resource }: LoadedResource): readonly Entry[] {
  const { transform = [], filter = [] } = resource.spec;
  const transforms = transform.map(({ conditions = [], statements = [] }, index): Entry => {
    return { for: 'transform', path: ['spec', 'transform', index], conditions, statements };
  });
  const filters = filter.map(({ conditions = [] }, index): Entry => {
    return { for: 'filter', path: ['spec', 'filter', index], conditions, statements: [] };
  });
  return [...transforms, ...filters].filter(({ conditions, statements }) => conditions.length + statements.length > 0);
}

function groupOf({ for: processor, conditions, statements }: Entry, signal: Signal): Group {
  return { signal, for: processor, conditions: conditions.map(literal), statements: statements.map(literal) };
}

function nodeOf({ path }: Entry, { for: type, conditions, statements }: Group, loaded: LoadedResource): ProcessorNode {
  const source = sourceOf(loaded, path);
  return type === 'filter'
    ? { kind: 'processor', type, conditions, ...source }
    : { kind: 'processor', type, conditions, statements, ...source };
}

function lints(groups: readonly Group[], entries: readonly Entry[], loaded: LoadedResource): readonly Issue[] {
  return lintGroups(groups).map(({ related, ...lint }) => {
    const issue = issueOf(lint, entries[lint.group]!, loaded);
    if (related === undefined) return issue;
    const { label } = related;
    return { ...issue, related: [{ span: spanOf(related, entries[related.group]!, loaded), label }] };
  });
}

function issueOf(problem: GroupProblem, entry: Entry, loaded: LoadedResource): Issue {
  const { code, severity, message, label, help } = problem;
  return {
    code,
    severity,
    message,
    path: loaded.document.written([...entry.path, problem.in, problem.index]),
    span: spanOf(problem, entry, loaded),
    ...(label === undefined ? {} : { label }),
    ...(help === undefined ? {} : { help }),
  };
}

type Place = Pick<GroupProblem, 'in' | 'index' | 'start' | 'end'>;

function spanOf(place: Place, entry: Entry, { document }: LoadedResource): SourceSpan {
  const path = [...entry.path, place.in, place.index];
  const text = entry[place.in][place.index] ?? '';
  const span = document.spanWithin(path, writtenOffset(text, place.start), writtenOffset(text, place.end));
  return span ?? document.nearestSpan(path);
}

/** Where an offset of the literal text stands in what was written, in which `$$` means one `$`. */
function writtenOffset(written: string, offset: number): number {
  let at = 0;
  for (let read = 0; read < offset && at < written.length; read++) at += written.startsWith('$$', at) ? 2 : 1;
  return at;
}
