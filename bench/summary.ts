import type { BenchCase } from './bench-case.ts';
import type { Measurement } from './measure.ts';

/** Smallest, median and largest of the rounds. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface GatewaySummary {
  readonly cpuSecondsPerMillion: Spread;
  readonly cores: number;
  readonly rssPeakMiB: Spread;
  readonly latencyP95Ms: number;
}

export interface CaseSummary {
  readonly name: string;
  readonly itemsPerRequest: number;
  readonly itemsPerSecond: number;
  /** Absent when no round of that gateway was valid. */
  readonly sluice?: GatewaySummary;
  readonly otelcol?: GatewaySummary;
  /** CPU seconds of the Collector for each of ours; from the medians. */
  readonly ratio?: number;
  readonly invalid: readonly string[];
}

export interface BenchSummary {
  readonly cases: readonly CaseSummary[];
  readonly geometricMeanRatio?: number;
}

export function summarize(cases: readonly BenchCase[], measurements: readonly Measurement[]): BenchSummary {
  const summaries = cases.map((benchCase) =>
    summarizeCase(
      benchCase,
      measurements.filter((measurement) => measurement.case === benchCase.name),
    ),
  );
  const ratios = summaries.map((summary) => summary.ratio).filter((ratio) => ratio !== undefined);
  if (ratios.length === 0) return { cases: summaries };
  const geometricMeanRatio = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  return { cases: summaries, geometricMeanRatio };
}

function summarizeCase(benchCase: BenchCase, rounds: readonly Measurement[]): CaseSummary {
  const of = (gateway: Measurement['gateway']) =>
    rounds.filter((round) => round.gateway === gateway && round.invalid === undefined);
  const sluice = summarizeGateway(of('sluice'));
  const otelcol = summarizeGateway(of('otelcol'));
  const both = sluice !== undefined && otelcol !== undefined;
  return {
    name: benchCase.name,
    itemsPerRequest: benchCase.itemsPerRequest,
    itemsPerSecond: median(rounds.map((round) => round.itemsPerSecond)),
    ...(sluice && { sluice }),
    ...(otelcol && { otelcol }),
    ...(both && { ratio: otelcol.cpuSecondsPerMillion.median / sluice.cpuSecondsPerMillion.median }),
    invalid: rounds.filter((round) => round.invalid !== undefined).map((round) => `${round.gateway}: ${round.invalid}`),
  };
}

function summarizeGateway(rounds: readonly Measurement[]): GatewaySummary | undefined {
  if (rounds.length === 0) return undefined;
  return {
    cpuSecondsPerMillion: spread(rounds.map((round) => round.cpuSecondsPerMillion)),
    cores: median(rounds.map((round) => round.cores)),
    rssPeakMiB: spread(rounds.map((round) => round.rssPeakMiB)),
    latencyP95Ms: median(rounds.map((round) => round.latencyP95Ms)),
  };
}

function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The summary as lines of a table, also readable as Markdown. */
export function formatSummary({ cases, geometricMeanRatio }: BenchSummary): string {
  const header = [
    'case',
    'items/s',
    'sluice CPU-s/M',
    'otelcol CPU-s/M',
    'ratio',
    'sluice RSS',
    'otelcol RSS',
    'p95 ms',
  ];
  const rows = cases.map((summary) => [
    summary.name,
    grouped(summary.itemsPerSecond),
    formatSpread(summary.sluice?.cpuSecondsPerMillion),
    formatSpread(summary.otelcol?.cpuSecondsPerMillion),
    summary.ratio === undefined ? '-' : summary.ratio.toFixed(2),
    formatMiB(summary.sluice),
    formatMiB(summary.otelcol),
    [summary.sluice, summary.otelcol].map((side) => side?.latencyP95Ms.toFixed(1) ?? '-').join(' / '),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const notes = cases.flatMap((summary) => summary.invalid.map((reason) => `not counted: ${summary.name}, ${reason}`));
  const mean =
    geometricMeanRatio === undefined ? [] : [`geometric mean of the ratios: ${geometricMeanRatio.toFixed(2)}`];
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[line(header), rule, ...rows.map(line), ...mean, ...notes].join('\n')}\n`;
}

function formatSpread(value: Spread | undefined): string {
  if (value === undefined) return '-';
  return `${short(value.median)} (${short(value.min)}–${short(value.max)})`;
}

function formatMiB(side: GatewaySummary | undefined): string {
  return side === undefined ? '-' : `${Math.round(side.rssPeakMiB.max)} MiB`;
}

function short(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
