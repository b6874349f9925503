import { sleep } from '../../lib/index.ts';
import type { LedgerDocument } from '../../server/index.ts';
import { apiClient } from '../api-client.ts';
import { defineEngineFlags, fittingEngines, oneEngine, parseEngineChoice } from '../choose-engine.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { parseDurationFlag } from '../flags.ts';
import { ledgerText } from '../local/up-report.ts';
import { stillRuns } from '../process-identity.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag, reportDocument } from '../report-document.ts';
import type { RunningEngine } from '../state-dir.ts';
import type { Verb } from '../verb.ts';

export const downVerb: Verb = {
  name: 'down',
  examples: ['sluice down', 'sluice down --all'],
  define: (command) =>
    defineEngineFlags(command)
      .option('--all', 'every engine of yours on this machine')
      .option('--timeout <duration>', 'how long to wait for it to end', '30s')
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const timeoutMs = parseDurationFlag('--timeout', flags['timeout']) ?? 0;
    const choice = parseEngineChoice(flags);
    const engines = flags['all'] === true ? fittingEngines(choice, context) : [oneEngine(choice, 'down', context)];
    const stopped = await Promise.all(engines.map((engine) => stopEngine(engine, timeoutMs, context)));
    if (format === 'text') for (const one of stopped) context.stdout.write(stoppedText(one));
    else context.stdout.write(formatDocument(stopReport(stopped, context), format));
    return stopped.every(({ ended }) => ended) ? EXIT.ok : EXIT.timedOut;
  },
};

interface Stopped {
  readonly engine: RunningEngine;
  readonly ended: boolean;
  /** As near to the end as it could be asked. */
  readonly ledger: LedgerDocument['pipelines'] | undefined;
}

const LOOK_MS = 50;

/** Asks for a clean stop and watches it: the engine answers until all that can be delivered is. */
async function stopEngine(engine: RunningEngine, timeoutMs: number, context: CliContext): Promise<Stopped> {
  const { clock, interrupt } = context;
  const client = apiClient(context, undefined, engine);
  const look = () =>
    client.get<LedgerDocument>('/api/v1/ledger').then(
      ({ pipelines }) => pipelines,
      () => undefined, // it has ended, or is about to
    );
  let ledger = await look();
  try {
    process.kill(engine.pid, 'SIGTERM');
  } catch {
    throw new CliError(EXIT.unreachable, 'SL0702', `the engine with pid ${engine.pid} cannot be stopped from here`, [
      'it belongs to another user of this machine',
    ]);
  }
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  while (stillRuns(engine) && clock.monotonicMs() < deadlineMs && !interrupt.aborted) {
    ledger = (await look()) ?? ledger;
    await sleep(clock, LOOK_MS, interrupt).catch(() => {});
  }
  return { engine, ended: !stillRuns(engine), ledger };
}

function stoppedText({ engine, ended, ledger }: Stopped): string {
  const head = ended
    ? `stopped: pid ${engine.pid}, ${engine.source}\n`
    : `pid ${engine.pid} has not ended yet; it delivers what is queued\n`;
  return `${head}${ledger === undefined ? '' : ledgerText({ pipelines: ledger })}`;
}

function stopReport(stopped: readonly Stopped[], context: CliContext): unknown {
  const items = stopped.map(({ engine, ended, ledger }) => {
    const { pid, source, startedAt } = engine;
    return { pid, source, startedAt, ended, ...(ledger === undefined ? {} : { pipelines: ledger }) };
  });
  const summary = { stopped: stopped.filter(({ ended }) => ended).length };
  return reportDocument({ kind: 'StopReport', target: 'local', summary, items }, context);
}
