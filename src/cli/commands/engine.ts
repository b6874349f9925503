import type { Issue } from '../../diagnostics/index.ts';
import { checkEngineConfig } from '../../engine/index.ts';
import { type LoadedConfig, loadConfig } from '../../otelcol/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { parseDurationFlag } from '../flags.ts';
import { readInputFiles } from '../input-files.ts';
import { waitForEnd } from '../interrupt.ts';
import { jsonLog } from '../log.ts';
import { startEngine, writeReadyFile } from '../run-engine.ts';
import type { Verb } from '../verb.ts';

export const engineVerb: Verb = {
  name: 'engine',
  examples: [
    'sluice engine --config otelcol.yaml',
    'sluice render -f telemetry.yaml --for engine | sluice engine --config -',
  ],
  define: (command) =>
    command
      .requiredOption('--config <file>', 'Collector configuration; - for stdin')
      .option('--for <duration>', 'stop after this time')
      .option('--drain-timeout <duration>', 'how long a stop may take to deliver what is queued', '10s')
      .option('--ready-file <file>', 'written with the listeners, as JSON, once they accept'),
  run: runEngine,
};

async function runEngine(
  flags: Record<string, unknown>,
  _args: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  const graceMs = parseDurationFlag('--drain-timeout', flags['drainTimeout']) ?? 0;
  const endAfterMs = parseDurationFlag('--for', flags['for']);
  const [input] = await readInputFiles([String(flags['config'])], context);
  if (input === undefined) throw new CliError(EXIT.usage, 'SL0604', 'no configuration given');
  const loaded = loadConfig(input.text, input.file, { env: context.env });
  const issues = [...loaded.issues, ...lacking(loaded)];
  reportIssues(issues, [input], context);
  if (loaded.config === undefined || hasErrors(issues)) return EXIT.no;

  const log = jsonLog(context);
  const running = await startEngine(loaded.config, context, {
    log,
    stdout: (text) => context.stdout.write(text),
    portWays: ['change the endpoint in the configuration'],
  });
  writeReadyFile(flags['readyFile'] as string | undefined, { listeners: running.listeners });
  log.info('engine started', {
    listeners: running.listeners.map((l) => `${l.component} ${l.protocol} ${l.host}:${l.port}`),
  });
  await waitForEnd(context, endAfterMs);
  await running.engine.shutdown({ graceMs });
  for (const { id, ledger } of running.engine.snapshot().pipelines) log.info('ledger', { pipeline: id, ...ledger });
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}

/** What the engine cannot execute. References are left to the loader where it has found fault with them already. */
function lacking({ config, issues, document }: LoadedConfig): readonly Issue[] {
  if (config === undefined) return [];
  const found = checkEngineConfig(config).filter(({ path }) => !hasErrors(issues) || path?.[0] !== 'service');
  return found.map((issue) => {
    const span = issue.span ?? (issue.path && document?.nearestSpan(issue.path));
    return span === undefined ? issue : { ...issue, span };
  });
}
