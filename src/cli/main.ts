/**
 * The command line, and the only composition root: here the parts meet the process they run in.
 * Verbs are loaded when they are called, so that `sluice version` does not pay for the engine.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../lib/index.ts';
import { type CliContext, CliError } from './context.ts';
import { EXIT, EXIT_MEANING, type ExitCode } from './exit-code.ts';
import { reportInternalError } from './internal-error.ts';
import { runVerb, type Verb } from './verb.ts';

type Group = 'Run' | 'Write and check' | 'Try things' | 'About';

interface VerbEntry {
  readonly group: Group;
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

const VERBS: Readonly<Record<string, VerbEntry>> = {
  up: {
    group: 'Run',
    summary: 'run pipelines and the UI on this machine',
    load: async () => (await import('./commands/up.ts')).upVerb,
  },
  status: {
    group: 'Run',
    summary: 'is any pipeline losing data, and why?',
    load: async () => (await import('./commands/status.ts')).statusVerb,
  },
  engine: {
    group: 'Run',
    summary: 'execute a Collector configuration',
    load: async () => (await import('./commands/engine.ts')).engineVerb,
  },
  validate: {
    group: 'Write and check',
    summary: 'find every mistake in pipeline files',
    load: async () => (await import('./commands/validate.ts')).validateVerb,
  },
  render: {
    group: 'Write and check',
    summary: 'print the configuration that would run',
    load: async () => (await import('./commands/render.ts')).renderVerb,
  },
  gen: {
    group: 'Try things',
    summary: 'generate traces, metrics and logs',
    load: async () => (await import('./commands/gen.ts')).genVerb,
  },
  sink: {
    group: 'Try things',
    summary: 'a test backend that can fail on purpose',
    load: async () => (await import('./commands/sink.ts')).sinkVerb,
  },
  explain: {
    group: 'Write and check',
    summary: 'what a diagnostic code means and how to clear it',
    load: async () => (await import('./commands/explain.ts')).explainVerb,
  },
  version: {
    group: 'About',
    summary: 'print versions',
    load: async () => (await import('./commands/version.ts')).versionVerb,
  },
};

async function main(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return printOverview(context);
  if (name === '--version') return runVerb(await VERBS['version']!.load(), rest, context);
  if (name === 'help') return printHelp(rest[0], context);
  const entry = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (entry === undefined) throw await unknownVerb(name);
  return runVerb(await entry.load(), rest, context);
}

async function unknownVerb(name: string): Promise<CliError> {
  const { suggest } = await import('../diagnostics/index.ts');
  const near = suggest(name, Object.keys(VERBS));
  return new CliError(EXIT.usage, 'SL0901', `no verb \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`, [
    'see:  sluice --help',
  ]);
}

async function printHelp(topic: string | undefined, context: CliContext): Promise<ExitCode> {
  if (topic === undefined) return printOverview(context);
  if (topic === 'exit-codes') {
    for (const [code, meaning] of EXIT_MEANING) context.stdout.write(`${String(code).padStart(4)}  ${meaning}\n`);
    return EXIT.ok;
  }
  return main([topic, '--help'], context);
}

function printOverview(context: CliContext): ExitCode {
  const lines = [
    'Telemetry pipelines as resources, run on this machine or rendered for the OpenTelemetry Collector.',
    '',
  ];
  lines.push('  $ sluice up                      receive OTLP on 4317 and 4318, look at it on http://localhost:4390');
  lines.push('  $ sluice up -f telemetry.yaml    run your own pipelines');
  lines.push('  $ sluice gen all --once          send some sample data', '');
  for (const group of ['Run', 'Write and check', 'Try things', 'About'] satisfies Group[]) {
    const verbs = Object.entries(VERBS).filter(([, entry]) => entry.group === group);
    lines.push(`${group.padEnd(16)} ${verbs.map(([verb]) => verb).join('  ')}`);
  }
  lines.push('', 'More: sluice help VERB · sluice help exit-codes');
  context.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

function makeContext(): CliContext {
  const { env } = process;
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
  const colorOn = (stream: NodeJS.WriteStream) => (stream.isTTY ?? false) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    stdout: { write: (text) => void process.stdout.write(text), isTty: process.stdout.isTTY ?? false },
    stderr: { write: (text) => void process.stderr.write(text), isTty: process.stderr.isTTY ?? false },
    env,
    cwd: process.cwd(),
    color: { stdout: colorOn(process.stdout), stderr: colorOn(process.stderr) },
    unicode: locale === '' || /utf-?8/i.test(locale),
    clock: systemClock,
    version,
    interrupt: interrupt.signal,
  };
}

// A reader that goes away (`sluice render | head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const context = makeContext();
try {
  process.exitCode = await main(process.argv.slice(2), context);
} catch (error) {
  if (error instanceof CliError) {
    context.stderr.write(
      `error[${error.code}]: ${error.message}\n${error.hints.map((hint) => `    ${hint}\n`).join('')}`,
    );
    process.exitCode = error.exitCode;
  } else {
    process.exitCode = reportInternalError(error, context);
  }
}
// Sockets kept alive by a peer must not hold the process once the verb has answered; stdout is flushed first.
process.stdout.write('', () => process.exit());
