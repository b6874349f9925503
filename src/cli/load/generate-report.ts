import type { GeneratorReport } from '../../load/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { CliContext } from '../context.ts';
import { reportDocument } from '../report-document.ts';
import type { Delivery } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';

/** Everything `gen` has to say at its end. */
export interface GenerateOutcome {
  readonly endpoint: Endpoint;
  readonly reports: readonly GeneratorReport[];
  readonly deliveries: readonly Delivery[];
}

/** Sums over the signals. */
export function totalsOf(reports: readonly GeneratorReport[]) {
  const sum = { requests: 0, sent: 0, accepted: 0, rejected: 0, refused: 0, failed: 0, retries: 0 };
  for (const report of reports) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += report[key];
  return sum;
}

export function generateReport({ endpoint, reports, deliveries }: GenerateOutcome, context: CliContext): unknown {
  const target = `${endpoint.host}:${endpoint.port}`;
  const summary = { ...totalsOf(reports), ledger: deliveries };
  return reportDocument({ kind: 'GenerateReport', target, summary, items: reports }, context);
}

export function generateText({ endpoint, reports, deliveries }: GenerateOutcome): string {
  const total = totalsOf(reports);
  const perSignal = reports.map((report) => {
    const latency = report.latencyMs === null ? '' : `   p95 ${Math.ceil(report.latencyMs.p95)} ms`;
    return `${report.requests} ${report.requests === 1 ? 'request' : 'requests'}   ${report.sent} ${ITEM_NOUN[report.signal].people}${latency}`;
  });
  const lines = [
    ...perSignal,
    `sent ${total.sent} · accepted ${total.accepted} · partial ${total.rejected} · refused ${total.refused} · errors ${total.failed}`,
    ...answersLine(reports),
    ...deliveries.map(ledgerLine),
  ];
  const traceId = reports.find((report) => report.firstTraceId !== undefined)?.firstTraceId;
  if (endpoint.engine !== undefined && total.accepted > 0)
    lines.push(`look:   ${endpoint.engine.ui}${traceId === undefined ? '' : `/explore/traces/${traceId}`}`);
  return `${lines.join('\n')}\n`;
}

/** Only when something other than OK was answered. */
function answersLine(reports: readonly GeneratorReport[]): string[] {
  const counts = new Map<string, number>();
  for (const report of reports)
    for (const [answer, count] of Object.entries(report.answers))
      if (answer !== 'OK') counts.set(answer, (counts.get(answer) ?? 0) + count);
  if (counts.size === 0) return [];
  const message = reports.find((report) => report.firstMessage !== undefined)?.firstMessage;
  const list = [...counts].map(([answer, count]) => `${answer} ${count}`).join(' · ');
  return [`answers: ${list}${message === undefined ? '' : `   "${message}"`}`];
}

function ledgerLine(delivery: Delivery): string {
  const { pipeline, queuedBefore, received, delivered, filtered, queued, lost } = delivery;
  const before = queuedBefore > 0 ? ` + ${queuedBefore} queued before` : '';
  return `ledger: ${pipeline}   ${received} in${before} = ${delivered} delivered + ${filtered} filtered + ${queued} queued + ${lost} lost`;
}
