import { spawn } from 'node:child_process';
import { lostItems } from '../../flow/index.ts';
import { isLoopbackHost } from '../../server/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { reportIssues } from '../findings.ts';
import { collect, parseDurationFlag, parsePortFlag, parseSizeFlag } from '../flags.ts';
import { type InputFile, readInputFiles } from '../input-files.ts';
import { waitForEnd } from '../interrupt.ts';
import { openDataDir } from '../local/data-dir.ts';
import { type LocalStack, type Ports, startLocalStack } from '../local/local-stack.ts';
import { banner, ledgerText, statusLine } from '../local/up-report.ts';
import { humanLog } from '../log.ts';
import { writeReadyFile } from '../run-engine.ts';
import { findEngines, registerEngine } from '../state-dir.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_PORTS: Ports = { grpc: 4317, http: 4318, ui: 4390 };

export const upVerb: Verb = {
  name: 'up',
  summary: 'run pipelines and the UI on this machine, in the foreground',
  examples: ['sluice up', 'sluice up -f telemetry.yaml', 'sluice up --port-offset 100'],
  define: (command) =>
    command
      .option(
        '-f, --file <path>',
        'pipelines to run: file, folder or - for stdin; repeatable; default: built-in ones into the UI',
        collect,
      )
      .option('--otlp-grpc <port>', `first OTLP port (default ${DEFAULT_PORTS.grpc}); gRPC and HTTP both work on it`)
      .option('--otlp-http <port>', `second OTLP port (default ${DEFAULT_PORTS.http})`)
      .option('--ui <port>', `port of the UI and the HTTP API (default ${DEFAULT_PORTS.ui})`)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port-offset <n>', 'add this to the default ports', '0')
      .option('--open', 'open the browser')
      .option('--no-open', 'never open the browser')
      .option(
        '--data <dir>',
        'folder for what the engine writes: the configuration that runs, and the ledger at the end',
      )
      .option('--max-memory <size>', 'memory cap of the process', '512MB')
      .option('--ready-file <file>', 'written with the addresses, as JSON, once everything listens')
      .option('--for <duration>', 'stop after this time')
      .option('--drain-timeout <duration>', 'how long a stop may take to deliver what is queued', '10s')
      .option('--fail-on-loss', 'exit 6 when an item was lost')
      .allowExcessArguments(false),
  run: runUp,
};

async function runUp(flags: Record<string, unknown>, _args: readonly string[], context: CliContext): Promise<ExitCode> {
  const ports = portFlags(flags);
  const host = String(flags['host']);
  const capBytes = parseSizeFlag('--max-memory', flags['maxMemory']);
  const endAfterMs = parseDurationFlag('--for', flags['for']);
  const graceMs = parseDurationFlag('--drain-timeout', flags['drainTimeout']) ?? 0;
  refuseSecondEngine(ports, context);
  const named = flags['file'] as string[] | undefined;
  const files = named === undefined ? [] : readInputFiles(named, context.cwd);
  const source = sourceName(files);
  const dataDir = flags['data'] === undefined ? undefined : openDataDir(String(flags['data']), context.cwd);
  const log = humanLog(context);
  try {
    const stack = await startLocalStack(context, { files, source, host, ports, capBytes, log, portWays: portWays() });
    reportIssues(stack.compiled.issues, stack.compiled.sources, context);
    if (stack.pipelines.length === 0) {
      await stack.shutdown({ graceMs: 0 });
      throw new CliError(EXIT.no, 'SL0607', 'none of the pipelines can run', [
        'mend the errors above, or run without -f to use the built-in pipelines',
      ]);
    }
    if (!isLoopbackHost(host))
      context.stderr.write(
        `! listening on ${host}: anybody who reaches this machine can send data; the UI asks for its token\n`,
      );
    dataDir?.write('otelcol.yaml', stack.configText);
    const unregister = announce(stack, { source, flags, context });
    try {
      const stopLine = followStatus(stack, context);
      await waitForEnd(context, endAfterMs);
      stopLine();
      return await stop(stack, {
        graceMs,
        failOnLoss: Boolean(flags['failOnLoss']),
        context,
        saveLedger: (text) => dataDir?.write('ledger.json', text),
      });
    } finally {
      unregister();
    }
  } finally {
    dataDir?.release();
  }
}

