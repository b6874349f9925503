import { basename, dirname, resolve } from 'node:path';
import type { Engine, EngineListener, EngineLog } from '../../engine/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { loadConfig, maskedSettings, type OtelcolConfig } from '../../otelcol/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { engineIssues } from '../engine-issues.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { parseDurationFlag } from '../flags.ts';
import { readInputFiles } from '../input-files.ts';
import { waitForEnd } from '../interrupt.ts';
import { watchFiles } from '../local/watch-files.ts';
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
      .option('--watch', 'take up a changed configuration at once; SIGHUP has it read again in any case')
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
  const path = String(flags['config']);
  const log = jsonLog(context);
  const engine = Promise.withResolvers<Engine>();
  // Before the file is read, so that nothing saved while the engine starts is missed, and no SIGHUP ends it.
  const stopReloading = reloadOnDemand({ path, watch: flags['watch'] === true, engine: engine.promise, log }, context);
  try {
    const config = await readConfig(path, context);
    if (config === undefined) return EXIT.no;
    const running = await startEngine(config, context, {
      log,
      stdout: (text) => context.stdout.write(text),
      portWays: ['change the endpoint in the configuration'],
    });
    writeReadyFile(flags['readyFile'] as string | undefined, { listeners: running.listeners });
    log.info('engine started', { listeners: running.listeners.map(listenerText) });
    engine.resolve(running.engine);
    await waitForEnd(context, endAfterMs);
    stopReloading();
    await running.engine.shutdown({ graceMs });
    for (const { id, ledger } of running.engine.snapshot().pipelines) log.info('ledger', { pipeline: id, ...ledger });
    return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
  } finally {
    stopReloading();
  }
}

/** Undefined when it has an error; findings are reported. */
async function readConfig(path: string, context: CliContext): Promise<OtelcolConfig | undefined> {
  const [input] = await readInputFiles([path], context);
  if (input === undefined) throw new CliError(EXIT.usage, 'SL0604', 'no configuration given');
  const loaded = loadConfig(input.text, input.file, { env: context.env });
  const issues = [...loaded.issues, ...engineIssues(loaded)];
  reportIssues(issues, [{ ...input, sensitive: maskedSettings(input, loaded.document) }], context);
  return hasErrors(issues) ? undefined : loaded.config;
}

interface ReloadOptions {
  readonly path: string;
  readonly watch: boolean;
  /** Once it runs; what is asked for before waits for it. */
  readonly engine: Promise<Engine>;
  readonly log: EngineLog;
}

/** At SIGHUP, as the Collector does, and where that is wanted when the file changes. Returns how to stop. */
function reloadOnDemand({ path, watch, engine, log }: ReloadOptions, context: CliContext): () => void {
  if (path === '-') return () => {}; // what was read from standard input is all there is
  let last: Promise<unknown> = engine;
  const reload = () => {
    last = last.then(async () => {
      try {
        const config = await readConfig(path, context);
        if (config === undefined) return log.error('the new configuration has an error; the previous one runs on');
        const running = await engine;
        const { listeners, started, stopped, kept } = await running.reload(config);
        log.info('engine reloaded', { started, stopped, kept, listeners: listeners.map(listenerText) });
      } catch (error) {
        log.error('the new configuration is not taken; the previous one runs on', { error: errorMessage(error) });
      }
    });
  };
  process.on('SIGHUP', reload);
  const file = resolve(context.cwd, path);
  const folders = [{ folder: dirname(file), names: new Set([basename(file)]) }];
  const files = watch ? watchFiles(folders, { clock: context.clock, changed: reload }) : undefined;
  return () => {
    process.off('SIGHUP', reload);
    files?.close();
  };
}

function listenerText({ component, protocol, host, port }: EngineListener): string {
  return `${component} ${protocol} ${host}:${port}`;
}
