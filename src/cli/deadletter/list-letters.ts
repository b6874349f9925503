import { formatByteSize } from '../../lib/index.ts';
import { type CliContext, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatDocument, type OutputFormat, reportDocument } from '../report-document.ts';
import { renderTable, shortAge } from '../table.ts';
import { findLetterFolders, pipelineOf } from './letter-folders.ts';
import { type FoundFile, filesIn, type LetterChoice } from './letters.ts';

/** Different reasons that are told of one pipeline. */
const SHOWN_REASONS = 20;
const LONGEST_REASON = 80;
const DAY_MS = 86_400_000;

/** The dead letters of one exporter in one folder. */
interface Row {
  readonly pipeline: string;
  readonly exporter: string;
  readonly directory: string;
  letters: number;
  items: number;
  bytes: number;
  oldest: string;
  newest: string;
  readonly reasons: Map<string, { readonly cause: string; readonly message: string; letters: number }>;
}

/** `deadletter list`: what there is, by pipeline. */
export async function listLetters(
  choice: LetterChoice,
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<ExitCode> {
  const { root, folders } = await findLetterFolders(flags, context);
  const rows = new Map<string, Row>();
  let damagedBytes = 0;
  for await (const file of filesIn(folders, choice)) {
    if (context.interrupt.aborted) return interruptCode(context);
    damagedBytes += file.damagedBytes;
    addFile(rows, file);
  }
  const found = [...rows.values()].sort((a, b) => a.pipeline.localeCompare(b.pipeline));
  const format = flags['output'] as OutputFormat;
  if (format === 'text') context.stdout.write(listText(found, { root, damagedBytes }, context));
  else context.stdout.write(formatDocument(listReport(found, { root, damagedBytes }, context), format));
  return EXIT.ok;
}

function addFile(rows: Map<string, Row>, { folder, letters }: FoundFile): void {
  for (const { letter } of letters) {
    const { exporter, rejectedMs, cause, message } = letter;
    const key = `${folder}\n${exporter}`;
    const at = new Date(rejectedMs).toISOString();
    const row = rows.get(key) ?? newRow(exporter, folder, at);
    rows.set(key, row);
    row.letters++;
    row.items += letter.itemCount;
    row.bytes += letter.bytes.length;
    if (at < row.oldest) row.oldest = at;
    if (at > row.newest) row.newest = at;
    const reason = row.reasons.get(message) ?? { cause, message, letters: 0 };
    reason.letters++;
    if (row.reasons.has(message) || row.reasons.size < SHOWN_REASONS) row.reasons.set(message, reason);
  }
}

function newRow(exporter: string, directory: string, at: string): Row {
  const empty = { letters: 0, items: 0, bytes: 0, oldest: at, newest: at, reasons: new Map() };
  return { pipeline: pipelineOf(exporter), exporter, directory, ...empty };
}

interface Place {
  readonly root: string;
  readonly damagedBytes: number;
}

function listText(rows: readonly Row[], { root, damagedBytes }: Place, context: CliContext): string {
  const damaged = damagedBytes > 0 ? `! ${formatByteSize(damagedBytes)} cannot be read: damaged\n` : '';
  if (rows.length === 0) return `no dead letters in ${root}\n${damaged}`;
  const nowMs = context.clock.nowMs();
  const table = renderTable(
    ['PIPELINE', 'LETTERS', 'ITEMS', 'BYTES', 'OLDEST', 'REASON'],
    rows.map((row) => [
      row.pipeline,
      String(row.letters),
      String(row.items),
      formatByteSize(row.bytes),
      ageText(row.oldest, nowMs),
      reasonText(row),
    ]),
  );
  return `${table}${damaged}\n${root}\n`;
}

/** Of today, how long ago; of before, the day. */
function ageText(at: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(at);
  return ageMs < DAY_MS ? shortAge(Math.max(0, ageMs) / 1000) : at.slice(0, 10);
}

function reasonText({ reasons }: Row): string {
  const [first, ...others] = [...reasons.values()].sort((a, b) => b.letters - a.letters);
  const text = first!.message.replace(/\s+/g, ' ');
  const short = text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text;
  return others.length === 0 ? short : `${short} (and ${others.length} more)`;
}

function listReport(rows: readonly Row[], { root, damagedBytes }: Place, context: CliContext): unknown {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const summary = {
    letters: sum((row) => row.letters),
    items: sum((row) => row.items),
    bytes: sum((row) => row.bytes),
    damagedBytes,
  };
  const items = rows.map((row) => ({ ...row, reasons: [...row.reasons.values()] }));
  return reportDocument({ kind: 'DeadLetterReport', target: root, summary, items }, context);
}
