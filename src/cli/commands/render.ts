import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { printable, suggest } from '../../diagnostics/index.ts';
import { defaultImages } from '../../operator/index.ts';
import { encodeEnvValue } from '../../otelcol/index.ts';
import { describeSecret, podAddresses } from '../../render/index.ts';
import { type Compiled, compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { collect, parseChoiceFlag, parseMemoryFlag, parsePortFlag } from '../flags.ts';
import { parseImageFlags } from '../images.ts';
import { FILES_HELP, type InputFile, readInputFiles } from '../input-files.ts';
import { explainFileError, writeFileOrExplain } from '../output-file.ts';
import { renderAddresses } from '../render-addresses.ts';
import {
  FLUENT_BIT,
  RENDER_TARGETS,
  type RenderedDocument,
  type RenderTarget,
  renderedDocuments,
} from '../rendered-documents.ts';
import { parseTopologyFlag, topologyWord } from '../topology-flag.ts';
import type { Verb } from '../verb.ts';

export const renderVerb: Verb = {
  name: 'render',
  examples: [
    'sluice render -f telemetry.yaml',
    'sluice render -f telemetry.yaml --for engine',
    'sluice render -f telemetry.yaml --topology per-signal --output-dir rendered',
  ],
  define: (command) =>
    command
      .option('-f, --file <path>', FILES_HELP, collect)
      .option(
        '--for <program>',
        'otelcol (the stock Collector), engine, fluentbit, or k8s (objects for kubectl); default: what the files say, else otelcol',
      )
      .option('--cluster', 'as it runs in a cluster, with enrichment and agents; fluentbit and k8s imply it')
      .option('--namespace <name>', 'where it runs in the cluster', 'kyma-system')
      .option('--image <name=ref>', 'with k8s the image of sluice, otelcol or fluent-bit; repeatable', collect)
      .option('--istio', 'the cluster has Istio')
      .option(
        '--topology <type>',
        'shared, per-signal or per-pipeline; default: what the files say, else shared, in a cluster per-signal',
      )
      .option('--component <name>', 'only this one of several configurations, such as otlp-router')
      .option('--output-dir <dir>', 'write each configuration to a file there instead of printing it')
      .option('--secrets <path>', 'file or folder with the Secrets that pipelines refer to; repeatable', collect)
      .option(
        '--env-file <file>',
        'write the secrets it refers to there, for `. FILE` in a shell; readable by you alone',
      )
      .option('--otlp-grpc <host:port>', 'where OTLP/gRPC is received', STOCK_ADDRESSES.otlpGrpc)
      .option('--otlp-http <host:port>', 'where OTLP/HTTP is received', STOCK_ADDRESSES.otlpHttp)
      .option('--inner-port <port>', 'first port of the components behind the one that receives, 3 each', '24317')
      .option(
        '--data <dir>',
        'where queues on disk and dead letters are to be, outside a cluster (default: /var/lib/telemetry)',
      )
      .option('--max-memory <size>', 'memory of each process that will run it; default: what the files say, else 2Gi')
      .option('--no-source-map', 'leave out the comments that name your lines'),
  async run(flags, _args, context) {
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const target = flags['for'] === undefined ? undefined : parseChoiceFlag('--for', flags['for'], RENDER_TARGETS);
    const compiled = compileFiles(files, { ...compileOptions(flags, target), ...(await secretFiles(flags, context)) });
    reportIssues(compiled.issues, compiled.sources, context);
    const documents = renderedDocuments(compiled, {
      target: target ?? 'otelcol',
      manifests: {
        namespace: String(flags['namespace']),
        images: { ...defaultImages(context.version), ...parseImageFlags(flags['image'] as string[] | undefined) },
      },
      sourceMap: flags['sourceMap'] !== false,
      header: (component, program) => headerLine({ component, program }, { compiled, files, context }),
    });
    tellOthers(compiled, target, context);
    const chosen = chosenOf(documents, flags['component']);
    if (flags['outputDir'] === undefined) context.stdout.write(inOneText(chosen, target));
    else writeDocuments(String(flags['outputDir']), chosen, context);
    if (flags['envFile'] !== undefined) writeEnvFile(String(flags['envFile']), compiled, chosen);
    return hasErrors(compiled.issues) ? EXIT.no : EXIT.ok;
  },
};

/** Pipelines of another program are not among these documents, and nobody should look for them in vain. */
function tellOthers({ topology }: Compiled, target: RenderTarget | undefined, { progress }: CliContext): void {
  const names = (topology.fluentBit?.pipelines ?? []).map(({ name }) => `\`${name}\``);
  if (names.length === 0 || target === 'fluentbit' || target === 'k8s') return;
  progress.write(`on Fluent Bit: LogPipeline ${names.join(', ')}; print it with --for fluentbit\n`);
}

/** YAML documents one after another; files of Fluent Bit each behind its name. */
function inOneText(documents: readonly RenderedDocument[], target: RenderTarget | undefined): string {
  if (target !== 'fluentbit') return documents.map(({ text }) => text).join('---\n');
  return documents.map(({ file, text }) => `# --- ${file}\n${text}`).join('\n');
}

/** As in a cluster. */
const USUAL_FOLDER = '/var/lib/telemetry';

const USUAL_MEMORY_BYTES = 2 * 2 ** 30;

/** What is asked for; objects run what the files say. */
const DISTRIBUTION_OF = {
  otelcol: 'otelcol',
  engine: 'sluice',
  fluentbit: { otherwise: 'auto' },
  k8s: { otherwise: 'auto' },
} as const;

function compileOptions(flags: Record<string, unknown>, target: RenderTarget | undefined) {
  const topology = parseTopologyFlag(flags['topology']);
  const inCluster = flags['cluster'] === true || target === 'fluentbit' || target === 'k8s';
  return {
    distribution: target === undefined ? ({ otherwise: 'auto' } as const) : DISTRIBUTION_OF[target],
    capBytes:
      flags['maxMemory'] === undefined
        ? { otherwise: USUAL_MEMORY_BYTES }
        : parseMemoryFlag('--max-memory', flags['maxMemory']),
    ...(topology === undefined ? {} : { topology }),
    ...(inCluster ? { cluster: { namespace: String(flags['namespace']), istio: flags['istio'] === true } } : {}),
    addresses: inCluster
      ? podAddresses
      : renderAddresses({
          otlpGrpc: String(flags['otlpGrpc']),
          otlpHttp: String(flags['otlpHttp']),
          innerPort: parsePortFlag('--inner-port', flags['innerPort']),
          folder: flags['data'] === undefined ? USUAL_FOLDER : String(flags['data']).replace(/(?<=.)\/+$/, ''),
        }),
  };
}

/** Without any, what stands in Secrets is left to whoever runs the result. */
async function secretFiles(flags: Record<string, unknown>, context: CliContext) {
  if (flags['secrets'] === undefined) return {};
  return { secretFiles: await readInputFiles(flags['secrets'] as string[], context), secretsRequired: true };
}

function chosenOf(documents: readonly RenderedDocument[], component: unknown): readonly RenderedDocument[] {
  if (component === undefined) return documents;
  const found = documents.filter((one) => one.component === component);
  const names = [...new Set(documents.map((one) => one.component))];
  if (found.length > 0 || names.length === 0) return found;
  const near = suggest(String(component), names);
  throw new CliError(EXIT.usage, 'SL0903', `--component: there is no \`${String(component)}\``, [
    `there are:  ${names.join(', ')}`,
    ...(near === undefined ? [] : [`did you mean:  --component ${near}`]),
  ]);
}

function headerLine(
  { component, program }: { readonly component: string; readonly program: string },
  { compiled, files, context }: { compiled: Compiled; files: readonly InputFile[]; context: CliContext },
): string {
  const topology = topologyWord(compiled.topology.type);
  const parts = [program, `component ${component}`, `topology ${topology}`, `input sha256:${inputHash(files)}`];
  return [`sluice render ${context.version}`, ...parts].join(' · ');
}

function inputHash(files: readonly InputFile[]): string {
  const hash = createHash('sha256');
  for (const { text } of files) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 12);
}

