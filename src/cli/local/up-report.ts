import { type LedgerRow, lostItems } from '../../flow/index.ts';
import type { LedgerDocument, OverviewDocument } from '../../server/index.ts';
import type { CliContext } from '../context.ts';
import { shortNumber } from '../table.ts';
import type { LocalStack } from './local-stack.ts';

/** The first lines of `sluice up`: where to send, where to look, what runs. */
export function banner(
  stack: LocalStack,
  { source, memory }: { readonly source: string; readonly memory: string },
  context: CliContext,
): string {
  const { endpoints, token } = stack;
  const lines = [
    `sluice ${context.version} · local engine · ${source} · ${arrangement(stack, memory)}`,
    '',
    `  OTLP        ${endpoints.grpc} and ${endpoints.http.replace('http://', '')}   gRPC or HTTP on both`,
    `  Web UI      ${endpoints.ui}/?t=${token}`,
    `  Metrics     ${endpoints.ui}/metrics   the engine's own, Prometheus format`,
    '',
  ];
  const [mark, arrow] = context.unicode ? ['✔', '→'] : ['+', '->'];
  const { pipelines } = stack.deployment.snapshot();
  for (const { kind, name, pipelineId, invalid } of stack.live.pipelines) {
    if (invalid !== undefined) continue;
    const exporter = pipelines.find(({ id }) => id === pipelineId)?.exporters[0];
    lines.push(`${mark} ${kind.toLowerCase()}/${name}  ${arrow}  ${exporter?.destination ?? ''}`);
  }
  const text = `${lines.join('\n')}\n`;
  return context.unicode ? text : text.replaceAll('·', '|');
}

/** `memory cap 512MB`; of several processes, how many there are and that each has it. */
function arrangement({ deployment }: LocalStack, memory: string): string {
  const processes = deployment.processes?.();
  if (processes === undefined) return `memory cap ${memory}`;
  return `${processes.length} processes and this one · memory cap ${memory} each`;
}

/** `in 1.20k/s · out 1.10k/s · filtered 0/s · queued 0 % · lost 0`, for the one refreshing line of a terminal. */
export function statusLine(overview: OverviewDocument): string {
  const sum = (pick: (p: OverviewDocument['pipelines'][number]) => number) =>
    overview.pipelines.reduce((n, p) => n + pick(p), 0);
  const capacity = sum((p) => p.queue.capacityBytes);
  const fill = capacity === 0 ? 0 : Math.round((100 * sum((p) => p.queue.sizeBytes)) / capacity);
  return [
    `in ${shortNumber(sum((p) => p.inPerSecond))}/s`,
    `out ${shortNumber(sum((p) => p.outPerSecond))}/s`,
    `filtered ${shortNumber(sum((p) => p.filteredPerSecond))}/s`,
    `queued ${fill} %`,
    `lost ${shortNumber(sum((p) => lostItems(p.ledger)))}`,
  ].join(' · ');
}

/** The last lines: what became of everything. */
export function ledgerText({ pipelines }: LedgerDocument): string {
  const width = Math.max(0, ...pipelines.map(({ kind, name }) => kind.length + name.length + 1));
  return pipelines
    .map((row) => `${`${row.kind.toLowerCase()}/${row.name}`.padEnd(width)}   ${ledgerSentence(row)}\n`)
    .join('');
}

/** Whether an item was lost or may be, or cannot be accounted for. */
export function losesData({ pipelines }: LedgerDocument): boolean {
  return pipelines.some((row) => lostItems(row) > 0 || row.unknown > 0 || row.unaccounted !== 0);
}

function ledgerSentence(row: LedgerRow): string {
  const causes = Object.entries(row.dropped).map(([cause, n]) => `${cause} ${n}`);
  const parts = [
    `in ${row.received}`,
    `delivered ${row.delivered}`,
    `filtered ${row.filtered}`,
    `refused ${row.refused}`,
    `queued ${row.queued}`,
  ];
  parts.push(`lost ${lostItems(row)}${causes.length === 0 ? '' : ` (${causes.join(', ')})`}`);
  if (row.unknown > 0) parts.push(`unknown ${row.unknown} (a process was killed)`);
  parts.push(row.unaccounted === 0 ? 'balanced' : `UNACCOUNTED ${row.unaccounted}`);
  return parts.join('   ');
}
