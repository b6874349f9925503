import { type ComponentId, componentId } from '../../otelcol/index.ts';
import { type FilterNode, type PipelineGraph, qualifiedName, type TransformNode } from '../../pipeline/index.ts';
import type { ConfigParts, RenderedComponent } from './config-parts.ts';
import { SIGNAL_WORD } from './statements.ts';

/** The components that run what a user wrote of a pipeline; `namespaces` is what its input takes. */
export function ruleProcessorId(graph: Pick<PipelineGraph, 'kind' | 'name'>) {
  const name = qualifiedName(graph);
  return {
    namespaces: componentId('filter', `${name}/namespaces`),
    transform: componentId('transform', name),
    filter: componentId('filter', name),
  } as const;
}

/** What a user has done to the data, as upstream renders it: contexts are inferred, a rule that fails on an item leaves it as it is. */
export function addUserRules(parts: ConfigParts, graph: PipelineGraph): readonly ComponentId[] {
  const transforms = graph.processors.filter((node) => node.type === 'transform');
  const filters = graph.processors.filter((node) => node.type === 'filter');
  return [
    ...(transforms.length === 0 ? [] : [transformRules(graph, transforms)]),
    ...(filters.length === 0 ? [] : [filterRules(graph, filters)]),
  ].map((component) => parts.add('processors', component));
}

function transformRules(graph: PipelineGraph, nodes: readonly TransformNode[]): RenderedComponent {
  const groups = nodes.map(({ conditions, statements }) =>
    conditions.length === 0 ? { statements } : { conditions, statements },
  );
  return {
    id: ruleProcessorId(graph).transform,
    settings: { error_mode: 'ignore', [`${SIGNAL_WORD[graph.signal]}_statements`]: groups },
    source: nodes[0]?.source,
  };
}

function filterRules(graph: PipelineGraph, nodes: readonly FilterNode[]): RenderedComponent {
  const groups = nodes.map(({ conditions }) => ({ conditions }));
  return {
    id: ruleProcessorId(graph).filter,
    settings: { error_mode: 'ignore', [`${SIGNAL_WORD[graph.signal]}_conditions`]: groups },
    source: nodes[0]?.source,
  };
}
