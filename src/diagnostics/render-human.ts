import { drawPlaces, type Pen, type Source } from './draw-places.ts';
import type { Issue } from './issue.ts';
import { printable } from './printable.ts';
import type { SourceFile } from './sensitive.ts';
import { sortIssues } from './summary.ts';
import { createTextLines } from './text-lines.ts';
import { wrapWords } from './wrap-words.ts';

export interface HumanOptions {
  /** The texts the issues point into; an issue in another file is shown without its line. */
  readonly sources: readonly SourceFile[];
  readonly color: boolean;
  /** False keeps Sluice's own words to ASCII. The user's lines are shown as they are. */
  readonly unicode: boolean;
  /** Columns of the terminal: longer lines of the user are cut around the place, help and notes are wrapped. Unset: no terminal. */
  readonly columns?: number | undefined;
}

/** A narrower terminal breaks lines itself: cut further, nothing would be left to see. */
const LEAST_COLUMNS = 50;

/** Issues as people read them: sentence, place, the user's own line with the span underlined, help and notes; in file order. */
export function renderHuman(issues: readonly Issue[], options: HumanOptions): string {
  const sources = new Map(
    options.sources.map(({ file, text, sensitive = [] }) => [file, { lines: createTextLines(file, text), sensitive }]),
  );
  const { columns } = options;
  const page = {
    sources,
    pen: createPen(options),
    ...(columns === undefined ? {} : { columns: Math.max(LEAST_COLUMNS, columns) }),
  };
  return collapse(sortIssues(issues))
    .map((group) => `${renderIssue(group, page).join('\n')}\n`)
    .join('\n');
}

interface Page {
  readonly sources: ReadonlyMap<string, Source>;
  readonly pen: Pen;
  readonly columns?: number;
}

interface Group {
  readonly issue: Issue;
  /** Those that say the same elsewhere. */
  readonly others: readonly Issue[];
}

/** Issues that say the same of different places are shown once, with the places of the others. */
function collapse(issues: readonly Issue[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const issue of issues) {
    const key = JSON.stringify([issue.code, issue.severity, issue.message, issue.label, issue.help]);
    const group = groups.get(key);
    groups.set(key, group ? { ...group, others: [...group.others, issue] } : { issue, others: [] });
  }
  return [...groups.values()];
}

function renderIssue({ issue, others }: Group, page: Page): string[] {
  const { sources, pen, columns } = page;
  const accent = issue.severity === 'error' ? 'red' : 'yellow';
  const head =
    pen.paint(accent, `${issue.severity}[${issue.code}]`) + pen.paint('bold', `: ${pen.words(issue.message)}`);
  const places = issue.span ? [{ span: issue.span, label: issue.label ?? '' }, ...(issue.related ?? [])] : [];
  const width = Math.max(1, ...places.map((place) => String(place.span.line).length));
  const facts = [
    ...(issue.help === undefined ? [] : [['help', issue.help] as const]),
    ...(issue.notes ?? []).map((note) => ['note', note] as const),
    ...(others.length === 0 ? [] : [['note', moreLikeThis(others)] as const]),
  ];
  return [
    head,
    ...drawPlaces(places, { sources, pen, accent, width, ...(columns === undefined ? {} : { columns }) }),
    ...facts.flatMap(([kind, text]) => drawFact(kind, pen.words(text), width, page)),
  ];
}

const MOST_PLACES = 3;

/** `and 11 more like this, at a.yaml:9:3, a.yaml:15:3, b.yaml:4:1 …` */
function moreLikeThis(others: readonly Issue[]): string {
  const places = others.flatMap(({ span }) => (span === undefined ? [] : [`${span.file}:${span.line}:${span.column}`]));
  const shown = places.slice(0, MOST_PLACES).join(', ');
  const at = shown === '' ? '' : `, at ${shown}${places.length > MOST_PLACES ? ' …' : ''}`;
  return `and ${others.length} more like this${at}`;
}

function drawFact(kind: 'help' | 'note', text: string, width: number, { pen, columns }: Page): string[] {
  const lead = `${' '.repeat(width)} = `;
  const indent = lead.length + kind.length + 2;
  const [first = '', ...rest] = columns === undefined ? [text] : wrapWords(text, columns - indent);
  return [
    `${pen.paint('blue', lead.trimEnd())} ${pen.paint('bold', `${kind}:`)} ${first}`,
    ...rest.map((line) => `${' '.repeat(indent)}${line}`),
  ];
}

const ANSI = { red: '31;1', yellow: '33;1', blue: '34;1', bold: '1' } as const;

function createPen({ color, unicode }: HumanOptions): Pen {
  return {
    paint: color ? (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m` : (_, text) => text,
    words: (text) => printable(unicode ? text : text.replaceAll('…', '...').replaceAll('’', "'")),
    ellipsis: unicode ? '…' : '...',
  };
}
