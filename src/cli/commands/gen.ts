import { randomInt } from 'node:crypto';
import { formatDuration } from '../../lib/index.ts';
import {
  createGenerator,
  type Generator,
  type GeneratorOptions,
  isShapeName,
  SHAPE_NAMES,
  type ShapeName,
  shapeSignals,
} from '../../load/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { collect, parseChoiceFlag, parseDurationFlag } from '../flags.ts';
import { type Delivery, watchDelivery } from '../load/delivery.ts';
import { type Endpoint, resolveEndpoint } from '../load/endpoint.ts';
import { type GenerateOutcome, generateReport, generateText, totalsOf } from '../load/generate-report.ts';
import { keyValues, parseCountFlag, parseRateFlag } from '../load/load-flags.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_DURATION_MS = 5000;
const PROGRESS_EVERY_MS = { terminal: 250, log: 10_000 };

export const genVerb: Verb = {
  name: 'gen',
  examples: [
    'sluice gen all --once',
    'sluice gen traces --rate 50 --duration 5s --expect-delivery',
    'sluice gen logs --otlp-endpoint localhost:4318 --otlp-http --shape shop --duration inf',
  ],
  define: (command) =>
    command
      .argument('[signal]', 'traces, metrics, logs or all', 'all')
      .option('--once', 'send one request of each signal')
      .option('--rate <n>', 'requests a second (a request of shape simple is one trace); 0: as fast as answered', '10')
      .option('--duration <duration>', 'how long, or inf; default 5s')
      .option('--traces <n>', 'stop after so many requests of each signal')
      .option('--workers <n>', 'connections', '1')
      .option('--service <name>', 'service.name of the data', 'sluice-gen')
      .option('--shape <shape>', SHAPE_NAMES.join(', '), 'simple')
      .option('--seed <n>', 'the same seed sends the same ids; default: another one each time')
      .option('--otlp-endpoint <host:port>', 'default: OTEL_EXPORTER_OTLP_ENDPOINT, the local engine, localhost:4317')
      .option('--otlp-http', 'send over HTTP')
      .option(
        '--otlp-insecure',
        'accepted as telemetrygen has it; an endpoint is plain text unless it begins with https://',
      )
      .option('--encoding <encoding>', 'protobuf, or json (over HTTP)', 'protobuf')
      .option('--compression <coding>', 'none or gzip', 'none')
      .option('--otlp-header <key=value>', 'header of every request; repeatable', collect)
      .option('--otlp-attributes <key=value>', 'resource attribute; repeatable', collect)
      .option('--retry', 'send again what is refused for now, as SDKs do')
      .option(
        '--expect-delivery',
        'exit 6 unless every item was accepted and, by the ledger of the local engine, delivered within 10 s',
      )
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  run: runGen,
};

async function runGen(flags: Record<string, unknown>, args: readonly string[], context: CliContext): Promise<ExitCode> {
  const format = parseOutputFlag(flags['output']);
  const endpoint = resolveEndpoint(flags, context);
  const generators = readGenerators(flags, args[0] ?? 'all', endpoint, context);
  const watch =
    flags['expectDelivery'] && endpoint.engine ? await watchDelivery(endpoint.engine.api, context) : undefined;
  context.progress.write(`sending to ${endpoint.label}, ${loadText(flags)}\n`);
  const stopProgress = showProgress(generators, context);
  const running = generators.map((generator) => generator.run({ signal: context.interrupt }));
  const reports = await Promise.all(running).finally(stopProgress);
  const outcome: GenerateOutcome = { endpoint, reports, deliveries: (await watch?.after()) ?? [] };
  const total = totalsOf(reports);
  if (total.failed === total.sent && total.sent > 0 && !context.interrupt.aborted) throw unreachable(outcome);
  context.stdout.write(
    format === 'text' ? generateText(outcome) : formatDocument(generateReport(outcome, context), format),
  );
  if (flags['expectDelivery'] && !allDelivered(outcome)) return EXIT.dataLost;
  return context.interrupt.aborted ? interruptCode(context) : EXIT.ok;
}

function readGenerators(
  flags: Record<string, unknown>,
  wanted: string,
  endpoint: Endpoint,
  context: CliContext,
): readonly Generator[] {
  // `init` takes `trace`, and so does who comes from there.
  const choice = parseChoiceFlag('gen', SIGNALS.find((signal) => signal === `${wanted}s`) ?? wanted, [
    'all',
    ...SIGNALS,
  ]);
  const shape = String(flags['shape']);
  if (!isShapeName(shape)) throw invalidShape(shape);
  const available = shapeSignals(shape);
  const signals = choice === 'all' ? available : [choice];
  const missing = signals.find((signal) => !available.includes(signal));
  if (missing !== undefined)
    throw new CliError(EXIT.usage, 'SL0903', `shape \`${shape}\` has no ${missing}; it has ${available.join(', ')}`);
  // One seed for all signals of a run, so that logs name the traces that are sent beside them.
  const seed = parseCountFlag('--seed', flags['seed']) ?? randomInt(2 ** 32);
  const options = generatorOptions(flags, shape, endpoint, context);
  return signals.map((signal) => createGenerator({ ...options, signal, seed }, { clock: context.clock }));
}

