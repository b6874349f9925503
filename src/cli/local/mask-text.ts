import type { SourceFile, SourceSpan } from '../../diagnostics/index.ts';

/** What stands for a value that nobody may see. */
export const HIDDEN = '‹hidden›';

/** The text with its secrets replaced; every line keeps its number. */
export function maskText({ text, sensitive = [] }: SourceFile): string {
  const lines = text.split('\n');
  const spans = [...sensitive].sort((a, b) => b.line - a.line || b.column - a.column);
  for (const span of spans) hide(lines, span);
  return lines.join('\n');
}

function hide(lines: string[], { line, column, endLine, endColumn }: SourceSpan): void {
  const first = lines[line - 1];
  if (first === undefined) return;
  const last = lines[endLine - 1] ?? '';
  const rest = endLine === line ? first.slice(endColumn - 1) : last.slice(endColumn - 1);
  // A span that lies within one which is hidden already leaves nothing of it to see.
  lines[line - 1] = `${first.slice(0, column - 1)}${HIDDEN}${rest.startsWith(HIDDEN) ? '' : rest}`;
  for (let at = line; at < endLine && at < lines.length; at++) lines[at] = '';
}
