import { createHash } from 'node:crypto';
import { encodeEnvValue } from '../../otelcol/index.ts';
import { renderedYaml } from '../../render/index.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { EXIT } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { collect, parseChoiceFlag, parseSizeFlag } from '../flags.ts';
import { type InputFile, readInputFiles } from '../input-files.ts';
import { writeFileOrExplain } from '../output-file.ts';
import type { Verb } from '../verb.ts';

export const renderVerb: Verb = {
  name: 'render',
  examples: ['sluice render -f telemetry.yaml', 'sluice render -f telemetry.yaml --for engine'],
  define: (command) =>
    command
      .option(
        '-f, --file <path>',
        'file, folder or - for stdin; repeatable; default ./telemetry.yaml and ./telemetry/',
        collect,
      )
      .option('--for <program>', 'otelcol (the stock Collector) or engine', 'otelcol')
      .option('--otlp-grpc <host:port>', 'where OTLP/gRPC is received', STOCK_ADDRESSES.otlpGrpc)
      .option('--otlp-http <host:port>', 'where OTLP/HTTP is received', STOCK_ADDRESSES.otlpHttp)
      .option('--max-memory <size>', 'memory of the process that will run it', '2Gi')
      .option(
        '--env-file <file>',
        'write the secrets it refers to there, for `. FILE` in a shell; readable by you alone',
      )
      .option('--no-source-map', 'leave out the comments that name your lines'),
  async run(flags, _args, context) {
    const program = parseChoiceFlag('--for', flags['for'], ['otelcol', 'engine']);
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const compiled = compileFiles(files, {
      distribution: program === 'engine' ? 'sluice' : 'otelcol',
      capBytes: parseSizeFlag('--max-memory', flags['maxMemory']),
      addresses: () => ({ otlpGrpc: String(flags['otlpGrpc']), otlpHttp: String(flags['otlpHttp']) }),
    });
    reportIssues(compiled.issues, compiled.sources, context);
    const [rendered] = compiled.rendered;
    if (rendered !== undefined) {
      const header = [
        `sluice render ${context.version} · ${program} · topology shared · input sha256:${inputHash(files)}`,
      ];
      context.stdout.write(renderedYaml(rendered, { header, sourceMap: flags['sourceMap'] !== false }));
      if (flags['envFile'] !== undefined) writeEnvFile(String(flags['envFile']), rendered.secrets);
    }
    return hasErrors(compiled.issues) ? EXIT.no : EXIT.ok;
  },
};

function inputHash(files: readonly InputFile[]): string {
  const hash = createHash('sha256');
  for (const { text } of files) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** Values are encoded as the Collector reads them back: it expands environment variables once more. */
function writeEnvFile(file: string, secrets: Readonly<Record<string, string>>): void {
  const lines = Object.entries(secrets).map(([name, value]) => `export ${name}=${shellQuote(encodeEnvValue(value))}\n`);
  writeFileOrExplain(file, lines.join(''));
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
