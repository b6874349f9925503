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

const BUFFER = ['spec', 'delivery', 'buffer'] as const;

/** Fields of the API that this version cannot carry out. They are refused where used, so that nothing is silently ignored. */
const LATER: readonly LaterField[] = [
  { path: ['spec', 'input', 'runtime', 'naming'], words: ['Exporters', 'Both'], help: 'use `OpenTelemetry`' },
  { path: [...BUFFER, 'maxAge'] },
  { path: [...BUFFER, 'onFull'], words: ['DropOldest'], help: 'use `DropNewest` or, in a cluster, `Block`' },
];

/** Those that the Collectors of a cluster carry out, and nothing on one machine so far. */
const LATER_ON_ONE_MACHINE: readonly LaterField[] = [
  { path: ['spec', 'delivery', 'guarantee'], words: ['AtLeastOnce'], help: 'use `BestEffort`' },
  { path: [...BUFFER, 'storage'], words: ['Disk'], help: 'use `Memory`' },
  { path: [...BUFFER, 'onFull'], words: ['Block'], help: 'use `DropNewest`' },
  { path: [...BUFFER, 'volume'] },
];

/** Every use of a field whose support comes later. */
export function laterIssues(kind: PipelineKind, document: SourceDocument): Issue[] {
  return usesOf(LATER, { kind, document, where: 'by this version yet' });
}

/** Every use of a field that nothing outside a cluster carries out so far. */
export function clusterOnlyIssues(kind: PipelineKind, document: SourceDocument): Issue[] {
  return usesOf(LATER_ON_ONE_MACHINE, { kind, document, where: 'on one machine yet, only in a cluster' });
}

interface Search {
  readonly kind: PipelineKind;
  readonly document: SourceDocument;
  /** Ends the sentence "is not supported". */
  readonly where: string;
}

function usesOf(fields: readonly LaterField[], { kind, document, where }: Search): Issue[] {
  return fields.flatMap((field) =>
    places(document.value, field.path)
      .filter(({ value }) => asksFor(field, value, kind))
      .map(({ path, value }) => ({
        ...laterIssue(path, field, document),
        message: `${named(path, value, field, document)} is not supported ${where}`,
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

/** Where support comes later, for documentation: `spec.filters`, `spec.delivery.buffer.onFull: DropOldest`. */
export function laterFields(): readonly FieldAndWords[] {
  return LATER.map(fieldAndWords);
}

/** What a cluster alone supports, likewise. */
export function clusterOnlyFields(): readonly FieldAndWords[] {
  return LATER_ON_ONE_MACHINE.map(fieldAndWords);
}

function fieldAndWords({ path, words }: LaterField): FieldAndWords {
  return { path, ...(words ? { words } : {}) };
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