function generatorOptions(
  flags: Record<string, unknown>,
  shape: ShapeName,
  endpoint: Endpoint,
  context: CliContext,
): Omit<GeneratorOptions, 'signal' | 'seed'> {
  const count = flags['once'] ? 1 : parseCountFlag('--traces', flags['traces']);
  const forever = flags['duration'] === 'inf';
  const durationMs = forever ? undefined : parseDurationFlag('--duration', flags['duration']);
  const bounded = count !== undefined || forever;
  const duration = durationMs ?? (bounded ? undefined : DEFAULT_DURATION_MS);
  return {
    shape,
    service: String(flags['service']),
    resource: keyValues('--otlp-attributes', flags['otlpAttributes'] as readonly string[] | undefined),
    endpoint,
    protocol: endpoint.protocol,
    compression: parseChoiceFlag('--compression', flags['compression'], ['none', 'gzip']),
    headers: headersOf(flags, context),
    requestRate: parseRateFlag('--rate', flags['rate']),
    ...(count === undefined ? {} : { requestCount: count }),
    ...(duration === undefined ? {} : { durationMs: duration }),
    connections: parseCountFlag('--workers', flags['workers']) || 1,
    retry: flags['retry'] === true,
  };
}

function headersOf(flags: Record<string, unknown>, { env }: CliContext): Readonly<Record<string, string>> {
  const standard = (env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '').split(',').filter((pair) => pair.trim() !== '');
  const given = (flags['otlpHeader'] as readonly string[] | undefined) ?? [];
  return { ...keyValues('OTEL_EXPORTER_OTLP_HEADERS', standard), ...keyValues('--otlp-header', given) };
}

function invalidShape(shape: string): CliError {
  return new CliError(EXIT.usage, 'SL0903', `--shape takes ${SHAPE_NAMES.join(', ')}, got \`${shape}\``);
}

function loadText(flags: Record<string, unknown>): string {
  const service = `service "${String(flags['service'])}"`;
  if (flags['once']) return `one request of each signal, ${service}`;
  const rate = Number(flags['rate']) === 0 ? 'as fast as it answers' : `${String(flags['rate'])} requests/s`;
  const count = flags['traces'] === undefined ? [] : [`${String(flags['traces'])} requests`];
  const byTime = flags['duration'] ?? (count.length > 0 ? undefined : formatDuration(DEFAULT_DURATION_MS));
  const time = byTime === undefined ? [] : byTime === 'inf' ? ['until Ctrl-C'] : [`for ${String(byTime)}`];
  return [rate, ...count, ...time, service].join(', ');
}

/** A line that is written over on a terminal, one every ten seconds elsewhere. Returns what ends it. */
function showProgress(generators: readonly Generator[], context: CliContext): () => void {
  const { progress, clock } = context;
  const everyMs = progress.isTty ? PROGRESS_EVERY_MS.terminal : PROGRESS_EVERY_MS.log;
  const show = () => {
    const reports = generators.map((generator) => generator.progress());
    const { sent, accepted, refused, failed } = totalsOf(reports);
    const seconds = Math.max(...reports.map((report) => report.seconds)).toFixed(1);
    const line = `${seconds} s   sent ${sent}   accepted ${accepted}   refused ${refused}   errors ${failed}`;
    progress.write(progress.isTty ? `\r\x1b[K${line}` : `${line}\n`);
    timer = clock.after(everyMs, show);
  };
  let timer = clock.after(everyMs, show);
  return () => {
    timer.cancel();
    if (progress.isTty) progress.write('\r\x1b[K');
  };
}

function unreachable({ endpoint, reports }: GenerateOutcome): CliError {
  const [code] = Object.keys(reports[0]!.answers);
  const where = `${endpoint.host}:${endpoint.port}`;
  const why = code === 'ECONNREFUSED' ? 'refuses connections' : `does not answer (${code})`;
  return new CliError(EXIT.unreachable, 'SL0702', `${where} ${why}`, [
    'start one:  sluice up',
    'elsewhere:  add --otlp-endpoint HOST:PORT',
  ]);
}

function allDelivered({ reports, deliveries }: GenerateOutcome): boolean {
  const { sent, accepted } = totalsOf(reports);
  return accepted === sent && deliveries.every((delivery: Delivery) => delivery.lost === 0 && delivery.queued === 0);
}
