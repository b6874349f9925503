import { KINDS, PIPELINE_KINDS, type PipelineKind } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import { cut } from '../compile/told-condition.ts';
import type { ToldCondition } from './pipeline-conditions.ts';

/** A pipeline as the Telemetry resource sees it. */
export interface ToldPipeline {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly conditions: readonly ToldCondition[];
}

export interface TelemetryFacts {
  readonly pipelines: readonly ToldPipeline[];
  readonly parserCount: number;
  readonly isBeingDeleted: boolean;
  /** Of the Telemetry resource itself. */
  readonly issues: readonly Issue[];
}

export interface TelemetryStatus {
  readonly state: 'Ready' | 'Warning' | 'Deleting';
  readonly conditions: readonly ToldCondition[];
}

const COMPONENT: Readonly<Record<PipelineKind, string>> = {
  LogPipeline: 'LogComponentsHealthy',
  MetricPipeline: 'MetricComponentsHealthy',
  TracePipeline: 'TraceComponentsHealthy',
};

/** Upstream's order: of several conditions the first that is False counts. */
const ORDER = ['ConfigurationGenerated', 'GatewayHealthy', 'AgentHealthy', 'TelemetryFlowHealthy'];

/** What must be deleted before the Telemetry resource can go; empty: nothing. */
export function deletionBlockers({
  pipelines,
  parserCount,
}: Pick<TelemetryFacts, 'pipelines' | 'parserCount'>): string {
  const counts = PIPELINE_KINDS.map(
    (kind) => [KINDS[kind].plural, pipelines.filter((one) => one.kind === kind).length] as const,
  );
  return [...counts, ['logparsers', parserCount] as const]
    .filter(([, count]) => count > 0)
    .map(([plural, count]) => `${count} ${plural}`)
    .join(', ');
}

export function telemetryStatus(facts: TelemetryFacts): TelemetryStatus {
  const blockers = deletionBlockers(facts);
  const components = PIPELINE_KINDS.map((kind) => componentsCondition(kind, facts, blockers)).sort((a, b) =>
    a.type < b.type ? -1 : 1,
  );
  const ready = readyOf(components, facts.issues);
  const conditions = [ready, ...components];
  if (facts.isBeingDeleted && blockers === '') return { state: 'Deleting', conditions };
  return { state: ready.status === 'False' ? 'Warning' : 'Ready', conditions };
}

function componentsCondition(kind: PipelineKind, facts: TelemetryFacts, blockers: string): ToldCondition {
  const type = COMPONENT[kind];
  const all = facts.pipelines.filter((one) => one.kind === kind);
  if (facts.isBeingDeleted && blockers !== '') {
    const message = `the deletion waits until these are deleted: ${blockers}`;
    return { type, status: 'False', reason: 'ResourceBlocksDeletion', message };
  }
  if (all.length === 0) {
    return { type, status: 'True', reason: 'NoPipelineDeployed', message: `there is no ${kind}` };
  }
  const worst = worstOf(all);
  if (worst !== undefined) {
    const { condition, name, count } = worst;
    const head = `${kind} \`${name}\`: `;
    const tail = ` (${count} of ${all.length} ${KINDS[kind].plural})`;
    return {
      type,
      status: 'False',
      reason: condition.reason,
      message: `${head}${cut(condition.message, Math.max(32, 256 - head.length - tail.length))}${tail}`,
    };
  }
  const expiring = all.flatMap(({ name, conditions }) =>
    conditions.flatMap((one) =>
      one.reason === 'TLSCertificateAboutToExpire' && one.type !== 'Ready' ? { ...one, name } : [],
    ),
  )[0];
  if (expiring !== undefined) {
    const message = cut(`${kind} \`${expiring.name}\`: ${expiring.message}`);
    return { type, status: 'True', reason: expiring.reason, message };
  }
  return {
    type,
    status: 'True',
    reason: 'ComponentsRunning',
    message: 'everything that the pipelines need is running',
  };
}

interface Worst {
  readonly name: string;
  readonly condition: ToldCondition;
  /** How many pipelines of the kind are not well. */
  readonly count: number;
}

function worstOf(pipelines: readonly ToldPipeline[]): Worst | undefined {
  const failed = pipelines
    .flatMap(({ name, conditions }) => {
      const first = ORDER.flatMap((type, rank) => {
        const condition = conditions.find((one) => one.type === type && one.status === 'False');
        return condition === undefined ? [] : [{ name, rank, condition }];
      })[0];
      return first ?? [];
    })
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  return failed[0] && { ...failed[0], count: failed.length };
}

function readyOf(components: readonly ToldCondition[], issues: readonly Issue[]): ToldCondition {
  const type = 'Ready';
  const error = issues.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const message = cut(`${error.message}; the settings before it are in force`);
    return { type, status: 'False', reason: 'ValidationFailed', message };
  }
  const failed = components.find(({ status }) => status === 'False');
  if (failed !== undefined) return { ...failed, type };
  const running = components.find(({ reason }) => reason !== 'NoPipelineDeployed') ?? components[0]!;
  return { type, status: 'True', reason: running.reason, message: running.message };
}