function writeDocuments(folder: string, documents: readonly RenderedDocument[], { cwd, stdout }: CliContext): void {
  for (const { file: name, text } of documents) {
    const file = join(folder, name);
    try {
      mkdirSync(dirname(resolve(cwd, file)), { recursive: true });
    } catch (error) {
      throw explainFileError(folder, error);
    }
    writeFileOrExplain(resolve(cwd, file), text);
    stdout.write(`${file}\n`);
  }
}

/** For the Collector, values are encoded as it reads them back: it expands environment variables once more. */
function writeEnvFile(file: string, compiled: Compiled, chosen: readonly RenderedDocument[]): void {
  if (chosen.length === 0) return;
  const lines = new Map<string, string>();
  for (const { secrets, missingSecrets, encode } of chosenParts(compiled, chosen)) {
    for (const [name, value] of Object.entries(secrets)) {
      lines.set(name, `export ${name}=${shellQuote(encode(value))}\n`);
    }
    for (const [name, secret] of Object.entries(missingSecrets)) {
      // Names of Secrets are the user's, and a line break would end the comment.
      const content = printable(describeSecret(secret));
      lines.set(name, `# ${name} must hold ${content}; give its file with --secrets\n`);
    }
  }
  writeFileOrExplain(file, [...lines.values()].join(''));
}

function chosenParts({ rendered, agents, fluentBit }: Compiled, chosen: readonly RenderedDocument[]) {
  const components = new Set(chosen.map(({ component }) => component));
  const collectors = [...rendered, ...agents].filter(({ workload }) => components.has(workload));
  const asItIs = (value: string) => value;
  return [
    ...collectors.map((one) => ({ ...one, encode: encodeEnvValue })),
    ...(fluentBit !== undefined && components.has(FLUENT_BIT) ? [{ ...fluentBit, encode: asItIs }] : []),
  ];
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
