import { renderHuman, renderJson, renderShort, summaryLine } from '../../diagnostics/index.ts';
import { type Compiled, compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { hasErrors } from '../findings.ts';
import { collect, parseSizeFlag } from '../flags.ts';
import { type InputFile, readInputFiles } from '../input-files.ts';
import { formatDocument, type OutputFormat, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const validateVerb: Verb = {
  name: 'validate',
  examples: [
    'sluice validate -f telemetry.yaml',
    'sluice validate -f telemetry/ -o json',
    'cat *.yaml | sluice validate -f -',
  ],
  define: (command) =>
    command
      .option(
        '-f, --file <path>',
        'file, folder or - for stdin; repeatable; default ./telemetry.yaml and ./telemetry/',
        collect,
      )
      .option('-o, --output <format>', 'text, short (a line a finding), json or yaml', 'text')
      .option('--strict', 'warnings count too: exit 7 when there is nothing worse')
      .option('--max-memory <size>', 'memory of the process that will run them', '512MB'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output'], ['short']);
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const capBytes = parseSizeFlag('--max-memory', flags['maxMemory']);
    const compiled = compileFiles(files, {
      distribution: 'sluice',
      capBytes,
      addresses: () => STOCK_ADDRESSES,
    });
    context.stdout.write(findings(compiled, files, format, context));
    return exitCode(compiled, Boolean(flags['strict']));
  },
};

function findings(
  compiled: Compiled,
  files: readonly InputFile[],
  format: OutputFormat | 'short',
  context: CliContext,
): string {
  const { issues, sources, resourceCount } = compiled;
  const counts = { files: files.length, resources: resourceCount };
  if (format === 'json' || format === 'yaml') {
    const generatedAt = new Date(context.clock.nowMs()).toISOString();
    return formatDocument(renderJson(issues, { ...counts, cliVersion: context.version, generatedAt }), format);
  }
  if (format === 'short') return renderShort(issues);
  const ok = context.unicode ? '✔' : 'ok';
  const bad = context.unicode ? '✗' : 'x';
  const lines = files.map(({ file }) => {
    const errors = issues.filter((issue) => issue.severity === 'error' && issue.span?.file === file).length;
    return `${errors === 0 ? ok : bad} ${file}${errors === 0 ? '' : `    ${errors} error${errors === 1 ? '' : 's'}`}`;
  });
  const shown = renderHuman(issues, { sources, color: context.color.stdout, unicode: context.unicode });
  return `${[...lines, ...(shown === '' ? [] : [shown.trimEnd(), '']), summaryLine(issues, counts)].join('\n')}\n`;
}

function exitCode({ issues }: Compiled, strict: boolean): ExitCode {
  if (hasErrors(issues)) return EXIT.no;
  return strict && issues.length > 0 ? EXIT.warningsOnly : EXIT.ok;
}
