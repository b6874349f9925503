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
import { parseDurationFlag, parsePortFlag } from '../flags.ts';
import { waitForEnd } from '../interrupt.ts';
import { parseCountFlag } from '../load/load-flags.ts';
import { readSinkKeys } from '../load/sink-keys.ts';
import { explainListenError } from '../network-error.ts';
import { formatDocument, OUTPUT_HELP, type OutputFormat, parseOutputFlag, reportDocument } from '../report-document.ts';
import type { Verb } from '../verb.ts';

const STATUS_EVERY_MS = { terminal: 1000, log: 10_000 };

export const sinkVerb: Verb = {
  name: 'sink',
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
      .option('-o, --output <format>', `at the end print ${OUTPUT_HELP}`, 'text'),
  run: runSink,
};

async function runSink(
  flags: Record<string, unknown>,
  _args: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  const format = parseOutputFlag(flags['output']);
  const durationMs = parseDurationFlag('--duration', flags['duration']);
  const sink = await openSink(sinkOptions(flags, context), context);
  const control = await openControl(sink, flags['controlPort']);
  const { address, mode } = sink;
  context.progress.write(
    `test backend on ${displayHost(address.host)}:${address.port} (gRPC and HTTP), ${describeSinkMode(mode)}\n`,
  );
  if (control !== undefined) context.progress.write(`control on http://localhost:${control.port}\n`);
  const ended = new AbortController();
  const quit = AbortSignal.any([ended.signal, context.interrupt]);
  const stopKeys = readSinkKeys(sink, context, () => ended.abort());
  const stopStatus = showStatus(sink, context);
  // The listener holds the process while a timer of the clock alone would not.
  await Promise.race([waitForEnd(context, durationMs), aborted(quit)]);
  stopStatus();
  stopKeys();
  const document = finalText(sink, { format, printed: flags['print'] === true }, context);
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
    throw explainListenError(error, ['sluice sink --port 0        use any free port']);
  }
}

async function openControl(sink: Sink, value: unknown) {
  if (value === undefined) return undefined;
  const port = parsePortFlag('--control-port', value);
  try {
    return await serveSinkControl(sink, port);
  } catch (error) {
    await sink.close();
    throw explainListenError(error, ['sluice sink --control-port 0        use any free port']);
  }
}

function displayHost(host: string): string {
  return host === '127.0.0.1' || host === '::1' ? 'localhost' : host;
}

/** Off a terminal only when something arrived, so that a quiet sink writes nothing. */
function showStatus(sink: Sink, context: CliContext): () => void {
  const { progress, clock } = context;
  const everyMs = progress.isTty ? STATUS_EVERY_MS.terminal : STATUS_EVERY_MS.log;
  const stop = new AbortController();
  const loop = async () => {
    let shown = 0;
    for (;;) {
      await sleep(clock, everyMs, stop.signal);
      const { requests } = totalStats(sink.stats());
      if (progress.isTty) progress.write(`\r\x1b[K${statusLine(sink).trimEnd()}`);
      else if (requests !== shown) progress.write(statusLine(sink));
      shown = requests;
    }
  };
  // The loop ends by the abort of its sleep and in no other way.
  loop().catch(() => {});
  return () => {
    stop.abort();
    if (progress.isTty) progress.write('\r\x1b[K');
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

/** With --print the lines of OTLP/JSON are the document, and nothing follows them. */
function finalText(
  sink: Sink,
  { format, printed }: { readonly format: OutputFormat; readonly printed: boolean },
  context: CliContext,
): string {
  if (format !== 'text') return formatDocument(sinkReport(sink, context), format);
  return printed ? '' : statusLine(sink);
}

function sinkReport(sink: Sink, context: CliContext): unknown {
  const { signals, ...rest } = sink.stats();
  const target = `${sink.address.host}:${sink.address.port}`;
  const summary = { ...totalStats(sink.stats()), ...rest };
  const items = Object.entries(signals).map(([signal, stats]) => ({ signal, ...stats }));
  return reportDocument({ kind: 'SinkReport', target, summary, items }, context);
}
