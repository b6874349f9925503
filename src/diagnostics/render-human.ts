import type { Issue, SourceSpan } from './issue.ts';
import { printable } from './printable.ts';
import type { SourceFile } from './sensitive.ts';
import { showLine } from './source-line.ts';
import { sortIssues } from './summary.ts';
import { createTextLines, type TextLines } from './text-lines.ts';

export interface HumanOptions {
  /** The texts the issues point into; an issue in another file is shown without its line. */
  readonly sources: readonly SourceFile[];
  readonly color: boolean;
  readonly unicode: boolean;
}

interface Place {
  readonly span: SourceSpan;
  readonly label: string;
  readonly mark: '^' | '-';
}

interface Source {
  readonly lines: TextLines;
  readonly sensitive: readonly SourceSpan[];
}

const MAX_ALIKE = 1;
const MAX_WIDTH = 160;

/** Issues as people read them: sentence, place, the user's own line with the span underlined, help and notes; in file order. */
export function renderHuman(issues: readonly Issue[], options: HumanOptions): string {
  const sources = new Map(
    options.sources.map(({ file, text, sensitive }) => [
      file,
      { lines: createTextLines(file, text), sensitive: sensitive ?? [] },
    ]),
  );
  return collapse(sortIssues(issues))
    .map(({ issue, more }) => `${renderIssue(issue, more, sources, options).join('\n')}\n`)
    .join('\n');
}

/** Issues that say the same of different places are shown once, with the number of the others. */
function collapse(issues: readonly Issue[]): { issue: Issue; more: number }[] {
  const groups = new Map<string, { issue: Issue; more: number; shown: number }>();
  const result: { issue: Issue; more: number }[] = [];
  for (const issue of issues) {
    const key = JSON.stringify([issue.code, issue.severity, issue.message, issue.label, issue.help]);
    const group = groups.get(key);
    if (group && group.shown >= MAX_ALIKE) {
      group.more++;
      continue;
    }
    const entry = { issue, more: 0, shown: 1 };
    groups.set(key, entry);
    result.push(entry);
  }
  return result;
}

function renderIssue(
  issue: Issue,
  more: number,
  sources: ReadonlyMap<string, Source>,
  options: HumanOptions,
): string[] {
  const paint = painter(options.color);
  const accent = issue.severity === 'error' ? 'red' : 'yellow';
  const head = `${paint(accent, `${issue.severity}[${issue.code}]`)}${paint('bold', `: ${printable(issue.message)}`)}`;
  const places = placesOf(issue);
  const width = Math.max(1, ...places.map((place) => String(place.span.line).length));
  const gutter = ' '.repeat(width);
  const body = places.length > 0 ? renderPlaces(places, issue.span!, width, { sources, options, accent }) : [];
  const facts = [
    ...(issue.help === undefined ? [] : [['help', issue.help] as const]),
    ...(issue.notes ?? []).map((note) => ['note', note] as const),
    ...(more > 0 ? [['note', `and ${more} more like this`] as const] : []),
  ];
  const lead = paint('blue', `${gutter} =`);
  return [head, ...body, ...facts.map(([kind, text]) => `${lead} ${paint('bold', `${kind}:`)} ${printable(text)}`)];
}

function placesOf(issue: Issue): Place[] {
  if (!issue.span) return [];
  const related = (issue.related ?? []).map(({ span, label }) => ({ span, label, mark: '-' as const }));
  return [{ span: issue.span, label: issue.label ?? '', mark: '^' as const }, ...related];
}

interface Drawing {
  readonly sources: ReadonlyMap<string, Source>;
  readonly options: HumanOptions;
  readonly accent: 'red' | 'yellow';
}

function renderPlaces(places: readonly Place[], main: SourceSpan, width: number, drawing: Drawing): string[] {
  const paint = painter(drawing.options.color);
  const gutter = ' '.repeat(width);
  const bar = paint('blue', `${gutter} |`);
  const out = [`${gutter}${paint('blue', '-->')} ${printable(main.file)}:${main.line}:${main.column}`];
  const here = places
    .filter((place) => place.span.file === main.file)
    .sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  const elsewhere = places.filter((place) => place.span.file !== main.file);
  const source = drawing.sources.get(main.file);
  if (source) out.push(bar, ...renderLines(here, source, width, drawing));
  for (const place of elsewhere) {
    out.push(`${gutter}${paint('blue', ':::')} ${printable(place.span.file)}:${place.span.line}:${place.span.column}`);
    const other = drawing.sources.get(place.span.file);
    if (other) out.push(bar, ...renderLines([place], other, width, drawing));
  }
  return places.length > 1 ? [...out, bar] : out;
}

function renderLines(places: readonly Place[], source: Source, width: number, drawing: Drawing): string[] {
  const paint = painter(drawing.options.color);
  const out: string[] = [];
  let last: number | undefined;
  for (const { span, label, mark } of places) {
    if (last !== undefined && span.line > last + 1) out.push('...');
    const raw = source.lines.line(span.line);
    const shown = showLine(raw, span.line, source.sensitive);
    const start = shown.columnOf(span.column);
    const end = shown.columnOf(span.endLine > span.line ? raw.trimEnd().length + 1 : span.endColumn);
    const view = trimToWidth(shown.text, start, drawing.options.unicode);
    const number = String(span.line).padStart(width);
    if (span.line !== last) out.push(`${paint('blue', `${number} |`)} ${view.text}`.trimEnd());
    const carets = mark.repeat(Math.max(1, Math.min(end - start, MAX_WIDTH)));
    const text = label === '' ? carets : `${carets} ${printable(label)}`;
    out.push(
      `${paint('blue', `${' '.repeat(width)} |`)} ${' '.repeat(start - view.cut)}${paint(mark === '^' ? drawing.accent : 'blue', text)}`,
    );
    last = span.line;
  }
  return out;
}

/** Cuts a very long line so that the place stays in view. */
function trimToWidth(text: string, start: number, unicode: boolean): { text: string; cut: number } {
  if (text.length <= MAX_WIDTH) return { text, cut: 0 };
  const more = unicode ? '…' : '...';
  const from = Math.max(0, start - MAX_WIDTH / 4);
  const piece = text.slice(from, from + MAX_WIDTH);
  const tail = from + MAX_WIDTH < text.length ? more : '';
  return from === 0 ? { text: piece + tail, cut: 0 } : { text: `${more}${piece}${tail}`, cut: from - more.length };
}

const ANSI = { red: '31;1', yellow: '33;1', blue: '34;1', bold: '1' } as const;

function painter(color: boolean): (style: keyof typeof ANSI, text: string) => string {
  return color ? (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m` : (_, text) => text;
}
