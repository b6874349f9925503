import { formatNumber } from '../format-number.ts';
import { element, escapeText } from '../html.ts';
import type { Scale } from './scale.ts';

/** What all drawings have in common. Lengths in pixels; colours come from classes of the page. */
export const WIDTH = 720;
export const ROW_HEIGHT = 26;
export const AXIS_HEIGHT = 28;
const MARGIN = 24;
/** Of the monospaced font at 12 pixels. */
const CHARACTER = 7.3;
const LONGEST_LABEL = 44;

export interface Drawing {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, in words; the numbers stand in the table beside it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

export function svg({ id, title, description, width, height }: Drawing, content: readonly string[]): string {
  return element(
    'svg',
    {
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
      viewBox: `0 0 ${width} ${height}`,
      style: `max-width:${width}px`,
    },
    [
      element('title', { id: `${id}-title` }, escapeText(title)),
      element('desc', { id: `${id}-desc` }, escapeText(description)),
      ...content,
    ],
  );
}

/** Where the column of labels ends and the values begin. */
export function labelEnd(labels: readonly string[]): number {
  return 12 + Math.min(LONGEST_LABEL, Math.max(...labels.map((label) => label.length))) * CHARACTER;
}

export const VALUES_END = WIDTH - MARGIN;

/** The name of a row, shortened in its middle where it is long: its ends tell rows apart. */
export function rowLabel(text: string, x: number, y: number): string {
  const half = (LONGEST_LABEL - 1) / 2;
  const shown = text.length <= LONGEST_LABEL ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
  return element('text', { x: x - 8, y: y + 4, class: 'label', 'text-anchor': 'end' }, escapeText(shown));
}

/** Lines down the picture, with their values below. */
export function verticalGrid(scale: Scale, height: number): readonly string[] {
  return scale.ticks.flatMap((tick) => {
    const x = scale.at(tick);
    return [
      element('line', { x1: x, x2: x, y1: 4, y2: height, class: 'grid' }),
      element('text', { x, y: height + 18, class: 'tick', 'text-anchor': 'middle' }, escapeText(formatNumber(tick))),
    ];
  });
}
