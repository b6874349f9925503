import { type LoadedResource, literal } from '../apis/index.ts';
import type { Issue, Path } from '../diagnostics/index.ts';
import { checkGroup, type Group, type GroupProblem } from '../ottl/index.ts';
import { type FilterNode, type ProcessorNode, SIGNAL_OF_KIND, type TransformNode } from './graph.ts';
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
  return {
    processors: entries.map((entry) => nodeOf(entry, loaded)),
    issues: entries.flatMap((entry) => issuesOf(entry, loaded)),
  };
}

/** Without those that do nothing: no statement to run, or no condition that drops. */
function entriesOf({ resource }: LoadedResource): readonly Entry[] {
  const { transform = [], filter = [] } = resource.spec;
  const transforms = transform.map(({ conditions = [], statements = [] }, index): Entry => {
    return { for: 'transform', path: ['spec', 'transform', index], conditions, statements };
  });
  const filters = filter.map(({ conditions = [] }, index): Entry => {
    return { for: 'filter', path: ['spec', 'filter', index], conditions, statements: [] };
  });
  return [
    ...transforms.filter(({ statements }) => statements.length > 0),
    ...filters.filter(({ conditions }) => conditions.length > 0),
  ];
}

function nodeOf(entry: Entry, loaded: LoadedResource): TransformNode | FilterNode {
  const conditions = entry.conditions.map(literal);
  const source = sourceOf(loaded, entry.path);
  if (entry.for === 'filter') return { kind: 'processor', type: 'filter', conditions, ...source };
  return { kind: 'processor', type: 'transform', conditions, statements: entry.statements.map(literal), ...source };
}

function issuesOf(entry: Entry, loaded: LoadedResource): readonly Issue[] {
  const { problems } = checkGroup({
    signal: SIGNAL_OF_KIND[loaded.resource.kind],
    for: entry.for,
    conditions: entry.conditions.map(literal),
    statements: entry.statements.map(literal),
  });
  return problems.map((problem) => issueOf(problem, entry, loaded));
}

function issueOf(problem: GroupProblem, entry: Entry, { document }: LoadedResource): Issue {
  const path = [...entry.path, problem.in, problem.index];
  const text = entry[problem.in][problem.index] ?? '';
  const span = document.spanWithin(path, writtenOffset(text, problem.start), writtenOffset(text, problem.end));
  const { code, severity, message, label, help } = problem;
  return {
    code,
    severity,
    message,
    path: document.written(path),
    span: span ?? document.nearestSpan(path),
    ...(label === undefined ? {} : { label }),
    ...(help === undefined ? {} : { help }),
  };
}

/** Where an offset of the literal text stands in what was written, in which `$$` means one `$`. */
function writtenOffset(written: string, offset: number): number {
  let at = 0;
  for (let read = 0; read < offset && at < written.length; read++) at += written.startsWith('$$', at) ? 2 : 1;
  return at;
}
