import type { EngineSnapshot, FlowGraph } from '../flow/index.ts';
import type {
  GraphDocument,
  GraphFigures,
  LedgerDocument,
  OverviewDocument,
  PipelineDocument,
  PipelineStatus,
} from './api.ts';
import { pipelineDocument } from './configuration/pipeline-document.ts';
import { filterRows } from './graph/filter-figures.ts';
import { graphFigures, hopId, type LiveState, liveGraph } from './graph/live-graph.ts';
import { FlowHistory } from './overview/flow-history.ts';
import { buildLedger, buildOverview, type OverviewFacts } from './overview/overview.ts';
import { MOST_RULES } from './overview/rules.ts';
import type { ServerOptions } from './server-options.ts';

/** What the API says, made at the moment it is asked; rates come from the recorded seconds. */
export interface Documents {
  /** Remembers this second; call about once in each. */
  record(): void;
  overview(): OverviewDocument;
  ledger(): LedgerDocument;
  /** The kind in any case; undefined for one that is not known. */
  pipeline(kind: string, name: string): PipelineDocument | undefined;
  readonly graph?: GraphDocuments;
}

interface GraphDocuments {
  document(): GraphDocument;
  figures(): GraphFigures;
  /** Whether the picture has changed since the last call. */
  isNew(): boolean;
}

export function createDocuments(options: ServerOptions): Documents {
  const history = new FlowHistory();
  const overview = () => buildOverview(options.snapshot(), history, overviewFacts(options));
  return {
    record: () => history.record(withParts(options), options.clock.monotonicMs()),
    overview,
    ledger: () => buildLedger(options.snapshot(), options.pipelines),
    pipeline(kind, name) {
      const isMeant = (one: Pick<PipelineStatus, 'kind' | 'name'>) =>
        one.kind.toLowerCase() === kind.toLowerCase() && one.name === name;
      const all = overviewFacts(options);
      const facts = { ...all, pipelines: all.pipelines.filter(isMeant), mostRules: MOST_RULES };
      const status = buildOverview(options.snapshot(), history, facts).pipelines.find(isMeant);
      return status === undefined ? undefined : pipelineDocument(status, options.configuration?.());
    },
    ...(options.graph === undefined ? {} : { graph: graphDocuments(options.graph, options, history) }),
  };
}

/** With a row of its own for what each hop of the picture counts, and what the namespaces of an input leave out. */
function withParts({ snapshot, processes, graph }: ServerOptions): EngineSnapshot {
  const all = snapshot();
  const entries = new Set(
    (graph?.().nodes ?? []).flatMap(({ stage, workload }) => (stage === 'hop' ? [workload] : [])),
  );
  const hops = (processes?.() ?? [])
    .filter(({ workload }) => entries.has(workload))
    .flatMap(({ workload, snapshot: own }) =>
      (own?.pipelines ?? []).map((pipeline) => ({ ...pipeline, id: hopId(workload, pipeline.id) })),
    );
  return { ...all, pipelines: [...all.pipelines, ...hops, ...filterRows(all)] };
}

function graphDocuments(graph: () => FlowGraph, options: ServerOptions, history: FlowHistory): GraphDocuments {
  let shown: FlowGraph | undefined;
  const state = (): LiveState => ({
    snapshot: options.snapshot(),
    history,
    pipelines: options.pipelines,
    ofWorkload: new Map(
      (options.processes?.() ?? []).flatMap(({ workload, snapshot }) =>
        snapshot === undefined ? [] : [[workload, snapshot] as const],
      ),
    ),
  });
  return {
    document: () => liveGraph(graph(), state()),
    figures: () => graphFigures(graph(), state()),
    isNew() {
      const now = graph();
      const changed = now !== shown;
      shown = now;
      return changed;
    },
  };
}

function overviewFacts(options: ServerOptions): OverviewFacts {
  const { pipelines, version, source, startedAt, endpoints, attempts, memoryLimitBytes, viewer } = options;
  return {
    pipelines,
    version,
    source,
    startedAt,
    endpoints,
    memory: { rssBytes: process.memoryUsage.rss(), limitBytes: memoryLimitBytes },
    connected: attempts.connected,
    attempts: attempts.list(),
    newestTime: (signal) => viewer.newestTime(signal),
    timeOfDay: localTimeOfDay,
    program: options.program ?? 'sluice',
    ...(options.configuration === undefined ? {} : { configuration: options.configuration() }),
    ...(options.graph === undefined ? {} : { graph: options.graph() }),
    // Their snapshots are for the picture only.
    ...(options.processes === undefined
      ? {}
      : { processes: options.processes().map(({ snapshot: _, ...document }) => document) }),
  };
}

function localTimeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
