import { AXES, type FigureDefinition } from '../experiment/experiment.ts';
import type { RunRecord } from './run-record.ts';

/** Every run as a row, for spreadsheets and notebooks: axes, status, the figures listed and the ledger (RFC 4180). */
export function formatCsv(records: readonly RunRecord[], figures: readonly FigureDefinition[]): string {
  const names = figures.map(({ name }) => name);
  const causes = [...new Set(records.flatMap(({ ledger }) => Object.keys(ledger?.lossByCause ?? {})))].sort();
  const header = [
    ...['cell', ...AXES, 'repetition', 'seed', 'started_at', 'seconds', 'status', 'problem', 'censored'],
    ...names,
    ...['acknowledged', 'unaccounted', 'queued', 'unknown'],
    ...causes.map((cause) => `lost_${cause}`),
  ];
  const rows = records.map(({ ledger, ...run }) => [
    run.cell,
    ...AXES.map((axis) => run.coordinates[axis]),
    ...[run.repetition, run.seed, run.startedAt, run.seconds, run.status, run.problem, run.censored?.join(' ')],
    ...names.map((name) => run.figures[name]),
    ...[ledger?.acknowledged, ledger?.unaccounted, ledger?.queued, ledger?.unknown],
    ...causes.map((cause) => (ledger === undefined ? undefined : (ledger.lossByCause[cause] ?? 0))),
  ]);
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
