import type { SourceDocument } from '../../diagnostics/index.ts';
import { componentType } from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { identityOf, viewerGraph } from '../../pipeline/index.ts';
import { type RenderedConfig, renderedYaml } from '../../render/index.ts';
import type { ConfigurationDocument, PipelineSourceDocument } from '../../server/index.ts';
import { APPLIED_FILE } from './applied-resources.ts';
import type { Generation } from './generation.ts';
import { maskText } from './mask-text.ts';
import { placeNow } from './place-now.ts';

export interface GenerationFacts {
  /** What was looked at last. */
  readonly looked: Generation;
  /** What runs: the same, unless the engine refused it. */
  readonly running: Generation;
  readonly rendered: readonly RenderedConfig[];
  readonly number: number;
  readonly loadedAt: string;
  readonly activatedMs: number;
  readonly state: ConfigurationDocument['state'];
}

/** What runs and what became of the newest version of the files, with every secret masked. */
export function configurationDocument(facts: GenerationFacts): ConfigurationDocument {
  const { looked, running, rendered } = facts;
  const secretFiles = new Set(looked.inputs.secretFiles.map(({ file }) => file));
  return {
    generation: facts.number,
    loadedAt: facts.loadedAt,
    activatedMs: facts.activatedMs,
    state: facts.state,
    topology: running.topology.type,
    files: looked.sources
      .filter(({ file }) => !secretFiles.has(file))
      .map((source) => ({ file: source.file, text: maskText(source) })),
    issues: looked.issues,
    pipelines: running.builtIn ? builtInSources() : pipelineSources(running, looked, rendered),
    rendered: rendered.map((config) => ({ workload: config.workload, yaml: renderedYaml(config) })),
  };
}

function builtInSources(): readonly PipelineSourceDocument[] {
  return SIGNALS.map((signal) => {
    const { kind } = viewerGraph(signal);
    return { kind, name: 'viewer', runs: 'current', origin: 'built-in', blocks: [] };
  });
}

function pipelineSources(
  running: Generation,
  looked: Generation,
  rendered: readonly RenderedConfig[],
): readonly PipelineSourceDocument[] {
  const ids = new Set(running.pipelines.map(identityOf));
  return [
    ...running.pipelines.map((pipeline): PipelineSourceDocument => {
      const { document } = pipeline.version.loaded;
      const now = placeNow(pipeline, looked);
      return {
        kind: pipeline.kind,
        name: pipeline.name,
        ...placeOf(now),
        runs: running === looked ? pipeline.runs : 'previous',
        origin: originOf(now.file),
        blocks: rendered.flatMap((config) => blocksOf(config, document, now)),
      };
    }),
    ...looked.leftOut
      .filter((one) => !ids.has(identityOf(one)))
      .map(({ kind, name, document }): PipelineSourceDocument => {
        return {
          kind,
          name,
          ...placeOf(document),
          runs: 'nothing',
          origin: originOf(document.file),
          blocks: [],
        };
      }),
  ];
}

function originOf(file: string): PipelineSourceDocument['origin'] {
  return file === APPLIED_FILE ? 'applied' : 'file';
}

function placeOf({ file, root: { span } }: SourceDocument): Pick<PipelineSourceDocument, 'source'> {
  return { source: { file, line: span.line, endLine: span.endLine } };
}

/** The blocks whose settings come from this document, at lines of where it stands now. */
function blocksOf(
  { workload, sourceMap }: RenderedConfig,
  document: SourceDocument,
  now: SourceDocument,
): PipelineSourceDocument['blocks'] {
  const { line, endLine } = document.root.span;
  const moved = now.root.span.line - line;
  const lineNow = (before: number) => Math.min(before + moved, now.root.span.endLine);
  return Object.entries(sourceMap)
    .filter(([, { span }]) => span.file === document.file && line <= span.line && span.line <= endLine)
    .map(([block, { span, field }]) => ({ workload, block, line: lineNow(span.line), field }));
}

/** Whether a pipeline of the configuration prints its items on standard output. */
export function printsItems(rendered: readonly RenderedConfig[]): boolean {
  return rendered.some(({ config }) =>
    Object.keys(config.exporters).some((id) => componentType(id as keyof typeof config.exporters) === 'debug'),
  );
}
