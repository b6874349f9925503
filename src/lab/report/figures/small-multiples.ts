import { formatNumber } from '../format-number.ts';
import { element, escapeText } from '../html.ts';
import { svg, WIDTH } from './drawing.ts';
import { createScale } from './scale.ts';

export interface Line {
  readonly label: string;
  /** One value a second. */
  readonly values: readonly number[];
}

const COLUMNS = 3;
const HEIGHT = 110;
const LEFT = 46;
const TOP = 20;
const BOTTOM = 18;
const LONGEST_LABEL = 30;

/** One small picture for each cell, all on the same axes, so that they can be compared at a glance. */
export function smallMultiples(
  lines: readonly Line[],
  drawing: { readonly id: string; readonly title: string; readonly description: string },
): string {
  const width = WIDTH / COLUMNS;
  const seconds = Math.max(1, ...lines.map(({ values }) => values.length - 1));
  const scale = createScale(
    lines.flatMap(({ values }) => values),
    { from: HEIGHT - BOTTOM, to: TOP },
  );
  const pictures = lines.map(({ label, values }, index) => {
    const x = (second: number) => LEFT + (second / seconds) * (width - LEFT - 10);
    const points = values.map((value, second) => `${tenths(x(second))},${tenths(scale.at(value))}`);
    const shown = label.length <= LONGEST_LABEL ? label : `${label.slice(0, 14)}…${label.slice(-15)}`;
    const [low, high] = [scale.ticks[0]!, scale.ticks.at(-1)!];
    const place = `translate(${(index % COLUMNS) * width} ${Math.floor(index / COLUMNS) * HEIGHT})`;
    return element('g', { transform: place }, [
      element('text', { x: LEFT, y: 13, class: 'label' }, escapeText(shown)),
      ...[low, high].flatMap((tick) => [
        element('line', { x1: LEFT, x2: width - 10, y1: scale.at(tick), y2: scale.at(tick), class: 'grid' }),
        element(
          'text',
          { x: LEFT - 5, y: scale.at(tick) + 4, class: 'tick', 'text-anchor': 'end' },
          escapeText(formatNumber(tick)),
        ),
      ]),
      element('text', { x: x(0), y: HEIGHT - 4, class: 'tick' }, '0 s'),
      element('text', { x: x(seconds), y: HEIGHT - 4, class: 'tick', 'text-anchor': 'end' }, `${seconds} s`),
      element('polyline', { points: points.join(' '), class: 'series' }),
    ]);
  });
  const height = Math.ceil(lines.length / COLUMNS) * HEIGHT;
  return svg({ ...drawing, width: WIDTH, height }, pictures);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
