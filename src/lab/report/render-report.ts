import { formatDuration } from '../../lib/index.ts';
import type { FigureDefinition } from '../experiment/experiment.ts';
import type { CellResults, Results, RunProblem } from '../results/results.ts';
import { comparisonSection } from './comparison-section.ts';
import { criterionSection } from './criteria-section.ts';
import { bars } from './figures/bars.ts';
import { heatmap } from './figures/heatmap.ts';
import { intervalPlot } from './figures/interval-plot.ts';
import { smallMultiples } from './figures/small-multiples.ts';
import { formatMean, formatNumber } from './format-number.ts';
import { element, escapeText, type TableCell, table } from './html.ts';
import { STYLE } from './style.ts';

/** Results as one HTML page that needs nothing else: no script, no font, no other file. */
export function renderReport(results: Results): string {
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element('title', {}, escapeText(`${results.title} · sluice lab`)),
    element('style', {}, STYLE),
  ];
  const main = [
    ...introduction(results),
    ...problems(results),
    ...promises(results),
    ...comparisons(results),
    ...results.figures.map((figure, index) => figureSection(figure, index, results)),
    ...series(results),
    ...ledger(results),
    ...method(results),
  ];
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n</head>\n<body>\n<main>\n${main.join('\n')}\n</main>\n</body>\n</html>\n`;
}

const paragraph = (text: string, className?: string) =>
  element('p', className === undefined ? {} : { class: className }, escapeText(text));
const heading = (level: 2 | 3, text: string) => element(`h${level}`, {}, escapeText(text));

function introduction({ title, hypothesis, why, cells, conditions, machine }: Results): readonly string[] {
  const { profile, warmUpMs, durationMs, repetitions, startedAt } = conditions;
  const runs = `${repetitions} ${repetitions === 1 ? 'run' : 'runs'} of each of ${cells.length} cells`;
  const length = `${formatDuration(durationMs)} each, after ${formatDuration(warmUpMs)} of warm-up`;
  return [
    element('h1', {}, escapeText(title)),
    paragraph(`Hypothesis: ${hypothesis}`),
    ...(why === undefined ? [] : [paragraph(why)]),
    paragraph(
      `${startedAt.slice(0, 10)}, profile ${profile}: ${runs}, ${length}. ${machine.cpu}, ${machine.cores} cores.`,
      'muted',
    ),
  ];
}

function problems({ problems: found, repeated = [] }: Results): readonly string[] {
  return [
    ...problemSection('Runs that do not count', 'Their figures are in no mean and in no picture.', found),
    ...problemSection('Runs that were carried out again', 'A later run of the same seed counts instead.', repeated),
  ];
}

function problemSection(title: string, note: string, found: readonly RunProblem[]): readonly string[] {
  if (found.length === 0) return [];
  const rows = found.map(({ cell, repetition, seed, status, problem, repeat }): readonly TableCell[] => [
    { text: cell, isHead: true },
    { text: String(repetition), isNumber: true },
    { text: String(seed), isNumber: true },
    { text: status, className: 'problem' },
    { text: problem },
    { text: repeat },
  ]);
  return [heading(2, title), paragraph(note), table(title, ['cell', 'run', 'seed', 'status', 'why', 'repeat'], rows)];
}

function promises({ criteria = [], figures }: Results): readonly string[] {
  const shown = criteria.filter(({ rows }) => rows.length > 0);
  if (shown.length === 0) return [];
  const note = 'Means decide. Unsure: the interval reaches the other side of the limit, or there is none.';
  return [heading(2, 'What was promised'), paragraph(note), ...shown.map((one) => criterionSection(one, figures))];
}

function comparisons({ comparisons: all, figures }: Results): readonly string[] {
  const shown = all.filter(({ rows }) => rows.length > 0);
  if (shown.length === 0) return [];
  return [heading(2, 'Compared'), ...shown.map((one) => comparisonSection(one, figures))];
}

function figureSection(figure: FigureDefinition, index: number, { cells }: Results): string {
  const { name, title, unit, better, max } = figure;
  const measured = cells.filter((cell) => cell.figures[name] !== undefined);
  const named = unit === '' ? title : `${title}, ${unit}`;
  const parts = [heading(2, named), paragraph(`${better === 'more' ? 'More' : 'Less'} is better.`, 'muted')];
  if (measured.length === 0) return [...parts, paragraph('No run that counts has this figure.')].join('\n');
  const rows = measured.map(({ id, figures }) => {
    const { values, estimate } = figures[name]!;
    const { mean, interval } = estimate;
    return {
      label: estimate.censored === undefined ? id : `${id} (censored)`,
      values,
      mean,
      ...(interval === undefined ? {} : { interval }),
    };
  });
  const isRepeated = rows.some(({ values }) => values.length > 1);
  const what = isRepeated
    ? 'a dot for each run, a diamond for the mean, a line for its 95 % interval'
    : 'a bar for each';
  const options = {
    id: `figure-${index}`,
    title: named,
    description: `${rows.length} cells: ${what}. The table below has the numbers.`,
    ...(max === undefined ? {} : { max }),
  };
  const picture = isRepeated ? intervalPlot(rows, options) : bars(rows, options);
  return [
    ...parts,
    heatmap(figure, cells) ?? '',
    scrolling(picture, `Picture: ${named}`),
    table(named, ['cell', 'runs', 'mean', '95 % interval', 'median', 'least', 'most'], measured.map(estimateRow(name))),
  ].join('\n');
}

function estimateRow(name: string): (cell: CellResults) => readonly TableCell[] {
  return ({ id, figures, counted, planned }) => {
    const { median, min, max, interval, censored } = figures[name]!.estimate;
    const number = (text: string): TableCell => ({ text, isNumber: true });
    return [
      { text: id, isHead: true },
      number(counted === planned ? String(counted) : `${counted} of ${planned}`),
      number(formatMean(figures[name]!.estimate)),
      number(
        interval === undefined
          ? censored === undefined
            ? '-'
            : `${censored} censored`
          : `${formatNumber(interval.low)} to ${formatNumber(interval.high)}`,
      ),
      ...[median, min, max].map((value) => number(formatNumber(value))),
    ];
  };
}

function series({ cells }: Results): readonly string[] {
  const names = [...new Set(cells.flatMap((cell) => Object.keys(cell.series)))].sort();
  if (names.length === 0) return [];
  const pictures = names.flatMap((name, index) => {
    const lines = cells.flatMap(({ id, series: own }) => {
      const values = own[name];
      return values === undefined || values.length < 2 ? [] : [{ label: id, values }];
    });
    if (lines.length === 0) return [];
    const title = name.replaceAll('_', ' ');
    const description = `${lines.length} cells, each second's median over the runs. The table below has the ends of each.`;
    const rows = lines.map(({ label, values }): readonly TableCell[] => [
      { text: label, isHead: true },
      ...[values[0]!, Math.min(...values), Math.max(...values), values.at(-1)!].map((value) => ({
        text: formatNumber(value),
        isNumber: true,
      })),
    ]);
    return [
      heading(3, title),
      scrolling(smallMultiples(lines, { id: `series-${index}`, title, description }), `Picture: ${title}`),
      element('details', {}, [
        element('summary', {}, escapeText(`${title} in numbers`)),
        table(`${title} over time`, ['cell', 'first', 'least', 'most', 'last'], rows),
      ]),
    ];
  });
  return pictures.length === 0 ? [] : [heading(2, 'Over time'), ...pictures];
}

