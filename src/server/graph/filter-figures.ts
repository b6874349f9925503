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

/** What the ledger of a pipeline counts as filtered, apart from the part that another of its filters has its own row for. */
interface Filtered {
  readonly items: number;
  readonly perSecond: number;
}

/**
 * Rows for the history of what the namespaces of an input leave out, which the ledger of a pipeline does not tell from what
 * the user's filter does.
 */
export function namespaceRows({ filtered = [] }: EngineSnapshot): readonly PipelineSnapshot[] {
  return filtered
    .filter(({ processor }) => isNamespaces(processor))
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

/** The nodes of one pipeline that leave items out, in the order of data, and what each of them does. */
export class FilterFigures {
  readonly #chain: readonly string[];
  readonly #at = new Map<string, Filtered>();

  /** `nodes` are those of the pipeline, in the order of the picture. */
  constructor(nodes: readonly FlowNode[], total: Filtered, namespaces: Filtered) {
    this.#chain = nodes.map(({ id }) => id);
    const filters = this.#chain.filter((id) => isNamespaces(id) || id.endsWith('/filter'));
    for (const id of filters) {
      const rest = { items: total.items - namespaces.items, perSecond: total.perSecond - namespaces.perSecond };
      const own = filters.length === 1 ? total : isNamespaces(id) ? namespaces : rest;
      this.#at.set(id, { items: Math.max(0, own.items), perSecond: Math.max(0, own.perSecond) });
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
    const processor = `filter/${found.id.slice(found.id.indexOf('/') + 1)}/namespaces`;
    const rate = (id: string) => history.rates(id).filteredPerSecond;
    const total = { items: found.ledger.filtered, perSecond: rate(found.id) };
    const namespaces = { items: dropped.get(processor) ?? 0, perSecond: rate(processor) };
    figures.set(key, new FilterFigures(nodes, total, namespaces));
  }
  return figures;
}
