import { lostItems } from '../../flow/index.ts';
import type { OverviewDocument, PipelineStatus } from '../../server/index.ts';
import { apiClient } from '../api-client.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag, reportDocument } from '../report-document.ts';
import { renderTable, shortAge, shortNumber } from '../table.ts';
import type { Verb } from '../verb.ts';

export const statusVerb: Verb = {
  name: 'status',
  examples: ['sluice status', 'sluice status -o json', 'sluice status --exit-code || echo unhealthy'],
  define: (command) =>
    command
      .option('-o, --output <format>', OUTPUT_HELP, 'text')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine')
      .option('--exit-code', 'exit 1 when a pipeline is not well'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const overview = await apiClient(context, flags['api'] as string | undefined).get<OverviewDocument>(
      '/api/v1/overview',
    );
    context.stdout.write(
      format === 'text' ? statusText(overview, context) : formatDocument(statusReport(overview, context), format),
    );
    const unwell = overview.health.state === 'failing' || overview.health.state === 'warning';
    return flags['exitCode'] && unwell ? EXIT.no : EXIT.ok;
  },
};

function statusReport({ pipelines, ...summary }: OverviewDocument, context: CliContext): unknown {
  return reportDocument({ kind: 'StatusReport', target: 'local', summary, items: pipelines }, context);
}

function statusText(overview: OverviewDocument, context: CliContext): string {
  const mark = context.unicode
    ? { ok: '✔', warning: '!', failing: '✗', waiting: '·' }
    : { ok: 'ok', warning: '!', failing: 'x', waiting: '.' };
  const lines = [`${mark[overview.health.state]} ${overview.health.sentence}`, ''];
  const table = renderTable(
    ['PIPELINE', 'READY', 'FLOW', 'IN/s', 'OUT/s', 'RECEIVED', 'DELIVERED', 'LOST', 'QUEUE', 'NEWEST', 'BACKEND'],
    overview.pipelines.map(pipelineRow),
  );
  const problems = overview.problems.flatMap((problem) => [
    `${problem.severity === 'error' ? mark.failing : mark.warning} ${problem.title}${problem.code ? `   ${problem.code}` : ''}`,
    `    ${problem.detail}`,
    ...problem.commands
      .filter((command) => command !== `${overview.program} status`)
      .map((command) => `    try:  ${command}`),
  ]);
  const ends = [
    `OTLP ${overview.endpoints.grpc} and ${overview.endpoints.http} · UI ${overview.endpoints.ui} · ${overview.source}`,
  ];
  return `${[...lines, table.trimEnd(), ...problems, '', ...ends].join('\n')}\n`;
}

function pipelineRow(p: PipelineStatus): readonly string[] {
  const fill = p.queue.capacityBytes > 0 ? `${Math.round((100 * p.queue.sizeBytes) / p.queue.capacityBytes)} %` : '-';
  return [
    `${p.kind.toLowerCase()}/${p.name}`,
    p.ready,
    p.reason,
    shortNumber(p.inPerSecond),
    shortNumber(p.outPerSecond),
    shortNumber(p.ledger.received),
    shortNumber(p.ledger.delivered),
    shortNumber(lostItems(p.ledger)),
    fill,
    shortAge(p.newestAgeSeconds),
    p.backend.state === 'failing' ? (p.backend.failure?.code ?? 'failing') : p.backend.state,
  ];
}
