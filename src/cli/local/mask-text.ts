import type { SourceFile, SourceSpan } from '../../diagnostics/index.ts';

/** What stands for a value that nobody may see. */
export const HIDDEN = '‹hidden›';

/** The text with its secrets replaced; every line keeps its number. */
export function maskText({ text, sensitive = [] }: SourceFile): string {
  const lines = text.split('\n');
  for (const place of merged(sensitive).reverse()) hide(lines, place);
  return lines.join('\n');
}

/** In the order of the text, and none overlaps another. */
function merged(spans: readonly SourceSpan[]): SourceSpan[] {
  const places: SourceSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.line - b.line || a.column - b.column)) {
    const last = places.at(-1);
    if (last === undefined || isBefore(last, span.line, span.column)) places.push(span);
    else if (isBefore(last, span.endLine, span.endColumn)) {
      places[places.length - 1] = { ...last, endLine: span.endLine, endColumn: span.endColumn };
    }
  }
  return places;
}

function isBefore({ endLine, endColumn }: SourceSpan, line: number, column: number): boolean {
  return endLine < line || (endLine === line && endColumn < column);
}

function hide(lines: string[], { line, column, endLine, endColumn }: SourceSpan): void {
  const first = lines[line - 1];
  if (first === undefined) return;
  const rest = (lines[endLine - 1] ?? '').slice(endColumn - 1);
  lines[line - 1] = `${first.slice(0, column - 1)}${HIDDEN}${rest}`;
  for (let at = line; at < endLine && at < lines.length; at++) lines[at] = '';
}
