import type { EngineSnapshot } from '../../flow/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { AttemptDocument, LedgerDocument, OverviewDocument, Problem, SignalTotals } from '../api.ts';
import type { FlowHistory } from './flow-history.ts';
import { ageSeconds, type PipelineRef, type PipelineView, viewPipeline } from './pipeline-status.ts';
import { findProblems } from './problems.ts';
import { pipelineName, shortNumber } from './words.ts';

/** What the overview says that does not come from the engine. */
export interface OverviewFacts {
  readonly pipelines: readonly PipelineRef[];
  readonly version: string;
  readonly source: string;
  readonly startedAt: string;
  readonly endpoints: OverviewDocument['endpoints'];
  readonly memory: OverviewDocument['memory'];
  readonly connected: boolean;
  readonly lastAttempt?: AttemptDocument;
  readonly timeOfDay: (ms: number) => string;
  readonly program: string;
}

export function buildOverview(snapshot: EngineSnapshot, history: FlowHistory, facts: OverviewFacts): OverviewDocument {
  const views = facts.pipelines.map((ref) => viewPipeline(ref, snapshot, history));
  const problems = findProblems(views, {
    nowMs: snapshot.takenAtMs,
    timeOfDay: facts.timeOfDay,
    program: facts.program,
  });
  const received = SIGNALS.some((signal) => snapshot.offered[signal] > 0);
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
      ...(facts.lastAttempt === undefined ? {} : { lastAttempt: facts.lastAttempt }),
    },
    signals: {
      traces: totals('traces', views, snapshot, history),
      metrics: totals('metrics', views, snapshot, history),
      logs: totals('logs', views, snapshot, history),
    },
    pipelines: views.map((view) => view.status),
    memory: facts.memory,
  };
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

function judgeHealth(
  views: readonly PipelineView[],
  problems: readonly Problem[],
  received: boolean,
): OverviewDocument['health'] {
  const failing = problems.some((problem) => problem.severity === 'error');
  if (problems.length > 0) {
    return { state: failing ? 'failing' : 'warning', sentence: problemSentence(views, problems, failing) };
  }
  if (!received) return { state: 'waiting', sentence: 'Waiting for the first data.' };
  const inPerSecond = views.reduce((total, view) => total + view.status.inPerSecond, 0);
  const who = views.length === 1 ? 'The pipeline delivers' : `All ${views.length} pipelines deliver`;
  const flow = inPerSecond === 0 ? 'nothing arrives right now' : `${shortNumber(inPerSecond)} items/s in`;
  return { state: 'ok', sentence: `All well. ${who}; ${flow}, nothing lost.` };
}

function problemSentence(views: readonly PipelineView[], problems: readonly Problem[], failing: boolean): string {
  const severity = failing ? 'error' : 'warning';
  const worst = problems.filter((problem) => problem.severity === severity);
  const names = new Set(worst.map((problem) => (problem.pipeline === undefined ? '' : pipelineName(problem.pipeline))));
  const verb = failing ? (names.size === 1 ? 'is failing' : 'are failing') : names.size === 1 ? 'needs' : 'need';
  const subject = `${names.size} of ${views.length} pipeline${views.length === 1 ? '' : 's'}`;
  const start = `${subject} ${verb}${failing ? '' : ' attention'}`;
  return names.size === 1 ? `${start}: ${worst[0].title}.` : `${start}.`;
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
