import type {
  EngineSnapshot,
  FlowEdge,
  FlowGraph,
  FlowNode,
  FlowNodeLive,
  PipelineSnapshot,
} from '../../flow/index.ts';
import { addRows } from '../../flow/index.ts';
import type { FlowHistory } from '../overview/flow-history.ts';

/** What is left out somewhere. */
interface Filtered {
  readonly items: number;
  readonly perSecond: number;
}

/**
 * Rows for the history of what the ledger of a pipeline does not tell apart: the namespaces of an input, the user's filter,
 * and the first values of series, from which no delta can be made.
 */
export function filterRows({ filtered = [] }: EngineSnapshot): readonly PipelineSnapshot[] {
  return filtered
    .filter(({ processor }) => isNamespaces(processor) || processor.startsWith('filter/metricpipeline-'))
    .map(({ processor, items }) => ({
      id: processor,
      signal: 'traces',
      ledger: { ...addRows([]), filtered: items },
      exporters: [],
    }));
}

/** Ids of processors and of their nodes end with it; no name of a pipeline holds a slash. */
function isNamespaces(id: string): boolean {
  return id.endsWith('/namespaces');
}

/** What a pipeline leaves out in all, by the namespaces of its input, and by the user's filter where that has a row. */
interface Parts {
  readonly total: Filtered;
  readonly namespaces: Filtered;
  readonly filter: Filtered | undefined;
}

/** The nodes of one pipeline that leave items out, in the order of data, and what each of them does. */
export class FilterFigures {
  readonly #chain: readonly string[];
  readonly #at = new Map<string, Filtered>();

  /** `nodes` are those of the pipeline, in the order of the picture. */
  constructor(nodes: readonly FlowNode[], { total, namespaces, filter }: Parts) {
    this.#chain = nodes.map(({ id }) => id);
    const rest = minus(total, namespaces);
    for (const id of this.#chain) {
      if (isNamespaces(id)) this.#at.set(id, namespaces);
      if (id.endsWith('/filter')) this.#at.set(id, filter ?? rest);
      if (id.endsWith('/delta')) this.#at.set(id, minus(rest, filter ?? { items: 0, perSecond: 0 }));
    }
  }

  live(id: string): FlowNodeLive | undefined {
    const own = this.#at.get(id);
    return own && { filtered: own.items, filteredPerSecond: own.perSecond };
  }

  /** What has been left out, per second, before data takes an edge. */
  before({ from }: Pick<FlowEdge, 'from'>): number {
    const passed = this.#chain.slice(0, this.#chain.indexOf(from) + 1);
    return passed.reduce((sum, id) => sum + (this.#at.get(id)?.perSecond ?? 0), 0);
  }
}

function minus(one: Filtered, other: Filtered): Filtered {
  return {
    items: Math.max(0, one.items - other.items),
    perSecond: Math.max(0, one.perSecond - other.perSecond),
  };
}

/** By pipeline, as `keyOf` names it. */
export function filterFigures(
  graph: FlowGraph,
  { snapshot, history }: { readonly snapshot: EngineSnapshot; readonly history: FlowHistory },
  {
    keyOf,
    find,
  }: {
    readonly keyOf: (pipeline: FlowNode['pipeline']) => string;
    readonly find: (pipeline: NonNullable<FlowNode['pipeline']>) => PipelineSnapshot | undefined;
  },
): ReadonlyMap<string, FilterFigures> {
  const dropped = new Map((snapshot.filtered ?? []).map(({ processor, items }) => [processor, items]));
  const figures = new Map<string, FilterFigures>();
  const ofPipeline = Map.groupBy(
    graph.nodes.filter(({ stage }) => stage === 'processor'),
    ({ pipeline }) => keyOf(pipeline),
  );
  for (const [key, nodes] of ofPipeline) {
    const pipeline = nodes[0]?.pipeline;
    const found = pipeline && find(pipeline);
    if (found === undefined) continue;
    const name = found.id.slice(found.id.indexOf('/') + 1);
    const rate = (id: string) => history.rates(id).filteredPerSecond;
    const own = (id: string) => ({ items: dropped.get(id) ?? 0, perSecond: rate(id) });
    figures.set(
      key,
      new FilterFigures(nodes, {
        total: { items: found.ledger.filtered, perSecond: rate(found.id) },
        namespaces: own(`filter/${name}/namespaces`),
        filter: found.signal === 'metrics' ? own(`filter/${name}`) : undefined,
      }),
    );
  }
  return figures;
}
