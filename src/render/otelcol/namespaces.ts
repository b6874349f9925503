import type { ComponentId } from '../../otelcol/index.ts';
import type { NamespaceSelection, NodeSource, PipelineGraph } from '../../pipeline/index.ts';
import type { ConfigParts } from './config-parts.ts';
import { SIGNAL_WORD } from './statements.ts';
import { ruleProcessorId } from './user-rules.ts';

const NAMESPACE = 'resource.attributes["k8s.namespace.name"]';

/** When data of an input is left out; undefined where every namespace is taken. Data that names no namespace never is. */
export function foreignNamespace({ include = [], exclude = [] }: NamespaceSelection): string | undefined {
  if (include.length > 0) return `${NAMESPACE} != nil and not (${isOneOf(include)})`;
  return exclude.length > 0 ? `${NAMESPACE} != nil and (${isOneOf(exclude)})` : undefined;
}

/** Names of namespaces hold no character that OTTL would need escaped. */
function isOneOf(names: readonly string[]): string {
  return names.map((name) => `${NAMESPACE} == "${name}"`).join(' or ');
}

/** Leaves out what a pipeline does not take of the data that is pushed. */
export function addNamespaceFilter(parts: ConfigParts, graph: PipelineGraph): readonly ComponentId[] {
  const otlp = graph.receivers.find(({ type }) => type === 'otlp');
  const condition = otlp?.namespaces === undefined ? undefined : foreignNamespace(otlp.namespaces);
  return condition === undefined ? [] : [addFilter(parts, graph, { condition, source: otlp?.source })];
}

function addFilter(
  parts: ConfigParts,
  graph: PipelineGraph,
  { condition, source }: { readonly condition: string; readonly source?: NodeSource | undefined },
): ComponentId {
  return parts.add('processors', {
    id: ruleProcessorId(graph).namespaces,
    settings: {
      error_mode: 'ignore',
      [`${SIGNAL_WORD[graph.signal]}_conditions`]: [{ context: 'resource', conditions: [condition] }],
    },
    source,
  });
}
