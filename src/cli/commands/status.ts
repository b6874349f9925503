import { lostItems } from '../../flow/index.ts';
import type { OverviewDocument, PipelineStatus, ProcessDocument, TurnedAwayDocument } from '../../server/index.ts';
import { defineEngineFlags } from '../choose-engine.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { problemLines } from '../problem-lines.ts';
import { quietLines } from '../quiet-lines.ts';
import { clientForRead } from '../read-client.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag, reportDocument } from '../report-document.ts';
import { renderTable, shortAge, shortNumber } from '../table.ts';
import type { Verb } from '../verb.ts';

export const statusVerb: Verb = {
  name: 'status',
  examples: ['sluice status', 'sluice status -o json', 'sluice status --exit-code || echo unhealthy'],
  define: (command) =>
    defineEngineFlags(command)
      .option('-o, --output <format>', OUTPUT_HELP, 'text')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine')
      .option('--exit-code', 'exit 1 when a pipeline is not well'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const client = clientForRead(flags, context);
    const overview = await client.get<OverviewDocument>('/api/v1/overview');
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

const SHOWN_REASONS = 10;

/** `! 4 requests of the last 5 minutes were not taken`, and why, each reason once. */
function turnedAwayLines(reasons: readonly TurnedAwayDocument[]): readonly string[] {
  if (reasons.length === 0) return [];
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  const shown = reasons.slice(0, SHOWN_REASONS).map(({ message, count, code, last }) => {
    const times = count === 1 ? '' : `${count} times, last `;
    return `    ${message}   ${code === undefined ? '' : `${code}   `}(${times}${last.at.slice(11, 19)} UTC from ${last.peer}, ${last.protocol})`;
  });
  const more = reasons.length - shown.length;
  const noun = total === 1 ? 'request of the last 5 minutes was' : 'requests of the last 5 minutes were';
  return [
    `! ${total} ${noun} not taken`,
    ...shown,
    ...(more > 0 ? [`    and ${more} other reason${more === 1 ? '' : 's'}`] : []),
  ];
}

/** Before the first item: what it waits for, and what to look at. Later steps are problems of their own. */
function firstStepLines({ progress }: OverviewDocument): readonly string[] {
  const step = progress.steps.at(-1);
  if (progress.received || step === undefined || step.detail === undefined) return [];
  return [
    ...(step.id === 'connected' ? [`    ${step.detail}`] : []),
    ...step.commands.map((command) => `    try:  ${command}`),
  ];
}

/** `processes  otlp-router running · trace-gateway running, restarted 2 times`; nothing where there is one. */
function processLine(processes: readonly ProcessDocument[]): readonly string[] {
  if (processes.length === 0) return [];
  const all = processes.map(({ workload, state, restarts }) => {
    const again = restarts === 0 ? '' : `, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
    return `${workload} ${state}${again}`;
  });
  return [`processes: ${all.join(' · ')}`];
}

function statusText(overview: OverviewDocument, context: CliContext): string {
  const mark = context.unicode
    ? { ok: '✔', warning: '!', failing: '✗', waiting: '·' }
    : { ok: 'ok', warning: '!', failing: 'x', waiting: '.' };
  const lines = [`${mark[overview.health.state]} ${overview.health.sentence}`, ...firstStepLines(overview), ''];
  const table = renderTable(
    [
      'PIPELINE',
      'READY',
      'FLOW',
      'IN/s',
      'OUT/s',
      'RECEIVED',
      'DELIVERED',
      'FILTERED',
      'LOST',
      'QUEUE',
      'NEWEST',
      'BACKEND',
    ],
    overview.pipelines.map(pipelineRow),
  );
  const isUseful = (command: string) => command !== `${overview.program} status`;
  const problems = overview.problems.flatMap((problem) =>
    problemLines(
      { ...problem, commands: problem.commands.filter(isUseful) },
      problem.severity === 'error' ? mark.failing : mark.warning,
    ),
  );
  const silent = quietLines(overview.pipelines).map((line) => `${mark.waiting} ${line}`);
  const processes = processLine(overview.processes ?? []);
  const ends = [
    `OTLP ${overview.endpoints.grpc} and ${overview.endpoints.http} · UI ${overview.endpoints.ui} · ${overview.source}`,
  ];
  return `${[...lines, table.trimEnd(), ...problems, ...turnedAwayLines(overview.turnedAway), ...silent, '', ...processes, ...ends].join('\n')}\n`;
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
    shortNumber(p.ledger.filtered),
    shortNumber(lostItems(p.ledger)),
    fill,
    shortAge(p.newestAgeSeconds),
    p.backend.state === 'failing' ? (p.backend.failure?.code ?? 'failing') : p.backend.state,
  ];
}
