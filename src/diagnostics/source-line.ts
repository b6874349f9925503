import type { SourceSpan } from './issue.ts';
import { displayWidth, printable } from './printable.ts';

const MASK = '********';
const TAB = '    ';

/** A source line as it is shown, and where its characters went: tabs, wide characters and masked values move the columns. */
export interface ShownLine {
  readonly text: string;
  /** The display column (from 0) of a source column (from 1). */
  readonly columnOf: (sourceColumn: number) => number;
}

export function showLine(line: string, number: number, masked: readonly SourceSpan[]): ShownLine {
  const hidden = masked.flatMap((span) => rangeOnLine(span, number, line.length));
  const columns: number[] = [];
  let text = '';
  let width = 0;
  const put = (shown: string, shownWidth: number, units: number) => {
    for (let unit = 0; unit < units; unit++) columns.push(width);
    text += shown;
    width += shownWidth;
  };
  for (let at = 0; at < line.length; ) {
    const mask = hidden.find((range) => at >= range.start && at < range.end);
    if (mask) {
      put(MASK, MASK.length, mask.end - at);
      at = mask.end;
      continue;
    }
    const char = String.fromCodePoint(line.codePointAt(at)!);
    const shown = char === '\t' ? TAB : printable(char);
    put(shown, shown.length > 1 && shown !== char ? shown.length : displayWidth(char), char.length);
    at += char.length;
  }
  columns.push(width);
  return { text, columnOf: (column) => columns[Math.max(0, Math.min(column - 1, line.length))]! };
}

function rangeOnLine(span: SourceSpan, line: number, length: number): { start: number; end: number }[] {
  if (line < span.line || line > span.endLine) return [];
  const start = line === span.line ? span.column - 1 : 0;
  const end = line === span.endLine ? span.endColumn - 1 : length;
  return end > start ? [{ start, end: Math.min(end, length) }] : [];
}
