import { formatDuration } from '../../lib/index.ts';
import { renderedYaml } from '../../render/index.ts';
import { isLoopbackHost } from '../../server/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { reportIssues } from '../findings.ts';
import { collect, parseDurationFlag, parseMemoryFlag } from '../flags.ts';
import { waitForEnd } from '../interrupt.ts';
import { announce, followStatus } from '../local/announce.ts';
import { APPLIED_FILE, AppliedResources } from '../local/applied-resources.ts';
import { ensureBuiltUi } from '../local/built-ui.ts';
import { printsItems } from '../local/configuration-document.ts';
import { type DataDir, openDataDir } from '../local/data-dir.ts';
import { followFiles } from '../local/follow-files.ts';
import { InputSources } from '../local/input-sources.ts';
import { leftQueues, leftQueuesText } from '../local/left-queues.ts';
import { type LocalPlan, type LocalStack, planLocal, startLocalStack } from '../local/local-stack.ts';
import { projectOf } from '../local/project.ts';
import { ownQueueFolder, type QueueFolder, sharedQueueFolder } from '../local/queue-folder.ts';
import { withoutWhatIsTold } from '../local/told-troubles.ts';
import { DEFAULT_PORTS, type Ports, parseOffset, parsePorts } from '../local/up-flags.ts';
import { ledgerText, losesData } from '../local/up-report.ts';
import { humanLog } from '../log.ts';
import { findEngines, stateDir } from '../state-dir.ts';
import { parseTopologyFlag } from '../topology-flag.ts';
import type { Verb } from '../verb.ts';

export const upVerb: Verb = {
  name: 'up',
  examples: ['sluice up', 'sluice up -f telemetry.yaml', 'sluice up -f telemetry.yaml --topology per-pipeline'],
  define: (command) =>
    command
      .option(
        '-f, --file <path>',
        'pipelines to run: file, folder or - for stdin; repeatable; default: ./telemetry.yaml and ./telemetry/ where they are',
        collect,
      )
      .option('--secrets <path>', 'Secret manifests that pipelines refer to; repeatable', collect)
      .option('--topology <type>', 'shared (all in this process), per-signal or per-pipeline (a process for each)')
      .option('--otlp-grpc <port>', `first OTLP port (default: ${DEFAULT_PORTS.grpc}); gRPC and HTTP both work on it`)
      .option('--otlp-http <port>', `second OTLP port (default: ${DEFAULT_PORTS.http})`)
      .option('--ui <port>', `port of the UI and the HTTP API (default: ${DEFAULT_PORTS.ui})`)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port-offset <n>', 'add this to the default ports', '0')
      .option('--open', 'open the browser (default: at a terminal)')
      .option('--no-open', 'never open the browser')
      .option('--no-watch', 'take up edits of the files only when asked to by SIGHUP')
      .option(
        '--data <dir>',
        'folder for what the engine writes: the configuration that runs, applied resources, the ledger at the end, and queues on disk, which are in ~/.local/state/sluice without it',
      )
      .option('--max-memory <size>', 'memory cap of each process', '512MB')
      .option('--ready-file <file>', 'written with the addresses, as JSON, once everything listens')
      .option('--for <duration>', 'stop after this time')
      .option('--drain-timeout <duration>', 'how long a stop may take to deliver what is queued', '10s')
      .option('--fail-on-loss', 'exit 6 when an item was lost'),
  run: runUp,
};

async function runUp(flags: Record<string, unknown>, _args: readonly string[], context: CliContext): Promise<ExitCode> {
  const host = parseHost(flags['host']);
  const ports = parsePorts(flags);
  const capBytes = parseMemoryFlag('--max-memory', flags['maxMemory']);
  const topology = parseTopologyFlag(flags['topology']);
  const timing = {
    endAfterMs: parseDurationFlag('--for', flags['for']),
    graceMs: parseDurationFlag('--drain-timeout', flags['drainTimeout']) ?? 0,
  };
  const paths = {
    files: flags['file'] as string[] | undefined,
    secrets: (flags['secrets'] as string[] | undefined) ?? [],
  };
  const sources = new InputSources(paths, context);
  const read = await sources.readFirst();
  const dataDir = flags['data'] === undefined ? undefined : openDataDir(String(flags['data']), context.cwd);
  const queueFolder =
    dataDir === undefined
      ? sharedQueueFolder(stateDir(context.env), projectOf(paths.files, context.cwd))
      : ownQueueFolder(dataDir.folder);
  try {
    const applied = AppliedResources.parse(dataDir?.read(APPLIED_FILE) ?? '').whereFilesStand(read.files);
    const options = { sources, read, applied, host, ports, capBytes, topology };
    const plan = await planLocal(options, humanLog(context), context);
    reportIssues(plan.generation.issues, plan.generation.sources, context);
    warnOfOpenSecrets(sources, context);
    if (plan.generation.pipelines.length === 0 && !plan.generation.builtIn) throw nothingToRun();
    if (read.files.length > 0 && plan.generation.builtIn) throw nothingToRun('the files hold no pipeline');
    if (plan.generation.topology.workloads.length === 0) throw tooLittleMemory();
    refuseSecondEngine(ports, context);
    await ensureBuiltUi(context);
    return await runPlan(plan, { flags, dataDir, queueFolder, ...timing }, context);
  } finally {
    queueFolder.release();
    dataDir?.release();
  }
}

interface RunOptions {
  readonly flags: Record<string, unknown>;
  readonly dataDir: DataDir | undefined;
  readonly queueFolder: QueueFolder;
  readonly endAfterMs: number | undefined;
  readonly graceMs: number;
}

