/** The command line, and the only composition root: here the parts meet the process they run in. */
import { readFileSync } from 'node:fs';
import { errorCode, systemClock } from '../lib/index.ts';
import { type CliContext, CliError, type TextStream } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { exitCodesText, overviewText } from './help.ts';
import { reportInternalError } from './internal-error.ts';
import { asCalled, programName } from './program-name.ts';
import { runVerb } from './verb.ts';
import { VERBS } from './verbs.ts';

async function main(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return print(overviewText(context), context);
  if (name === '--version') return main(['version', ...rest], context);
  if (name === 'help') return help(rest[0], context);
  const entry = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (entry === undefined) throw await unknownVerb(name);
  return runVerb(await entry.load(), { summary: entry.summary, argv: rest }, context);
}

async function unknownVerb(name: string): Promise<CliError> {
  const hints = ['see:  sluice --help'];
  if (name.startsWith('-'))
    return new CliError(EXIT.usage, 'SL0901', `options come after the verb: sluice VERB ${name}`, hints);
  const { suggest } = await import('../diagnostics/index.ts');
  const near = suggest(name, Object.keys(VERBS));
  return new CliError(EXIT.usage, 'SL0901', `no verb \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`, hints);
}

function help(topic: string | undefined, context: CliContext): Promise<ExitCode> | ExitCode {
  if (topic === undefined) return print(overviewText(context), context);
  if (topic === 'exit-codes') return print(exitCodesText(), context);
  return main([topic, '--help'], context);
}

function print(text: string, context: CliContext): ExitCode {
  context.stdout.write(text);
  return EXIT.ok;
}

function makeContext(): CliContext {
  const { env } = process;
  const colorOn = (stream: NodeJS.WriteStream) => (stream.isTTY ?? false) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const stderr = textStream(process.stderr);
  return {
    stdout: textStream(process.stdout),
    stderr,
    progress: stderr,
    quiet: false,
    env,
    cwd: process.cwd(),
    color: { stdout: colorOn(process.stdout), stderr: colorOn(process.stderr) },
    unicode: locale === '' || /utf-?8/i.test(locale),
    clock: systemClock,
    version,
    program: programName(env['SLUICE_PROGRAM'], process.cwd()),
    interrupt: interruptSignal(),
  };
}

function textStream(stream: NodeJS.WriteStream): TextStream {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY ?? false,
    get columns() {
      return stream.columns;
    },
  };
}

/** The first signal asks for a clean stop, the second one ends the process. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(code);
      interrupt.abort(code);
    });
  }
  return interrupt.signal;
}

function explainError(error: unknown, context: CliContext): ExitCode {
  if (!(error instanceof CliError)) return reportInternalError(error, context);
  const hints = error.hints.map((hint) => `    ${hint}\n`).join('');
  context.stderr.write(asCalled(`error[${error.code}]: ${error.message}\n${hints}`, context.program));
  return error.exitCode;
}

/** A reader that goes away (`sluice render | head`) is not an error of ours. */
function endWithReader(error: Error): void {
  if (errorCode(error) === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

process.stdout.on('error', endWithReader);
process.stderr.on('error', endWithReader);
const context = makeContext();
process.on('uncaughtException', (error) => process.exit(reportInternalError(error, context)));
// Timers of the clock don't hold the process; while a verb waits by one, this does. It ends with the process.
setInterval(() => {}, 2 ** 30);
process.exitCode = await main(process.argv.slice(2), context).catch((error: unknown) => explainError(error, context));
// Sockets kept alive by a peer must not hold the process once the verb has answered; stdout is flushed first.
process.stdout.write('', () => process.exit());
