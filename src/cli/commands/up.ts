import { formatDuration } from '../../lib/index.ts';
import { type ComponentId, componentType } from '../../otelcol/index.ts';
import { renderedYaml } from '../../render/index.ts';
import { isLoopbackHost } from '../../server/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { reportIssues } from '../findings.ts';
import { collect, parseDurationFlag, parseSizeFlag } from '../flags.ts';
import { type InputFile, readInputFiles } from '../input-files.ts';
import { waitForEnd } from '../interrupt.ts';
import { announce, followStatus } from '../local/announce.ts';
import { ensureBuiltUi } from '../local/built-ui.ts';
import { type DataDir, openDataDir } from '../local/data-dir.ts';
import { type LocalPlan, type LocalStack, planLocal, startLocalStack } from '../local/local-stack.ts';
import { DEFAULT_PORTS, type Ports, parsePorts } from '../local/up-flags.ts';
import { ledgerText, losesData } from '../local/up-report.ts';
import { humanLog } from '../log.ts';
import { findEngines } from '../state-dir.ts';
import type { Verb } from '../verb.ts';

export const upVerb: Verb = {
  name: 'up',
  examples: ['sluice up', 'sluice up -f telemetry.yaml', 'sluice up --port-offset 100'],
  define: (command) =>
    command
      .option(
        '-f, --file <path>',
        'pipelines to run: file, folder or - for stdin; repeatable; default: built-in ones into the UI',
        collect,
      )
      .option('--otlp-grpc <port>', `first OTLP port (default: ${DEFAULT_PORTS.grpc}); gRPC and HTTP both work on it`)
      .option('--otlp-http <port>', `second OTLP port (default: ${DEFAULT_PORTS.http})`)
      .option('--ui <port>', `port of the UI and the HTTP API (default: ${DEFAULT_PORTS.ui})`)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port-offset <n>', 'add this to the default ports', '0')
      .option('--open', 'open the browser (default: at a terminal)')
      .option('--no-open', 'never open the browser')
      .option(
        '--data <dir>',
        'folder for what the engine writes: the configuration that runs, and the ledger at the end',
      )
      .option('--max-memory <size>', 'memory cap of the process', '512MB')
      .option('--ready-file <file>', 'written with the addresses, as JSON, once everything listens')
      .option('--for <duration>', 'stop after this time')
      .option('--drain-timeout <duration>', 'how long a stop may take to deliver what is queued', '10s')
      .option('--fail-on-loss', 'exit 6 when an item was lost'),
  run: runUp,
};

async function runUp(flags: Record<string, unknown>, _args: readonly string[], context: CliContext): Promise<ExitCode> {
  const host = parseHost(flags['host']);
  const ports = parsePorts(flags);
  const capBytes = parseSizeFlag('--max-memory', flags['maxMemory']);
  const timing = {
    endAfterMs: parseDurationFlag('--for', flags['for']),
    graceMs: parseDurationFlag('--drain-timeout', flags['drainTimeout']) ?? 0,
  };
  const named = flags['file'] as string[] | undefined;
  const files = named === undefined ? [] : await readInputFiles(named, context);
  const plan = planLocal({ files, host, ports, capBytes });
  reportIssues(plan.compiled.issues, plan.compiled.sources, context);
  if (plan.pipelines.length === 0) throw nothingToRun(plan);
  refuseSecondEngine(ports, context);
  const dataDir = flags['data'] === undefined ? undefined : openDataDir(String(flags['data']), context.cwd);
  try {
    await ensureBuiltUi(context);
    return await runPlan(plan, { flags, dataDir, ...timing }, context);
  } finally {
    dataDir?.release();
  }
}

interface RunOptions {
  readonly flags: Record<string, unknown>;
  readonly dataDir: DataDir | undefined;
  readonly endAfterMs: number | undefined;
  readonly graceMs: number;
}

