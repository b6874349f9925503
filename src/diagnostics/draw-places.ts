import type { SourceSpan } from './issue.ts';
import { printable } from './printable.ts';
import { showLine } from './source-line.ts';
import type { TextLines } from './text-lines.ts';

export interface Pen {
  readonly paint: (style: 'red' | 'yellow' | 'blue' | 'bold', text: string) => string;
  /** Makes Sluice's own words fit for the terminal. */
  readonly words: (text: string) => string;
  readonly ellipsis: string;
}

export interface Source {
  readonly lines: TextLines;
  readonly sensitive: readonly SourceSpan[];
}

export interface Drawing {
  readonly sources: ReadonlyMap<string, Source>;
  readonly pen: Pen;
  readonly accent: 'red' | 'yellow';
  /** Columns of the line numbers. */
  readonly width: number;
  /** Of the terminal. */
  readonly columns?: number;
}

interface Place {
  readonly span: SourceSpan;
  readonly label: string;
}

const MAX_WIDTH = 160;

/** The lines to blame with their spans underlined: the first place with `^`, the others with `-`, in the order of the text. */
export function drawPlaces(places: readonly Place[], drawing: Drawing): string[] {
  const [main] = places;
  if (!main) return [];
  const files = [...new Set(places.map((place) => place.span.file))];
  const out = files.flatMap((file) => {
    const inFile = places.filter((place) => place.span.file === file);
    const { span } = inFile[0]!;
    const arrow = drawing.pen.paint('blue', file === main.span.file ? '-->' : ':::');
    const head = `${' '.repeat(drawing.width)}${arrow} ${printable(file)}:${span.line}:${span.column}`;
    const source = drawing.sources.get(file);
    return source ? [head, bar(drawing), ...drawLines(inFile, main, source, drawing)] : [head];
  });
  return places.length > 1 ? [...out, bar(drawing)] : out;
}

function bar({ pen, width }: Drawing): string {
  return pen.paint('blue', `${' '.repeat(width)} |`);
}

function drawLines(places: readonly Place[], main: Place, source: Source, drawing: Drawing): string[] {
  const { pen, width } = drawing;
  const ordered = [...places].sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  const out: string[] = [];
  let last: number | undefined;
  for (const place of ordered) {
    const { line } = place.span;
    const raw = source.lines.line(line);
    const shown = showLine(raw, line, source.sensitive);
    const view = cut(shown.text, shown.columnOf(place.span.column), { ellipsis: pen.ellipsis, room: roomOf(drawing) });
    if (last !== undefined && line > last + 1) out.push('...');
    if (line !== last) out.push(`${pen.paint('blue', `${String(line).padStart(width)} |`)} ${view.text}`.trimEnd());
    const marks = underline(place, place === main ? '^' : '-', { view, columnOf: shown.columnOf, raw });
    out.push(
      `${bar(drawing)} ${marks.indent}${pen.paint(place === main ? drawing.accent : 'blue', pen.words(marks.text))}`,
    );
    last = line;
  }
  return out;
}

interface Line {
  readonly view: View;
  readonly columnOf: (column: number) => number;
  readonly raw: string;
}

/** A span over several lines is underlined to the end of its first. */
function underline(
  { span, label }: Place,
  mark: string,
  { view, columnOf, raw }: Line,
): { indent: string; text: string } {
  const start = columnOf(span.column) - view.cut;
  const end = columnOf(span.endLine > span.line ? raw.trimEnd().length + 1 : span.endColumn) - view.cut;
  const marks = mark.repeat(Math.max(1, Math.min(end, view.end) - start));
  return { indent: ' '.repeat(start), text: label === '' ? marks : `${marks} ${label}` };
}

interface View {
  readonly text: string;
  /** How many columns were taken away at the start. */
  readonly cut: number;
  /** The column after the last one shown. */
  readonly end: number;
}

/** What a line of the user may take: the terminal without the line number and two marks for what was cut. */
function roomOf({ columns, width, pen }: Drawing): number {
  return columns === undefined ? MAX_WIDTH : columns - width - 3 - 2 * pen.ellipsis.length;
}

/** Cuts a very long line so that the place stays in view. */
function cut(text: string, start: number, { ellipsis, room }: { ellipsis: string; room: number }): View {
  if (text.length <= room) return { text, cut: 0, end: Number.POSITIVE_INFINITY };
  const from = Math.max(0, start - Math.floor(room / 4));
  const head = from === 0 ? '' : ellipsis;
  const piece = text.slice(from, from + room);
  const tail = from + room < text.length ? ellipsis : '';
  return { text: `${head}${piece}${tail}`, cut: from - head.length, end: head.length + piece.length };
}
