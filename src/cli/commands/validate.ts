import { extensionIssues, readResources } from '../../apis/index.ts';
import {
  type Issue,
  type ResourceRange,
  renderGithub,
  renderHuman,
  renderJson,
  renderJunit,
  renderSarif,
  renderShort,
  resourceRanges,
  type SourceFile,
  summaryLine,
} from '../../diagnostics/index.ts';
import { type Compiled, compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseFindingFilter } from '../finding-filter.ts';
import { hasErrors, pasteable } from '../findings.ts';
import { collect, parseMemoryFlag } from '../flags.ts';
import { FILES_HELP, type InputFile, readInputFiles } from '../input-files.ts';
import { asCalled } from '../program-name.ts';
import { formatDocument, type OutputFormat, parseOutputFlag } from '../report-document.ts';
import { parseTopologyFlag } from '../topology-flag.ts';
import type { Verb } from '../verb.ts';

const REPORT_FORMATS = ['short', 'sarif', 'junit', 'github'] as const;
type Format = OutputFormat | (typeof REPORT_FORMATS)[number];

export const validateVerb: Verb = {
  name: 'validate',
  examples: [
    'sluice validate -f telemetry.yaml',
    'sluice validate -f telemetry/ -o sarif > findings.sarif',
    'sluice validate --online',
    'cat *.yaml | sluice validate -f -',
  ],
  define: (command) =>
    command
      .option('-f, --file <path>', FILES_HELP, collect)
      .option('-o, --output <format>', 'text, short (a line a finding), json, yaml, sarif, junit or github', 'text')
      .option('--strict', 'warnings count too: exit 7 when there is nothing worse')
      .option('--only <codes>', 'only codes that begin so, such as SL03,SL0401; repeatable', collect)
      .option('--suppress <code>', "leave a warning out, everywhere or as 'CODE=KIND NAME'; repeatable", collect)
      .option('--secrets <path>', 'file or folder with the Secrets that pipelines refer to; repeatable', collect)
      .option('--topology <type>', 'shared, per-signal or per-pipeline; default: what the files say')
      .option('--cluster', 'as they run in a cluster')
      .option('--upstream', 'what Sluice adds to the API is an error: for manifests that upstream must accept too')
      .option('--online', 'ask every OTLP backend whether it takes data, with an empty request')
      .option(
        '--max-memory <size>',
        'memory of each process that will run them (default: 512MB, for the Collector 2Gi)',
      ),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output'], REPORT_FORMATS);
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const secretFiles =
      flags['secrets'] === undefined ? [] : await readInputFiles(flags['secrets'] as string[], context);
    const resources = files.flatMap(resourceRanges);
    const filter = parseFindingFilter(
      flags['only'] as string[] | undefined,
      flags['suppress'] as string[] | undefined,
      resources,
    );
    const compiled = compileFiles(files, {
      distribution: { otherwise: flags['cluster'] === true ? 'auto' : 'sluice' },
      ...(flags['cluster'] === true ? { cluster: ANY_CLUSTER } : {}),
      ...(flags['maxMemory'] === undefined ? {} : { capBytes: parseMemoryFlag('--max-memory', flags['maxMemory']) }),
      addresses: () => STOCK_ADDRESSES,
      secretFiles,
      secretsRequired: secretFiles.length > 0 || flags['online'] === true,
      nowMs: context.clock.nowMs(),
      ...topologyFlag(flags['topology']),
    });
    tellUnchecked(compiled, context);
    const issues = [
      ...compiled.issues,
      ...(flags['upstream'] === true ? extensionIssues(readResources(files)) : []),
      ...(flags['online'] === true ? await online(files, secretFiles, context) : []),
    ];
    const report: Report = {
      issues: issues.filter(filter.keep),
      sources: compiled.sources,
      counts: { files: files.length, resources: compiled.resourceCount },
      files: files.map(({ file }) => file),
      resources,
      strict: flags['strict'] === true,
      online: flags['online'] === true,
    };
    context.stdout.write(findings(report, format, context));
    return exitCode(report);
  },
};

/** Nothing of what a cluster is decides whether a pipeline is valid. */
const ANY_CLUSTER = { namespace: 'kyma-system', istio: true } as const;

/** What stands in Secrets that nobody gave is not known to be there. */
function tellUnchecked({ rendered }: Compiled, context: CliContext): void {
  const count = new Set(rendered.flatMap(({ missingSecrets }) => Object.keys(missingSecrets))).size;
  if (count === 0) return;
  const values = count === 1 ? 'one value that a Secret holds' : `${count} values that Secrets hold`;
  context.progress.write(`not checked: ${values}; name their files with --secrets\n`);
}

interface Report {
  readonly issues: readonly Issue[];
  readonly sources: readonly SourceFile[];
  readonly counts: { readonly files: number; readonly resources: number };
  readonly files: readonly string[];
  readonly resources: readonly ResourceRange[];
  readonly strict: boolean;
  readonly online: boolean;
}

/** Loaded when it is asked for: it brings the engine with it. */
async function online(
  files: readonly InputFile[],
  secretFiles: readonly InputFile[],
  context: CliContext,
): Promise<readonly Issue[]> {
  const { checkBackends } = await import('../online/check-backends.ts');
  return checkBackends(files, secretFiles, context);
}

function topologyFlag(value: unknown) {
  const topology = parseTopologyFlag(value);
  return topology === undefined ? {} : { topology };
}

function findings(report: Report, format: Format, context: CliContext): string {
  const { issues, counts, files, resources, strict } = report;
  switch (format) {
    case 'text':
      return textReport(report, context);
    case 'short':
      return renderShort(issues);
    case 'sarif':
      return formatDocument(renderSarif(issues, { cliVersion: context.version }), 'json');
    case 'github':
      return renderGithub(issues);
    case 'junit':
      return renderJunit(issues, { files, resources, strict });
    case 'json':
    case 'yaml': {
      const generatedAt = new Date(context.clock.nowMs()).toISOString();
      const target = report.online ? 'files and backends' : 'files';
      return formatDocument(
        renderJson(issues, { ...counts, cliVersion: context.version, generatedAt, target }),
        format,
      );
    }
  }
}

function textReport({ issues, sources, counts, files }: Report, context: CliContext): string {
  const ok = context.unicode ? '✔' : 'ok';
  const bad = context.unicode ? '✗' : 'x';
  const lines = files.map((file) => {
    const errors = issues.filter((issue) => issue.severity === 'error' && issue.span?.file === file).length;
    return `${errors === 0 ? ok : bad} ${file}${errors === 0 ? '' : `    ${errors} error${errors === 1 ? '' : 's'}`}`;
  });
  const { columns } = context.stdout;
  const options = { sources, color: context.color.stdout, unicode: context.unicode, columns };
  const shown = renderHuman(pasteable(issues, context), options);
  const summary = asCalled(summaryLine(issues, counts), context.program);
  return `${[...lines, ...(shown === '' ? [] : [shown.trimEnd(), '']), summary].join('\n')}\n`;
}

function exitCode({ issues, strict }: Report): ExitCode {
  if (hasErrors(issues)) return EXIT.no;
  return strict && issues.length > 0 ? EXIT.warningsOnly : EXIT.ok;
}
