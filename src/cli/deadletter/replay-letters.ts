import { type DeadLetter, listLetterFiles, readLettersLeft, removeLetterFile, takeOut } from '../../engine/index.ts';
import { formatByteSize, sleep } from '../../lib/index.ts';
import { createOtlpGrpcClient, createOtlpHttpClient, type ExportOutcome, type OtlpClient } from '../../otlp/index.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type Endpoint, resolveEndpoint } from '../load/endpoint.ts';
import { keyValues } from '../load/load-flags.ts';
import { hostAndPort } from '../local/addresses.ts';
import { formatDocument, type OutputFormat, reportDocument } from '../report-document.ts';
import { findLetterFolders } from './letter-folders.ts';
import { type FoundLetter, filesIn, type LetterChoice, nothingFound } from './letters.ts';
import { lockForReplay } from './replay-lock.ts';

const TRY_TIMEOUT_MS = 10_000;
/** Between two tries of one letter, where the endpoint does not say. */
const WAIT_MS = 1000;

export interface ReplayOptions {
  readonly flags: Record<string, unknown>;
  readonly count: number;
  readonly dryRun: boolean;
  /** How long one letter is tried while the endpoint does not take it. */
  readonly timeoutMs: number;
}

interface Tally {
  letters: number;
  items: number;
  bytes: number;
  /** Rejected again: they stay where they are. */
  rejected: number;
  /** Items that a partial success left out. */
  rejectedItems: number;
  lastReason: string;
}

/** `deadletter replay`: sends letters again, oldest first, and takes out what was taken. */
export async function replayLetters(
  choice: LetterChoice,
  options: ReplayOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { flags, count, dryRun } = options;
  const { root, folders } = await findLetterFolders(flags, context);
  const endpoint = endpointOf(flags, context);
  const tally: Tally = { letters: 0, items: 0, bytes: 0, rejected: 0, rejectedItems: 0, lastReason: '' };
  const client = clientFor(endpoint, flags, context);
  let found = 0;
  try {
    for (const folder of folders) {
      const unlock = dryRun ? () => {} : lockForReplay(folder);
      try {
        for await (const { letters } of filesIn([folder], choice)) {
          for (const letter of letters.slice(0, count - found)) {
            if (context.interrupt.aborted) return end(tally, { root, endpoint, options }, context);
            found++;
            if (dryRun) add(tally, letter.letter);
            else await replay(letter, { client, endpoint, tally, timeoutMs: options.timeoutMs }, context);
            showProgress(tally, context);
          }
          if (found >= count) break;
        }
        if (!dryRun) await clearAway(folder);
      } finally {
        unlock();
      }
    }
  } finally {
    if (context.progress.isTty) context.progress.write('\r\x1b[K');
    await client.close();
  }
  if (found === 0 && (choice.id !== undefined || choice.pipeline !== undefined)) throw nothingFound(choice, root);
  return end(tally, { root, endpoint, options }, context);
}

interface Replay {
  readonly client: OtlpClient;
  readonly endpoint: Endpoint;
  readonly tally: Tally;
  readonly timeoutMs: number;
}

async function replay(
  { file, letter }: FoundLetter,
  { client, endpoint, tally, timeoutMs }: Replay,
  context: CliContext,
) {
  const { clock, interrupt } = context;
  const untilMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const outcome = await trySend(client, letter, interrupt);
    if (interrupt.aborted && outcome?.status !== 'delivered') return;
    if (outcome === undefined) return;
    if (outcome.status === 'delivered') {
      // The rest of a partial success must not be sent twice; nobody says which items it left out.
      await takeOut(file.path, [letter]);
      add(tally, letter);
      if (outcome.rejectedCount > 0) {
        tally.rejectedItems += Math.min(outcome.rejectedCount, letter.itemCount);
        tally.lastReason = outcome.message ?? 'partial success';
      }
      return;
    }
    if (outcome.status === 'permanent') {
      tally.rejected++;
      tally.lastReason = outcome.failure.message;
      return;
    }
    const waitMs = outcome.status === 'throttled' ? Math.max(outcome.afterMs, WAIT_MS) : WAIT_MS;
    if (clock.monotonicMs() + waitMs > untilMs) throw notTaken(endpoint, tally, outcome.failure.message);
    await sleep(clock, waitMs, interrupt).catch(() => {});
  }
}