function ledger({ cells }: Results): readonly string[] {
  const causes = [...new Set(cells.flatMap((cell) => Object.keys(cell.ledger.lossByCause)))].sort();
  const number = (value: number): TableCell => ({ text: formatNumber(value), isNumber: true });
  const rows = cells.map(({ id, ledger: sums }): readonly TableCell[] => [
    { text: id, isHead: true },
    number(sums.acknowledged),
    number(sums.queued),
    ...causes.map((cause) => number(sums.lossByCause[cause] ?? 0)),
    number(sums.unknown),
  ]);
  const header = ['cell', 'acknowledged', 'still queued', ...causes.map((cause) => `lost: ${cause}`), 'unknown'];
  return [
    heading(2, 'Where the items are'),
    paragraph(
      'Sums over the runs that count. What is in no other column was delivered; what is unknown was held by a killed process, or by a program that does not count it.',
    ),
    table('Items by what became of them', header, rows),
  ];
}

function method({ conditions, machine, limits, cells }: Results): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['Processor', `${machine.cpu}, ${machine.cores} cores`],
    ['Memory', `${Math.round(machine.memoryBytes / 2 ** 30)} GiB`],
    ['System', machine.system],
    ['Node', machine.node],
    ['Sluice', machine.commit === undefined ? machine.sluice : `${machine.sluice}, commit ${machine.commit}`],
    ['Collector', machine.otelcol ?? 'none'],
    ['Order', `each repetition has all cells once, in an order that seed ${conditions.seed} decides`],
    ['Intervals', '95 %: Student for a mean, Welch for a difference, Fieller for a ratio'],
  ];
  const terms = facts.flatMap(([term, text]) => [
    element('dt', {}, escapeText(term)),
    element('dd', {}, escapeText(text)),
  ]);
  const commands = cells.map(({ id, repeat }): readonly TableCell[] => [{ text: id, isHead: true }, { text: repeat }]);
  return [
    ...(limits.length === 0
      ? []
      : [
          heading(2, 'Not covered'),
          element(
            'ul',
            {},
            limits.map((one) => element('li', {}, escapeText(one))),
          ),
        ]),
    heading(2, 'How it was measured'),
    element('dl', {}, terms),
    heading(3, 'Repeat'),
    element('pre', {}, element('code', {}, escapeText(conditions.repeat))),
    table('The first run of each cell', ['cell', 'command'], commands),
    heading(3, 'Data'),
    element('p', {}, [
      link('results.json', 'all of the above'),
      ', ',
      link('results.csv', 'every run as a row'),
      ', ',
      link('runs.jsonl', 'every run with its series'),
      '.',
    ]),
  ];
}

function link(file: string, text: string): string {
  return element('a', { href: file }, escapeText(text));
}

function scrolling(picture: string, label: string): string {
  return element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': label }, picture);
}