async function runPlan(
  plan: LocalPlan,
  { flags, dataDir, queueFolder, endAfterMs, graceMs }: RunOptions,
  context: CliContext,
): Promise<ExitCode> {
  let shownSource = () => sourceName(plan);
  let writeConfigurations = () => {};
  const stack = await startLocalStack(context, plan, {
    queueFolder,
    source: () => shownSource(),
    log: withoutWhatIsTold(humanLog(context)),
    portWays: portWays(),
    save: (text) =>
      tellFailure(() => {
        dataDir?.write(APPLIED_FILE, text);
        writeConfigurations();
      }, context),
  });
  shownSource = () => sourceName(plan, stack);
  // Where a pipeline prints its items, standard output is theirs alone.
  const isTheirs = () => printsItems(stack.deployment.rendered);
  const people = { ...context, stdout: besideItems(context, isTheirs) };
  if (!isLoopbackHost(plan.host))
    context.stderr.write(
      `! listening on ${plan.host}: anybody who reaches this machine can send data; the UI asks for its token\n`,
    );
  let unregister = () => {};
  try {
    const left = await leftQueues(queueFolder, stack.deployment.rendered, context.clock);
    context.stderr.write(leftQueuesText(left));
    writeConfigurations = renderedWriter(stack, dataDir);
    writeConfigurations();
    unregister = announce(
      stack,
      {
        source: sourceName(plan),
        memory: String(flags['maxMemory']),
        portOffset: parseOffset(flags['portOffset']),
        readyFile: flags['readyFile'] as string | undefined,
        open: flags['open'] as boolean | undefined,
      },
      people,
    );
    const stopLine = followStatus(stack, people);
    const stopFiles = followFiles(
      stack,
      plan.sources,
      { watch: flags['watch'] !== false, changed: () => tellFailure(writeConfigurations, context) },
      people,
    );
    await waitForEnd(context, endAfterMs);
    stopFiles();
    stopLine();
    return await stop(stack, { graceMs, failOnLoss: flags['failOnLoss'] === true, dataDir }, people);
  } finally {
    unregister();
  }
}

/** What cannot be written while the engine runs is told and changes nothing else. */
function tellFailure(write: () => void, { stderr }: CliContext): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    stderr.write(`! ${error.message}; everything runs as it should, a restart will not find it (${error.code})\n`);
  }
}

/** Standard output, or standard error while pipelines print there. */
function besideItems({ stdout, stderr }: CliContext, isTheirs: () => boolean): CliContext['stdout'] {
  return {
    get isTty() {
      return (isTheirs() ? stderr : stdout).isTty;
    },
    write: (text) => (isTheirs() ? stderr : stdout).write(text),
  };
}

/** Returns what writes the configurations that run. Secrets stand in them as references. */
function renderedWriter({ deployment }: LocalStack, dataDir: DataDir | undefined): () => void {
  let written: readonly string[] = [];
  return () => {
    const { rendered } = deployment;
    const name = (workload: string) => (rendered.length === 1 ? 'otelcol.yaml' : `otelcol-${workload}.yaml`);
    for (const config of rendered) dataDir?.write(name(config.workload), renderedYaml(config));
    const current = rendered.map(({ workload }) => name(workload));
    for (const old of written) if (!current.includes(old)) dataDir?.remove(old);
    written = current;
  };
}

function warnOfOpenSecrets(sources: InputSources, { stderr }: CliContext): void {
  for (const file of sources.openSecrets()) {
    stderr.write(
      `! other users of this machine can read the secrets in ${file} (SL0612)\n    run:  chmod 600 ${file}\n`,
    );
  }
}

function parseHost(value: unknown): string {
  return String(value).replace(/^\[(.*)\]$/, '$1');
}

function nothingToRun(why = 'each pipeline in the files has an error (above)'): CliError {
  return new CliError(EXIT.no, 'SL0607', `nothing to run: ${why}`, [
    'mend the files, or run the built-in pipelines where there is no telemetry.yaml:  sluice up',
  ]);
}

function tooLittleMemory(): CliError {
  return new CliError(EXIT.no, 'SL0607', 'nothing to run: each process needs more memory (above)', [
    'give it:         --max-memory 512MB',
    'or one process:  --topology shared',
  ]);
}

function portWays(): readonly string[] {
  return [
    'sluice up --port-offset 100                         use 4417, 4418 and 4490',
    'sluice up --otlp-grpc 0 --otlp-http 0 --ui 0        use any free ports',
  ];
}

function sourceName({ generation }: LocalPlan, stack?: LocalStack): string {
  const { inputs, builtIn } = stack?.live.running ?? generation;
  if (builtIn) return 'built-in pipelines';
  const [first, ...more] = [...inputs.files, ...inputs.overlays];
  return more.length === 0 ? first!.file : `${first!.file} and ${more.length} more`;
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
      `stop it:       sluice down --pid ${other.pid}`,
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
  // Lines of their own: losses may be told in between.
  context.stdout.write(`stopping: delivering what is queued${again} ...\n`);
  await stack.shutdown({ graceMs });
  context.stdout.write(`done in ${((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s\n`);
  const { ledger } = stack.live;
  context.stdout.write(ledgerText(ledger));
  dataDir?.write('ledger.json', `${JSON.stringify(ledger, null, 2)}\n`);
  if (failOnLoss && losesData(ledger)) return EXIT.dataLost;
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}