async function trySend(
  client: OtlpClient,
  { signal, bytes }: DeadLetter,
  interrupt: AbortSignal,
): Promise<ExportOutcome | undefined> {
  try {
    return await client.export(signal, bytes, { signal: interrupt, timeoutMs: TRY_TIMEOUT_MS });
  } catch (error) {
    if (interrupt.aborted) return undefined;
    throw error;
  }
}

function notTaken(endpoint: Endpoint, tally: Tally, message: string): CliError {
  const before = tally.letters === 0 ? 'nothing was sent' : `${tally.letters} letters were taken before`;
  const unreachable = tally.letters === 0;
  return new CliError(
    unreachable ? EXIT.unreachable : EXIT.timedOut,
    'SL0702',
    `${endpoint.label} does not take the letters: ${message}; ${before}, the others are where they were`,
    ['elsewhere:  add --otlp-endpoint HOST:PORT', 'wait longer:  add --timeout 5m'],
  );
}

/** Files that hold nothing any more go; the newest stays, since an engine may be writing to it. */
async function clearAway(folder: string): Promise<void> {
  const files = await listLetterFiles(folder);
  for (const { path } of files.slice(0, -1)) {
    const { letters } = await readLettersLeft(path);
    if (letters.length === 0) await removeLetterFile(path);
  }
}

function add(tally: Tally, { itemCount, bytes }: DeadLetter): void {
  tally.letters++;
  tally.items += itemCount;
  tally.bytes += bytes.length;
}

/** Telemetry of others goes nowhere by an environment that was meant for the programs of this shell. */
function endpointOf(flags: Record<string, unknown>, context: CliContext): Endpoint {
  const env = { ...context.env, OTEL_EXPORTER_OTLP_ENDPOINT: undefined, OTEL_EXPORTER_OTLP_PROTOCOL: undefined };
  return resolveEndpoint(flags, { ...context, env });
}

function clientFor(endpoint: Endpoint, flags: Record<string, unknown>, { clock, version }: CliContext): OtlpClient {
  const { host, port, tls, protocol } = endpoint;
  const common = {
    endpoint: `${tls ? 'https' : 'http'}://${hostAndPort(host, port)}`,
    headers: keyValues('--otlp-header', flags['otlpHeader'] as readonly string[] | undefined),
    compression: 'gzip' as const,
    clock,
    userAgent: `sluice/${version}`,
  };
  if (protocol === 'grpc') return createOtlpGrpcClient(common);
  return createOtlpHttpClient({ ...common, encoding: protocol === 'http/json' ? 'json' : 'proto' });
}

function showProgress({ letters, items, rejected }: Tally, { progress }: CliContext): void {
  if (!progress.isTty) return;
  progress.write(`\r\x1b[K${letters} letters, ${items} items sent   rejected again ${rejected}`);
}

interface Result {
  readonly root: string;
  readonly endpoint: Endpoint;
  readonly options: ReplayOptions;
}

function end(tally: Tally, { root, endpoint, options }: Result, context: CliContext): ExitCode {
  const { dryRun, flags } = options;
  const format = flags['output'] as OutputFormat;
  if (format === 'text') context.stdout.write(resultText(tally, endpoint, dryRun));
  else {
    const { lastReason, ...counts } = tally;
    const summary = { ...counts, endpoint: endpoint.label, dryRun, ...(lastReason === '' ? {} : { lastReason }) };
    const report = reportDocument({ kind: 'ReplayReport', target: root, summary, items: [] }, context);
    context.stdout.write(formatDocument(report, format));
  }
  if (context.interrupt.aborted) return interruptCode(context);
  return tally.rejected + tally.rejectedItems > 0 ? EXIT.no : EXIT.ok;
}

function resultText(tally: Tally, { label, engine }: Endpoint, dryRun: boolean): string {
  const { letters, items, bytes, rejected, rejectedItems, lastReason } = tally;
  const what = `${letters} letter${letters === 1 ? '' : 's'}, ${items} items, ${formatByteSize(bytes)}`;
  if (dryRun) return `would send to ${label}: ${what}\n`;
  const again = rejected === 0 ? [] : [`rejected again, and kept: ${rejected} letters: ${lastReason}`];
  const partly = rejectedItems === 0 ? [] : [`left out by a partial success: ${rejectedItems} items: ${lastReason}`];
  const later =
    engine === undefined || letters === 0
      ? []
      : ['what the backend rejects again is kept again: sluice deadletter list'];
  return `${[`sent to ${label}: ${what}`, ...again, ...partly, ...later].join('\n')}\n`;
}
