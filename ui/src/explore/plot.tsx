import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shortNumber, withUnit } from '../shell/format.ts';
import { theme, token } from '../shell/theme.ts';
import type { PlotData } from './plot-data.ts';

const HEIGHT = 260;
/** More points than this make the line thick instead of clear. */
const MAX_DOTS = 120;

interface PlotProps {
  readonly data: PlotData;
  readonly label: string;
  readonly unit: string;
}

/** A line over time on a canvas that follows the width of its place and the theme. Its words are with the caller. */
export function Plot({ data, label, unit }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const shownTheme = theme.value;

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const created = new uPlot(options({ label, unit, width: element.clientWidth }), toAligned(data), element);
    plot.current = created;
    const observer = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = undefined;
    };
  }, [label, unit, shownTheme]);

  useEffect(() => {
    plot.current?.setData(toAligned(data));
  }, [data.times.length, data.times.at(-1), data.values.at(-1)]);

  return <div ref={place} class="plot" aria-hidden="true" />;
}

function toAligned({ times, values }: PlotData): uPlot.AlignedData {
  return [[...times], [...values]];
}

function options(about: { readonly label: string; readonly unit: string; readonly width: number }): uPlot.Options {
  const text = token('--muted');
  const grid = { stroke: token('--border'), width: 1 };
  const line = token('--metrics');
  const axis = { stroke: text, grid, ticks: grid, font: '12px system-ui, sans-serif' };
  return {
    width: about.width,
    height: HEIGHT,
    cursor: { y: false, points: { size: 8 } },
    legend: { live: true },
    scales: { y: { range: (_plot, min, max) => paddedRange(min, max) } },
    axes: [
      {
        ...axis,
        size: 36,
        space: 80,
        values: (_plot, ticks, _axis, _space, step) => ticks.map((tick) => clock(tick, step)),
      },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => shortNumber(tick)) },
    ],
    series: [
      {
        label: 'Time',
        value: (_plot, time) => (time === null ? '–' : clock(time)),
      },
      {
        label: about.label,
        stroke: line,
        width: 2,
        fill: `${line}1f`,
        points: { show: (plot) => plot.data[0].length <= MAX_DOTS, size: 5, fill: line },
        spanGaps: true,
        value: (_plot, value) => (value === null ? '–' : withUnit(shortNumber(value), about.unit)),
      },
    ],
  };
}

/** Fractions only where ticks are closer than a second. */
function clock(seconds: number, step = 1): string {
  const time = new Date(seconds * 1000).toLocaleTimeString('en-GB');
  return step < 1 ? `${time}.${(seconds % 1).toFixed(1).slice(2)}` : time;
}

/** From zero where nothing is negative, with air above; a flat line gets room on both sides. */
function paddedRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = Math.max(low, max ?? 1);
  return high === low ? [low, low + 1] : [low, high + (high - low) * 0.1];
}