async function runPlan(
  plan: LocalPlan,
  { flags, dataDir, endAfterMs, graceMs }: RunOptions,
  context: CliContext,
): Promise<ExitCode> {
  const source = sourceName(plan.files);
  // Where a pipeline prints its items, standard output is theirs alone.
  const people = printsItems(plan) ? { ...context, stdout: context.stderr } : context;
  const stack = await startLocalStack(context, plan, { source, log: humanLog(context), portWays: portWays() });
  if (!isLoopbackHost(plan.host))
    context.stderr.write(
      `! listening on ${plan.host}: anybody who reaches this machine can send data; the UI asks for its token\n`,
    );
  let unregister = () => {};
  try {
    // Secrets stand in it as references.
    dataDir?.write('otelcol.yaml', renderedYaml(plan.rendered));
    unregister = announce(
      stack,
      {
        source,
        memory: String(flags['maxMemory']),
        readyFile: flags['readyFile'] as string | undefined,
        open: flags['open'] as boolean | undefined,
      },
      people,
    );
    const stopLine = followStatus(stack, people);
    await waitForEnd(context, endAfterMs);
    stopLine();
    return await stop(stack, { graceMs, failOnLoss: flags['failOnLoss'] === true, dataDir }, people);
  } finally {
    unregister();
  }
}

function printsItems({ compiled }: LocalPlan): boolean {
  const exporters = Object.keys(compiled.rendered[0]?.config.exporters ?? {}) as ComponentId[];
  return exporters.some((id) => componentType(id) === 'debug');
}

function parseHost(value: unknown): string {
  return String(value).replace(/^\[(.*)\]$/, '$1');
}

function nothingToRun({ compiled }: LocalPlan): CliError {
  const why =
    compiled.resourceCount === 0 ? 'the files hold no pipeline' : 'each pipeline in the files has an error (above)';
  return new CliError(EXIT.no, 'SL0607', `nothing to run: ${why}`, [
    'mend the files, or run the built-in pipelines:  sluice up',
  ]);
}

function portWays(): readonly string[] {
  return [
    'sluice up --port-offset 100                         use 4417, 4418 and 4490',
    'sluice up --otlp-grpc 0 --otlp-http 0 --ui 0        use any free ports',
  ];
}

function sourceName(files: readonly InputFile[]): string {
  if (files.length === 0) return 'built-in pipelines';
  return files.length === 1 ? files[0]!.file : `${files[0]!.file} and ${files.length - 1} more`;
}

/** Two engines on the same ports: the second says where the first is instead of naming a foreign program. */
function refuseSecondEngine(ports: Ports, context: CliContext): void {
  const wanted = new Set(Object.values(ports).filter((port) => port !== 0));
  const other = findEngines(context.env).find((engine) => Object.values(engine.ports).some((port) => wanted.has(port)));
  if (other === undefined) return;
  const upMs = Math.max(0, context.clock.nowMs() - Date.parse(other.startedAt));
  const upFor = formatDuration(Math.floor(upMs / 1000) * 1000);
  throw new CliError(
    EXIT.cannotStart,
    'SL0600',
    `an engine is already running (pid ${other.pid}, ${other.source}, up ${upFor})`,
    [
      'look at it:    sluice status',
      `stop it:       kill ${other.pid}`,
      'or beside it:  sluice up --port-offset 100         use 4417, 4418 and 4490',
    ],
  );
}

interface StopOptions {
  readonly graceMs: number;
  readonly failOnLoss: boolean;
  readonly dataDir: DataDir | undefined;
}

/** Takes no more data, delivers what is queued, and says what became of everything. */
async function stop(
  stack: LocalStack,
  { graceMs, failOnLoss, dataDir }: StopOptions,
  context: CliContext,
): Promise<ExitCode> {
  const startedMs = context.clock.monotonicMs();
  const again = context.stdout.isTty ? ' (Ctrl-C again: stop at once)' : '';
  context.stdout.write(`stopping: delivering what is queued${again} ...`);
  await stack.shutdown({ graceMs });
  context.stdout.write(` done in ${((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s\n`);
  const ledger = stack.server.ledger();
  context.stdout.write(ledgerText(ledger));
  dataDir?.write('ledger.json', `${JSON.stringify(ledger, null, 2)}\n`);
  if (failOnLoss && losesData(ledger)) return EXIT.dataLost;
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}