/** `--port-offset` moves the defaults; a port given by name stands as it is. */
function portFlags(flags: Record<string, unknown>): Ports {
  const offset = parsePortFlag('--port-offset', flags['portOffset']);
  const port = (flag: string, value: unknown, otherwise: number) =>
    value === undefined ? otherwise + offset : parsePortFlag(flag, value);
  return {
    grpc: port('--otlp-grpc', flags['otlpGrpc'], DEFAULT_PORTS.grpc),
    http: port('--otlp-http', flags['otlpHttp'], DEFAULT_PORTS.http),
    ui: port('--ui', flags['ui'], DEFAULT_PORTS.ui),
  };
}

function portWays(): readonly string[] {
  return [
    'sluice up --port-offset 100         use 4417, 4418 and 4490',
    'sluice up --otlp-grpc 0 --otlp-http 0 --ui 0    use any free ports',
  ];
}

function sourceName(files: readonly InputFile[]): string {
  if (files.length === 0) return 'built-in pipelines';
  return files.length === 1 ? files[0]!.file : `${files[0]!.file} and ${files.length - 1} more`;
}

/** Two engines on the same ports: the second says where the first is instead of naming a foreign program. */
function refuseSecondEngine(ports: Ports, context: CliContext): void {
  const taken = new Set(Object.values(ports).filter((port) => port !== 0));
  const other = findEngines(context.env).find((engine) => Object.values(engine.ports).some((port) => taken.has(port)));
  if (other === undefined) return;
  throw new CliError(
    EXIT.cannotStart,
    'SL0600',
    `an engine is already running (pid ${other.pid}, ${other.source}, since ${other.startedAt})`,
    ['look at it:   sluice status', `stop it:      kill ${other.pid}`, 'or beside it: sluice up --port-offset 100'],
  );
}

interface Announcement {
  readonly source: string;
  readonly flags: Record<string, unknown>;
  readonly context: CliContext;
}

/** Tells people, scripts and the other verbs where the engine is; returns how to take that back. */
function announce(stack: LocalStack, { source, flags, context }: Announcement): () => void {
  const { endpoints, ports, token } = stack;
  context.stdout.write(banner(stack, { source, memory: String(flags['maxMemory']) }, context));
  const startedAt = new Date(context.clock.nowMs()).toISOString();
  const api = apiAddress(endpoints.ui);
  const unregister = registerEngine(context.env, { pid: process.pid, api, token, source, startedAt, ports });
  writeReadyFile(flags['readyFile'] as string | undefined, { pid: process.pid, ports, api });
  context.stdout.write(
    `Ready in ${process.uptime().toFixed(1)} s. Waiting for data. Any OpenTelemetry SDK works with its defaults, or run: sluice gen all --once\n`,
  );
  // Only a person at a terminal gets a window; --open asks for one all the same.
  if (flags['open'] ?? context.stdout.isTty) openBrowser(`${endpoints.ui}/?t=${token}`);
  return unregister;
}

/** Loopback by address: no resolver, no IPv6 detour. */
function apiAddress(url: string): string {
  return url.replace('//localhost:', '//127.0.0.1:').replace('//0.0.0.0:', '//127.0.0.1:');
}

function openBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // no browser here: the address is on the screen
  child.unref();
}

/** First data in one line; on a terminal then one line that refreshes each second. Returns how to stop it. */
function followStatus(stack: LocalStack, context: CliContext): () => void {
  let seen = false;
  let shown = false;
  const timer = setInterval(() => {
    const overview = stack.server.overview();
    if (!seen && overview.progress.received) {
      seen = true;
      context.stdout.write(`first data received · look:  ${overview.endpoints.ui}\n`);
    }
    if (!context.stdout.isTty) return;
    context.stdout.write(`\r\u001b[2K${statusLine(overview)}`);
    shown = true;
  }, 1000);
  return () => {
    clearInterval(timer);
    if (shown) context.stdout.write('\n');
  };
}

interface StopOptions {
  readonly graceMs: number;
  readonly failOnLoss: boolean;
  readonly context: CliContext;
  saveLedger(text: string): void;
}

/** Takes no more data, delivers what is queued, and says what became of everything. */
async function stop(stack: LocalStack, { graceMs, failOnLoss, context, saveLedger }: StopOptions): Promise<ExitCode> {
  const startedMs = context.clock.monotonicMs();
  context.stdout.write('stopping: delivering what is queued ...');
  await stack.shutdown({ graceMs });
  context.stdout.write(` done in ${((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s\n`);
  const ledger = stack.server.ledger();
  saveLedger(`${JSON.stringify(ledger, null, 2)}\n`);
  context.stdout.write(ledgerText(ledger));
  if (failOnLoss && ledger.pipelines.some((row) => lostItems(row) > 0)) return EXIT.dataLost;
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}
