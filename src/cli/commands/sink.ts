import { sleep } from '../../lib/index.ts';
import {
  createSink,
  defaultSinkPort,
  describeSinkMode,
  parseSinkMode,
  SINK_MODE_SYNTAX,
  type Sink,
  type SinkMode,
  type SinkOptions,
  serveSinkControl,
  totalStats,
} from '../../load/index.ts';
import { encodeJson } from '../../otlp/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag, parseDurationFlag, parsePortFlag } from '../flags.ts';
import { waitForEnd } from '../interrupt.ts';
import { parseCountFlag } from '../load/load-flags.ts';
import { readSinkKeys } from '../load/sink-keys.ts';
import { explainListenError } from '../network-error.ts';
import type { Verb } from '../verb.ts';

const STATUS_EVERY_MS = { terminal: 1000, log: 10_000 };

export const sinkVerb: Verb = {
  name: 'sink',
  summary: 'a test backend that can fail on purpose',
  examples: [
    'sluice sink',
    'sluice sink --port 14317 --mode 503:0.7',
    'sluice sink --control-port 14390 & curl -d slow:2s localhost:14390/mode',
  ],
  define: (command) =>
    command
      .option('--port <port>', 'gRPC and HTTP on one port', String(defaultSinkPort))
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--mode <mode>', SINK_MODE_SYNTAX, 'accept')
      .option('--control-port <port>', 'GET /stats, GET /requests, POST /mode, POST /clear on loopback')
      .option('--print', 'print each accepted request as a line of OTLP/JSON')
      .option('--store <n>', 'keep the last n requests for GET /requests')
      .option('--seed <n>', 'decides which requests a share meets', '1')
      .option('--duration <duration>', 'stop after this time')
      .option('-o, --output <format>', 'at the end print text or json', 'text'),
  run: runSink,
};

async function runSink(
  flags: Record<string, unknown>,
  _args: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  const format = parseChoiceFlag('--output', flags['output'], ['text', 'json']);
  const durationMs = parseDurationFlag('--duration', flags['duration']);
  const sink = await openSink(sinkOptions(flags, context), context);
  const control = await openControl(sink, flags['controlPort']);
  const { address, mode } = sink;
  context.stderr.write(
    `test backend on ${displayHost(address.host)}:${address.port} (gRPC and HTTP), ${describeSinkMode(mode)}\n`,
  );
  if (control !== undefined) context.stderr.write(`control on http://localhost:${control.port}\n`);
  const ended = new AbortController();
  const quit = AbortSignal.any([ended.signal, context.interrupt]);
  const stopKeys = readSinkKeys(sink, context, () => ended.abort());
  const stopStatus = showStatus(sink, context);
  // The listener holds the process while a timer of the clock alone would not.
  await Promise.race([waitForEnd(context, durationMs), aborted(quit)]);
  stopStatus();
  stopKeys();
  const document = format === 'json' ? sinkJson(sink, context) : flags['print'] ? '' : statusLine(sink);
  await control?.close();
  await sink.close();
  context.stdout.write(document);
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function sinkOptions(flags: Record<string, unknown>, context: CliContext): SinkOptions {
  const store = parseCountFlag('--store', flags['store']);
  return {
    host: String(flags['host']),
    port: parsePortFlag('--port', flags['port']),
    mode: parseModeFlag(flags['mode']),
    seed: parseCountFlag('--seed', flags['seed']) ?? 1,
    ...(store === undefined ? {} : { store }),
    ...(flags['print']
      ? { onAccepted: (request) => context.stdout.write(`${encodeJson(request.signal, request.bytes)}\n`) }
      : {}),
  };
}

function parseModeFlag(value: unknown): SinkMode {
  const mode = parseSinkMode(String(value));
  if (mode === undefined)
    throw new CliError(EXIT.usage, 'SL0903', `--mode takes ${SINK_MODE_SYNTAX}; got \`${String(value)}\``);
  return mode;
}

async function openSink(options: SinkOptions, context: CliContext): Promise<Sink> {
  try {
    return await createSink(options, { clock: context.clock });
  } catch (error) {
    throw explainListenError(error, ['sluice sink --port 0                any free port']);
  }
}

async function openControl(sink: Sink, value: unknown) {
  if (value === undefined) return undefined;
  const port = parsePortFlag('--control-port', value);
  try {
    return await serveSinkControl(sink, port);
  } catch (error) {
    await sink.close();
    throw explainListenError(error, ['add --control-port 0                any free port']);
  }
}

function displayHost(host: string): string {
  return host === '127.0.0.1' || host === '::1' ? 'localhost' : host;
}

/** Off a terminal only when something arrived, so that a quiet sink writes nothing. */
function showStatus(sink: Sink, context: CliContext): () => void {
  const { stderr, clock } = context;
  const everyMs = stderr.isTty ? STATUS_EVERY_MS.terminal : STATUS_EVERY_MS.log;
  const stop = new AbortController();
  const loop = async () => {
    let shown = 0;
    for (;;) {
      await sleep(clock, everyMs, stop.signal);
      const { requests } = totalStats(sink.stats());
      if (stderr.isTty) stderr.write(`\r\x1b[K${statusLine(sink).trimEnd()}`);
      else if (requests !== shown) stderr.write(statusLine(sink));
      shown = requests;
    }
  };
  // The loop ends by the abort of its sleep and in no other way.
  loop().catch(() => {});
  return () => {
    stop.abort();
    if (stderr.isTty) stderr.write('\r\x1b[K');
  };
}

function statusLine(sink: Sink): string {
  const stats = sink.stats();
  const total = totalStats(stats);
  const parts = [
    `requests ${total.requests}`,
    `ok ${total.accepted}`,
    ...(total.refused > 0 ? [`refused ${total.refused}`] : []),
    ...(total.waiting > 0 ? [`waiting ${total.waiting}`] : []),
    ...(stats.invalid.requests > 0 ? [`invalid ${stats.invalid.requests}`] : []),
    `items ${total.items}`,
    `unique ${total.unique}`,
    `duplicates ${total.duplicates}`,
    `mode ${stats.mode}`,
  ];
  return `${parts.join('   ')}\n`;
}

function sinkJson(sink: Sink, context: CliContext): string {
  const stats = sink.stats();
  const document = {
    apiVersion: 'cli.sluice.io/v1',
    kind: 'SinkReport',
    metadata: {
      generatedAt: new Date(context.clock.nowMs()).toISOString(),
      cliVersion: context.version,
      target: `${sink.address.host}:${sink.address.port}`,
    },
    summary: totalStats(stats),
    ...stats,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
