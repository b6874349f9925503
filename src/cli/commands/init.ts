import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag } from '../flags.ts';
import { parseInitOutput } from '../init/init-output.ts';
import { type InitOutput, pipelineFile } from '../init/pipeline-file.ts';
import { diffLines } from '../init/text-diff.ts';
import { asCalled } from '../program-name.ts';
import type { Verb } from '../verb.ts';

const FILE = 'telemetry.yaml';

const SIGNALS_OF_WORD = {
  trace: ['traces'],
  metric: ['metrics'],
  log: ['logs'],
  all: SIGNALS,
} as const satisfies Record<string, readonly Signal[]>;
const WORDS = Object.keys(SIGNALS_OF_WORD) as (keyof typeof SIGNALS_OF_WORD)[];

const DEFAULT_NAME: Readonly<Record<InitOutput['kind'], string>> = {
  otlp: 'backend',
  file: 'archive',
  stdout: 'console',
};

export const initVerb: Verb = {
  name: 'init',
  examples: [
    'sluice init trace --to jaeger --write',
    'sluice init all --to otlp=https://backend.example.com:4318 --name backend',
    'sluice init log --to file=./logs.jsonl > telemetry.yaml',
  ],
  words: () => WORDS,
  define: (command) =>
    command
      .argument('[signal]', 'trace, metric, log or all (default)')
      .option('--to <output>', 'otlp=URL, file=PATH, stdout, or jaeger (localhost:14317)', 'stdout')
      .option('--name <name>', 'name of the pipelines (default: after the output)')
      .option('--write', `write ./${FILE}; one that exists is never overwritten`)
      .option('--export', 'without comments, for kubectl apply -f -'),
  async run(flags, [word = 'all'], context) {
    // `gen` takes the names of signals, and so does who comes from there.
    const singular = SIGNALS.some((signal) => signal === word) ? word.slice(0, -1) : word;
    const signals = SIGNALS_OF_WORD[parseChoiceFlag('the signal', singular, WORDS)];
    const to = String(flags['to']);
    const output = parseInitOutput(to);
    if (to === 'jaeger' && signals.some((signal) => signal !== 'traces')) {
      throw new CliError(EXIT.usage, 'SL0903', `Jaeger takes traces only, \`${word}\` is more`, [
        'traces:  sluice init trace --to jaeger',
        'others:  sluice init metric --to otlp=URL',
      ]);
    }
    const name =
      flags['name'] === undefined ? (to === 'jaeger' ? to : DEFAULT_NAME[output.kind]) : String(flags['name']);
    const text = pipelineFile({ signals, name, output, comments: flags['export'] !== true });
    refuseFindings(text);
    return flags['write'] === true ? writeNew(text, output, context) : print(text, output, context);
  },
};

/** What was given on the command line is judged as it would be in a file. */
function refuseFindings(text: string): void {
  const { issues } = compileFiles([{ file: FILE, text }], {
    distribution: 'sluice',
    capBytes: 2 ** 30,
    addresses: () => STOCK_ADDRESSES,
  });
  const [issue] = issues;
  if (issue !== undefined) {
    throw new CliError(EXIT.usage, issue.code, issue.message, [
      ...(issue.label ? [issue.label] : []),
      ...(issue.help ? [issue.help] : []),
    ]);
  }
}

function print(text: string, output: InitOutput, context: CliContext): ExitCode {
  context.stdout.write(text);
  // Between a terminal's lines and a redirected file both read well: the hints go to stderr.
  context.progress.write(`save it:  the same with --write, or with > ${FILE}\n${nextSteps(output, context)}`);
  return EXIT.ok;
}

function writeNew(text: string, output: InitOutput, context: CliContext): ExitCode {
  const path = resolve(context.cwd, FILE);
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return showDifference(readFileSync(path, 'utf8'), text, context);
    throw new CliError(EXIT.cannotStart, 'SL0608', `cannot write ${FILE}: ${errorMessage(error)}`);
  }
  context.progress.write(`wrote ${FILE}\n${nextSteps(output, context)}`);
  return EXIT.ok;
}

function showDifference(before: string, after: string, context: CliContext): ExitCode {
  if (before === after) {
    context.progress.write(`${FILE} is just that already\n`);
    return EXIT.ok;
  }
  context.stderr.write(`${FILE} exists and stays as it is; - is in it, + would be new:\n`);
  context.stdout.write(`${diffLines(before, after).join('\n')}\n`);
  return EXIT.no;
}

function nextSteps(output: InitOutput, { program }: CliContext): string {
  const port =
    output.kind === 'otlp'
      ? /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)/.exec(output.endpoint)?.[1]
      : undefined;
  const sink = port === undefined ? '' : `backend:  sluice sink --port ${port}    a test backend at that address\n`;
  return asCalled(`check:    sluice validate -f ${FILE}\nrun:      sluice up -f ${FILE}\n${sink}`, program);
}
