import { readdirSync } from 'node:fs';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { collect } from '../flags.ts';
import { waitForEnd } from '../interrupt.ts';
import { InputSources } from '../local/input-sources.ts';
import { watchFiles } from '../local/watch-files.ts';
import { formatRun, TEST_FORMATS, type TestFormat } from '../pipeline-tests/format.ts';
import { isPassed } from '../pipeline-tests/report.ts';
import { runTests } from '../pipeline-tests/run-tests.ts';
import { parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const testVerb: Verb = {
  name: 'test',
  examples: [
    'sluice test',
    'sluice test pipelines.test.yaml -f telemetry.yaml',
    'sluice test --watch',
    'sluice test -o junit > tests.xml',
  ],
  define: (command) =>
    command
      .argument('[file...]', 'files or folders with tests (kind PipelineTest); default: *.test.yaml here')
      .option('-f, --file <path>', 'files with the pipelines; default: ./telemetry.yaml and ./telemetry/', collect)
      .option('-o, --output <format>', 'text, json, yaml or junit', 'text')
      .option('--watch', 'run them again whenever a file changes'),
  async run(flags, args, context) {
    const run = new Run(
      args,
      flags['file'] as string[] | undefined,
      parseOutputFlag(flags['output'], TEST_FORMATS),
      context,
    );
    const code = await run.first();
    return flags['watch'] === true ? run.follow() : code;
  },
};

/** Tests that are run once, or again and again. */
class Run {
  readonly #tests: InputSources;
  readonly #pipelines: InputSources;
  readonly #format: TestFormat;
  readonly #context: CliContext;

  constructor(
    tests: readonly string[],
    pipelines: readonly string[] | undefined,
    format: TestFormat,
    context: CliContext,
  ) {
    const named = tests.length > 0 ? tests : testFilesIn(context.cwd);
    this.#tests = new InputSources({ files: named, secrets: [] }, context);
    this.#pipelines = new InputSources({ files: pipelines, secrets: [] }, context);
    this.#format = format;
    this.#context = context;
    if (named.length === 0) throw noTests();
  }

  async first(): Promise<ExitCode> {
    const [tests, pipelines] = [await this.#tests.readFirst(), await this.#pipelines.readFirst()];
    return this.#run(tests, pipelines);
  }

  async follow(): Promise<ExitCode> {
    const { context, watched } = { context: this.#context, watched: () => this.#watched() };
    let last: Promise<unknown> = Promise.resolve();
    const files = watchFiles(watched(), {
      clock: context.clock,
      changed: () => {
        last = last.then(async () => {
          context.stdout.write('\n');
          this.#run(await this.#tests.readAgain(), await this.#pipelines.readAgain());
          files.update(watched());
        });
      },
    });
    const holding = setInterval(() => {}, 2 ** 30); // a watch alone does not keep the process
    await waitForEnd(context, undefined);
    clearInterval(holding);
    files.close();
    return interruptCode(context);
  }

  #watched() {
    return [...this.#tests.watched(), ...this.#pipelines.watched()];
  }

  #run(tests: Sources, pipelines: Sources): ExitCode {
    const known = new Set(tests.files.map(({ file }) => file));
    const others = pipelines.files.filter(({ file }) => !known.has(file));
    const run = runTests(tests.files, others, this.#context);
    const issues = [...tests.issues, ...pipelines.issues, ...run.issues];
    reportIssues(issues, run.sources, this.#context);
    this.#context.stdout.write(formatRun(run, this.#format, this.#context));
    return run.results.length > 0 && run.results.every(isPassed) && !hasErrors(issues) ? EXIT.ok : EXIT.no;
  }
}

type Sources = Awaited<ReturnType<InputSources['readFirst']>>;

function testFilesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.test\.ya?ml$/.test(name))
    .sort();
}

function noTests(): CliError {
  return new CliError(EXIT.usage, 'SL0604', 'no file given, and there is no *.test.yaml here', [
    'name one:  sluice test FILE',
    'how one is written:  sluice explain PipelineTest',
  ]);
}
