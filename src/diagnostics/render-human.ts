import { drawPlaces, type Pen, type Source } from './draw-places.ts';
import type { Issue } from './issue.ts';
import { printable } from './printable.ts';
import type { SourceFile } from './sensitive.ts';
import { sortIssues } from './summary.ts';
import { createTextLines } from './text-lines.ts';

export interface HumanOptions {
  /** The texts the issues point into; an issue in another file is shown without its line. */
  readonly sources: readonly SourceFile[];
  readonly color: boolean;
  /** False keeps Sluice's own words to ASCII. The user's lines are shown as they are. */
  readonly unicode: boolean;
}

/** Issues as people read them: sentence, place, the user's own line with the span underlined, help and notes; in file order. */
export function renderHuman(issues: readonly Issue[], options: HumanOptions): string {
  const sources = new Map(
    options.sources.map(({ file, text, sensitive = [] }) => [file, { lines: createTextLines(file, text), sensitive }]),
  );
  const pen = createPen(options);
  return collapse(sortIssues(issues))
    .map(({ issue, more }) => `${renderIssue(issue, more, sources, pen).join('\n')}\n`)
    .join('\n');
}

interface Group {
  readonly issue: Issue;
  readonly more: number;
}

/** Issues that say the same of different places are shown once, with the number of the others. */
function collapse(issues: readonly Issue[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const issue of issues) {
    const key = JSON.stringify([issue.code, issue.severity, issue.message, issue.label, issue.help]);
    const group = groups.get(key);
    groups.set(key, group ? { ...group, more: group.more + 1 } : { issue, more: 0 });
  }
  return [...groups.values()];
}

function renderIssue(issue: Issue, more: number, sources: ReadonlyMap<string, Source>, pen: Pen): string[] {
  const accent = issue.severity === 'error' ? 'red' : 'yellow';
  const head =
    pen.paint(accent, `${issue.severity}[${issue.code}]`) + pen.paint('bold', `: ${pen.words(issue.message)}`);
  const places = issue.span ? [{ span: issue.span, label: issue.label ?? '' }, ...(issue.related ?? [])] : [];
  const width = Math.max(1, ...places.map((place) => String(place.span.line).length));
  const lead = pen.paint('blue', `${' '.repeat(width)} =`);
  const facts = [
    ...(issue.help === undefined ? [] : [['help', issue.help] as const]),
    ...(issue.notes ?? []).map((note) => ['note', note] as const),
    ...(more > 0 ? [['note', `and ${more} more like this`] as const] : []),
  ];
  return [
    head,
    ...drawPlaces(places, { sources, pen, accent, width }),
    ...facts.map(([kind, text]) => `${lead} ${pen.paint('bold', `${kind}:`)} ${pen.words(text)}`),
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
