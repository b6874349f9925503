import type { Issue, Path, SourceDocument } from '../diagnostics/index.ts';
import { formatPath } from '../diagnostics/index.ts';
import type { PipelineKind } from './resource.ts';

interface LaterField {
  /** `*` stands for every item of a list. */
  readonly path: readonly string[];
  /** The words that ask for what is missing; absent: any value does. */
  readonly words?: readonly string[];
  /** Which values ask for what is missing; default: any but an empty list. */
  readonly when?: (value: unknown, kind: PipelineKind) => boolean;
  /** What to do instead. */
  readonly help?: string;
}

/** Fields of the API that this version cannot carry out. They are refused where used, so that nothing is silently ignored. */
const LATER: readonly LaterField[] = [
  { path: ['spec', 'input', 'runtime', 'naming'], words: ['Exporters', 'Both'], help: 'use `OpenTelemetry`' },
];

/** Every use of a field whose support comes later. */
export function laterIssues(kind: PipelineKind, document: SourceDocument): Issue[] {
  return LATER.flatMap((field) =>
    places(document.value, field.path)
      .filter(({ value }) => asksFor(field, value, kind))
      .map(({ path, value }) => ({
        ...laterIssue(path, field, document),
        message: `${named(path, value, field, document)} is not supported by this version yet`,
      })),
  );
}

function asksFor({ words, when }: LaterField, value: unknown, kind: PipelineKind): boolean {
  if (words) return words.includes(value as string);
  return when ? when(value, kind) : !(Array.isArray(value) && value.length === 0);
}

interface FieldAndWords {
  readonly path: readonly string[];
  readonly words?: readonly string[];
}

/** Where support comes later, for documentation: `spec.input.runtime.naming: Both`. */
export function laterFields(): readonly FieldAndWords[] {
  return LATER.map(({ path, words }) => ({ path, ...(words ? { words } : {}) }));
}

function named(place: Path, value: unknown, field: LaterField, document: SourceDocument): string {
  const word = field.words ? `: ${value}` : '';
  return `\`${formatPath(document.written(place))}${word}\``;
}

function laterIssue(place: Path, field: LaterField, document: SourceDocument): Omit<Issue, 'message'> {
  const span = document.spanOf(place, field.words === undefined ? 'key' : 'value');
  return {
    code: 'SL0106',
    severity: 'error',
    path: document.written(place),
    ...(span ? { span } : {}),
    label: 'this would be ignored, so it is refused',
    help: field.help ?? 'remove it; the rest of the pipeline can run',
  };
}

/** Where a pattern meets a document; values that are null count as absent. */
function places(value: unknown, pattern: readonly string[], path: Path = []): { path: Path; value: unknown }[] {
  if (value === null || value === undefined) return [];
  const [step, ...rest] = pattern;
  if (step === undefined) return [{ path, value }];
  if (step === '*')
    return Array.isArray(value) ? value.flatMap((item, index) => places(item, rest, [...path, index])) : [];
  if (typeof value !== 'object' || !Object.hasOwn(value, step)) return [];
  return places((value as Record<string, unknown>)[step], rest, [...path, step]);
}
