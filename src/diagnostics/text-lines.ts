import type { SourceSpan } from './issue.ts';

/** Turns offsets of a text into lines and columns. */
export interface TextLines {
  spanAt(start: number, end: number): SourceSpan;
  /** The line's text without its line break; lines start at 1. */
  line(number: number): string;
  readonly lineCount: number;
}

export function createTextLines(file: string, text: string): TextLines {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const position = (offset: number) => {
    const at = Math.max(0, Math.min(offset, text.length));
    const index = lastAtMost(starts, at);
    return { line: index + 1, column: at - starts[index]! + 1 };
  };
  return {
    lineCount: starts.length,
    spanAt(start, end) {
      const from = position(start);
      const to = position(Math.max(start, end));
      return { file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
    },
    line(number) {
      const start = starts[number - 1];
      if (start === undefined) return '';
      return text.slice(start, starts[number] ?? text.length).replace(/\r?\n$/, '');
    },
  };
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sorted[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
