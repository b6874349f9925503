import type { EngineSnapshot, FlowGraph, FlowNode } from '../../flow/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type {
  AttemptDocument,
  ConfigurationDocument,
  LedgerDocument,
  OverviewDocument,
  ProcessDocument,
  SignalTotals,
} from '../api.ts';
import type { NewestTime } from '../viewer/newest-time.ts';
import { findClockSkews } from './clock.ts';
import { firstDataSteps } from './first-data.ts';
import type { FlowHistory } from './flow-history.ts';
import { judgeHealth } from './health.ts';
import { type PipelineRef, SIGNAL_OF_KIND } from './pipeline-ref.ts';
import { ageSeconds, type PipelineView, viewPipeline } from './pipeline-status.ts';
import { findProblems } from './problems.ts';
import { shareOfEach, statementsOf } from './rules.ts';
import { unclaimedProblems, unclaimedSignals } from './signal-problems.ts';
import { turnedAway } from './turned-away.ts';

/** What the overview says that does not come from the engine. */
export interface OverviewFacts {
  readonly pipelines: readonly PipelineRef[];
  readonly version: string;
  readonly source: string;
  readonly startedAt: string;
  readonly endpoints: OverviewDocument['endpoints'];
  readonly memory: OverviewDocument['memory'];
  readonly connected: boolean;
  /** Newest first. */
  readonly attempts: readonly AttemptDocument[];
  readonly configuration?: ConfigurationDocument;
  readonly graph?: FlowGraph;
  readonly processes?: readonly ProcessDocument[];
  readonly newestTime: (signal: Signal) => NewestTime | undefined;
  readonly timeOfDay: (ms: number) => string;
  readonly program: string;
  /** How many rules of each pipeline are shown; absent: as many as leave the document small. */
  readonly mostRules?: number;
}

export function buildOverview(snapshot: EngineSnapshot, history: FlowHistory, facts: OverviewFacts): OverviewDocument {
  const refs = withoutVersion(facts.pipelines, facts.configuration);
  const shown = { history, statements: statementsOf(snapshot), most: facts.mostRules ?? shareOfEach(refs) };
  const views = refs.map((ref) => viewPipeline(ref, snapshot, shown));
  const clockSkews = findClockSkews(facts.newestTime);
  const unclaimed = unclaimedSignals(views, snapshot.offered);
  const problems = findProblems(views, {
    ...facts,
    nowMs: snapshot.takenAtMs,
    processes: facts.processes ?? [],
    clockSkews,
    unclaimed: unclaimedProblems(unclaimed, snapshot.offered, facts.program),
    endpointSource: ({ ref }) => backendNode(facts.graph, ref)?.source,
  });
  const received = SIGNALS.some((signal) => snapshot.offered[signal] > 0);
  const [lastAttempt] = facts.attempts;
  return {
    generatedAt: new Date(snapshot.takenAtMs).toISOString(),
    version: facts.version,
    source: facts.source,
    program: facts.program,
    startedAt: facts.startedAt,
    health: judgeHealth(views, problems, received),
    problems,
    endpoints: facts.endpoints,
    progress: {
      listening: true,
      connected: facts.connected || received,
      received,
      delivered: views.some(({ status }) => status.ledger.delivered > 0),
      ...(lastAttempt === undefined ? {} : { lastAttempt }),
      steps: firstDataSteps({ ...facts, views, offered: snapshot.offered, unclaimed, clockSkews }),
    },
    turnedAway: turnedAway(facts.attempts, snapshot.takenAtMs),
    signals: {
      traces: totals('traces', views, snapshot, history),
      metrics: totals('metrics', views, snapshot, history),
      logs: totals('logs', views, snapshot, history),
    },
    pipelines: views.map((view) => view.status),
    memory: facts.memory,
    ...(facts.processes === undefined ? {} : { processes: facts.processes }),
  };
}

/** Pipelines of the files that have never been valid are known by name only; they belong to what people ask about. */
function withoutVersion(
  refs: readonly PipelineRef[],
  configuration: ConfigurationDocument | undefined,
): readonly PipelineRef[] {
  const missing = (configuration?.pipelines ?? []).filter(
    ({ kind, name, runs }) => runs === 'nothing' && !refs.some((ref) => ref.kind === kind && ref.name === name),
  );
  return [
    ...refs,
    ...missing.map(({ kind, name, source }) => ({
      kind,
      name,
      pipelineId: '',
      signal: SIGNAL_OF_KIND[kind],
      invalid: 'its configuration is invalid',
      ...(source === undefined ? {} : { source: `${source.file}:${source.line}` }),
    })),
  ];
}

function backendNode(graph: FlowGraph | undefined, { kind, name }: PipelineRef): FlowNode | undefined {
  return graph?.nodes.find(
    ({ stage, pipeline }) => stage === 'backend' && pipeline?.kind === kind && pipeline.name === name,
  );
}

export function buildLedger(snapshot: EngineSnapshot, pipelines: readonly PipelineRef[]): LedgerDocument {
  const rows = new Map(snapshot.pipelines.map((pipeline) => [pipeline.id, pipeline.ledger]));
  return {
    pipelines: pipelines.flatMap(({ kind, name, pipelineId }) => {
      const row = rows.get(pipelineId);
      return row === undefined ? [] : [{ kind, name, ...row }];
    }),
  };
}

function totals(
  signal: Signal,
  views: readonly PipelineView[],
  snapshot: EngineSnapshot,
  history: FlowHistory,
): SignalTotals {
  const own = views.filter((view) => view.ref.signal === signal);
  const ids = new Set(own.map((view) => view.ref.pipelineId));
  const sum = (rate: 'inPerSecond' | 'outPerSecond' | 'filteredPerSecond' | 'lostPerSecond') =>
    own.reduce((total, view) => total + view.status[rate], 0);
  const newest = snapshot.pipelines
    .filter((pipeline) => ids.has(pipeline.id))
    .reduce<number | undefined>((max, { lastReceivedMs }) => later(max, lastReceivedMs), undefined);
  return {
    offeredPerSecond: history.offeredPerSecond(signal),
    inPerSecond: sum('inPerSecond'),
    outPerSecond: sum('outPerSecond'),
    filteredPerSecond: sum('filteredPerSecond'),
    lostPerSecond: sum('lostPerSecond'),
    newestAgeSeconds: ageSeconds(snapshot.takenAtMs, newest),
    trend: history.trend([...ids]),
  };
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}
