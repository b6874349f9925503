import type { FlowGraph, FlowPipelineRef } from '../../flow/index.ts';
import { describeFlow, drawDot, drawMermaid, drawSvg, drawTree, onlyPipelines } from '../../render/index.ts';
import { defineEngineFlags } from '../choose-engine.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { hasErrors, reportIssues } from '../findings.ts';
import { collect, parseChoiceFlag } from '../flags.ts';
import { readInputFiles } from '../input-files.ts';
import { findPipeline, parsePipeline } from '../pipeline-argument.ts';
import { clientForRead } from '../read-client.ts';
import { findEngines } from '../state-dir.ts';
import { shortAge, shortNumber } from '../table.ts';
import { parseTopologyFlag } from '../topology-flag.ts';
import type { Verb } from '../verb.ts';

const FORMATS = ['tree', 'mermaid', 'dot', 'json', 'svg'] as const;

/** Room enough: a picture is about structure, not about what fits into one machine. */
const CAP_BYTES = 2 ** 40;

export const graphVerb: Verb = {
  name: 'graph',
  examples: ['sluice graph', 'sluice graph -f telemetry.yaml --format mermaid', 'sluice graph --pipeline tp/jaeger'],
  define: (command) =>
    defineEngineFlags(command)
      .option('-f, --file <path>', 'draw files instead of what runs: file, folder or - for stdin; repeatable', collect)
      .option('--format <format>', 'tree, mermaid, dot, json or svg', 'tree')
      .option('--pipeline <kind/name>', 'only this pipeline, such as tp/jaeger; repeatable', collect)
      .option('--topology <type>', 'shared, per-signal or per-pipeline; default: what the files say')
      .option('--rates', 'items per second and queue fill of the engine that runs here')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine'),
  async run(flags, _args, context) {
    const format = parseChoiceFlag('--format', flags['format'], FORMATS);
    const wanted = ((flags['pipeline'] as readonly string[] | undefined) ?? []).map(parsePipeline);
    if (flags['rates'] === true && flags['file'] !== undefined) {
      const why = '`--rates` shows what runs here, and `-f` draws files that need not run';
      throw new CliError(EXIT.usage, 'SL0903', why, ['what runs:  sluice graph', 'the files:  sluice graph -f FILE']);
    }
    const { graph, code } = isLive(flags, context)
      ? await fetchGraph(flags, context)
      : await graphOfFiles(flags, context);
    const shown = wanted.length === 0 ? graph : select(graph, wanted);
    context.stdout.write(draw(shown, format, context));
    return code;
  },
};

/** Files when they are named or their topology is; else the engine that runs; else the files that stand here. */
function isLive(flags: Record<string, unknown>, context: CliContext): boolean {
  if (flags['file'] !== undefined || flags['topology'] !== undefined) return false;
  const isAsked = ['rates', 'api', 'pid', 'portOffset'].some((flag) => flags[flag] !== undefined);
  return isAsked || context.env['SLUICE_API'] !== undefined || findEngines(context.env).length > 0;
}

async function fetchGraph(
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<{ graph: FlowGraph; code: ExitCode }> {
  return { graph: await clientForRead(flags, context).get<FlowGraph>('/api/v1/graph'), code: EXIT.ok };
}

async function graphOfFiles(
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<{ graph: FlowGraph; code: ExitCode }> {
  const topology = parseTopologyFlag(flags['topology']);
  const files = await readInputFiles(flags['file'] as string[] | undefined, context);
  const compiled = compileFiles(files, {
    distribution: 'sluice',
    capBytes: CAP_BYTES,
    addresses: () => STOCK_ADDRESSES,
    ...(topology === undefined ? {} : { topology }),
  });
  reportIssues(compiled.issues, compiled.sources, context);
  return { graph: describeFlow(compiled.topology), code: hasErrors(compiled.issues) ? EXIT.no : EXIT.ok };
}

function select(graph: FlowGraph, wanted: readonly FlowPipelineRef[]): FlowGraph {
  const known = graph.nodes.flatMap(({ pipeline, stage }) => (stage === 'backend' && pipeline ? [pipeline] : []));
  for (const one of wanted) findPipeline(one, known, 'in this graph');
  return onlyPipelines(graph, ({ kind, name }) => wanted.some((one) => one.kind === kind && one.name === name));
}

function draw(graph: FlowGraph, format: (typeof FORMATS)[number], context: CliContext): string {
  const age = (since: string) => shortAge((context.clock.nowMs() - Date.parse(since)) / 1000);
  const options = { rate: shortNumber, age, unicode: context.unicode };
  switch (format) {
    case 'tree':
      return drawTree(graph, options);
    case 'mermaid':
      return drawMermaid(graph, options);
    case 'dot':
      return drawDot(graph, options);
    case 'svg':
      return drawSvg(graph, options);
    case 'json':
      return `${JSON.stringify(graph, null, 2)}\n`;
  }
}
