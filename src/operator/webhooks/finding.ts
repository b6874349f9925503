import {
  formatPath,
  type Issue,
  type Path,
  parseYamlDocuments,
  printable,
  type SourceDocument,
  type SourceSpan,
} from '../../diagnostics/index.ts';

/** An issue of an object that has no file: what it is about is shown as Kubernetes does. */
export interface Finding {
  readonly issue: Issue;
  /** `spec.transform[0].conditions[0]`; empty for the whole object. */
  readonly field: string;
  /** As it may be shown: quoted, shortened; undefined where it may hold a secret, or is no single value. */
  readonly value: string | undefined;
  /** Where in a text: `column 7`. */
  readonly place: string | undefined;
  /** What stands there, to be compared. */
  readonly content: unknown;
}

const MAX_VALUE_LENGTH = 60;

/** `text`: the JSON of the object with every value on a line of its own, which the spans are about. */
export function findingsOf(
  issues: readonly Issue[],
  text: string,
  sensitive: readonly SourceSpan[],
): readonly Finding[] {
  const document = parseYamlDocuments(text, '').documents[0];
  if (issues.length === 0 || document === undefined) return [];
  const lines = text.split('\n');
  return issues.map((issue) => {
    const path = issue.path ?? [];
    const span = path.length === 0 ? undefined : document.spanOf(path);
    const content = span === undefined ? undefined : valueAt(document, path);
    const isHidden = span === undefined || sensitive.some((place) => overlap(place, span));
    return {
      issue,
      field: formatPath(path),
      value: isHidden ? undefined : shown(content),
      place: span === undefined ? undefined : placeWithin(content, span, issue, lines),
      content,
    };
  });
}

function valueAt({ value }: SourceDocument, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null)?.[step], value);
}

function overlap(a: SourceSpan, b: SourceSpan): boolean {
  const isBefore = (one: SourceSpan, other: SourceSpan) =>
    one.endLine < other.line || (one.endLine === other.line && one.endColumn <= other.column);
  return !isBefore(a, b) && !isBefore(b, a);
}

function shown(content: unknown): string | undefined {
  if (typeof content === 'number' || typeof content === 'boolean') return String(content);
  if (typeof content !== 'string') return undefined;
  const text = printable(content.replace(/\s+/g, ' ').trim());
  return `"${text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH - 1)}…` : text}"`;
}

/** Where a part of a text is to blame: JSON keeps it on one line, as people may not. */
function placeWithin(content: unknown, span: SourceSpan, issue: Issue, lines: readonly string[]): string | undefined {
  if (typeof content !== 'string' || issue.span === undefined) return undefined;
  if (issue.span.line !== span.line || issue.span.column <= span.column) return undefined;
  const before = unquoted((lines[span.line - 1] ?? '').slice(span.column, issue.span.column - 1));
  if (before === undefined || (before === '' && issue.span.endColumn >= span.endColumn - 1)) return undefined;
  const above = before.split('\n');
  const column = `column ${above.at(-1)!.length + 1}`;
  return content.includes('\n') ? `line ${above.length}, ${column}` : column;
}

/** Undefined where the text ends within an escape. */
function unquoted(json: string): string | undefined {
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return undefined;
  }
}
