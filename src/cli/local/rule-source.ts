import type { StatementSnapshot } from '../../flow/index.ts';
import type { FilterNode, NodeSource, TransformNode } from '../../pipeline/index.ts';
import { rulePath } from '../../preview/index.ts';
import { ruleProcessorId } from '../../render/index.ts';
import type { PipelineRef, RuleStatus } from '../../server/index.ts';
import type { Generation, RunningPipeline } from './generation.ts';
import { placeNow } from './place-now.ts';

type RuleSource = NonNullable<PipelineRef['rules']>;
type Place = Pick<RuleStatus, 'field' | 'source'>;

/** Where the rules of a pipeline that runs stand in the files; nothing for a pipeline without. A place is looked up when it is asked for. */
export function ruleSource(pipeline: RunningPipeline, looked: Generation): { readonly rules?: RuleSource } {
  const { graph } = pipeline.version;
  const otlp = graph.receivers.find(({ type }) => type === 'otlp');
  const selects = otlp?.type === 'otlp' && otlp.namespaces !== undefined;
  if (graph.processors.length === 0 && !selects) return {};
  const ids = ruleProcessorId(graph);
  const nodes = {
    [ids.transform]: graph.processors.filter((node) => node.type === 'transform'),
    [ids.filter]: graph.processors.filter((node) => node.type === 'filter'),
  };
  return {
    rules: {
      processors: [ids.namespaces, ids.transform, ids.filter],
      placeOf(statement) {
        if (statement.processor === ids.namespaces) return placeOfInput(otlp?.source, pipeline, looked);
        const field = fieldOf(statement, nodes[statement.processor] ?? []);
        return field === undefined ? undefined : { field, ...sourceOf(field, pipeline, looked) };
      },
    },
  };
}

/** The statements, and the conditions, of a component are those of all its entries, one after the other. */
function fieldOf(
  { part, index }: StatementSnapshot,
  nodes: readonly (TransformNode | FilterNode)[],
): string | undefined {
  let left = index;
  for (const node of nodes) {
    const statements = node.type === 'transform' ? node.statements : [];
    const { length } = part === 'condition' ? node.conditions : statements;
    if (left < length) return node.source && `${node.source.field}.${part}s[${left}]`;
    left -= length;
  }
  return undefined;
}

function placeOfInput(
  source: NodeSource | undefined,
  pipeline: RunningPipeline,
  looked: Generation,
): Place | undefined {
  return source && { field: source.field, ...sourceOf(source.field, pipeline, looked) };
}

function sourceOf(field: string, pipeline: RunningPipeline, looked: Generation): Pick<Place, 'source'> {
  const before = pipeline.version.loaded.document;
  const now = placeNow(pipeline, looked);
  const line = before.spanOf(rulePath({ field }))?.line;
  if (line === undefined) return {};
  const moved = line - before.root.span.line + now.root.span.line;
  return { source: { file: now.file, line: Math.min(moved, now.root.span.endLine), field } };
}
