import type { FlowVerdict } from '../../flow/index.ts';
import type { Condition } from '../../kube/index.ts';
import type { WorkloadRole } from '../../render/index.ts';
import type { CompiledPipeline } from '../compile/cluster-compiler.ts';
import { cut } from '../compile/told-condition.ts';
import type { WorkloadHealth } from './workload-health.ts';

/** A condition without its times. */
export type ToldCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export interface PipelineFacts {
  readonly compiled: CompiledPipeline;
  /** The workloads that carry the generation that runs. */
  readonly workloads: readonly WorkloadHealth[];
  /** Absent before the first judgement. */
  readonly flow?: FlowVerdict;
  /** IsolationLimited and the like: what the workloads cannot keep of what the pipeline is promised. */
  readonly delivery?: readonly ToldCondition[];
}

const AGENTS: readonly WorkloadRole[] = ['metric-agent', 'log-agent', 'fluent-bit'];

/** Where only an edit of the resource helps, so that nobody needs to wait. */
const ONLY_AN_EDIT_HELPS = [
  'EndpointInvalid',
  'OTTLSpecInvalid',
  'RuntimeAdditionalMetricInvalid',
  'ValidationFailed',
  'CollectorCrashed',
];

/** The conditions of a pipeline: `Ready` first, `Reconciling` and `Stalled` only when true. */
export function pipelineConditions(facts: PipelineFacts): readonly ToldCondition[] {
  const { compiled, delivery = [] } = facts;
  const { type, status, reason, message } = compiled.condition;
  const told = [
    { type, status, reason, message },
    ...gatewayCondition(facts),
    ...agentCondition(facts),
    flowCondition(facts),
  ];
  return [readyCondition(told), ...told, ...delivery, ...progress(facts)];
}

/**
 * False if any other is; else Unknown while nothing serves yet, or the present generation is not in all Pods: whoever waits for
 * True may send, and finds it all done as it is written; else True. Says what the worst of them says.
 */
export function readyCondition(others: readonly ToldCondition[]): ToldCondition {
  const failed = others.find(({ status }) => status === 'False');
  const unknown =
    others.find(({ type, status }) => status === 'Unknown' && type !== 'TelemetryFlowHealthy') ??
    others.find(({ reason }) => reason === 'RolloutInProgress');
  const notable = others.find(({ reason }) => reason === 'TLSCertificateAboutToExpire');
  const { reason, message } = failed ?? unknown ?? notable ?? others.at(-1)!;
  const status = failed !== undefined ? 'False' : unknown !== undefined ? 'Unknown' : 'True';
  return { type: 'Ready', status, reason, message };
}

function gatewayCondition({ compiled, workloads }: PipelineFacts): readonly ToldCondition[] {
  const type = 'GatewayHealthy';
  if (ofFluentBit(compiled)) return [];
  if (compiled.runs === undefined) {
    const message = 'not part of the running configuration; see ConfigurationGenerated';
    return [{ type, status: 'False', reason: 'GatewayConfigurationNotGenerated', message }];
  }
  const gateways = workloads.filter(({ role }) => !AGENTS.includes(role));
  if (gateways.length === 0) {
    return [
      {
        type,
        status: 'True',
        reason: 'GatewayReady',
        message: 'no gateway is needed: nothing is pushed to the pipeline',
      },
    ];
  }
  return [healthCondition(type, 'Gateway', gateways)];
}

function agentCondition({ compiled, workloads }: PipelineFacts): readonly ToldCondition[] {
  const type = 'AgentHealthy';
  if (compiled.kind === 'TracePipeline') return [];
  const agents = workloads.filter(({ role }) => AGENTS.includes(role));
  if (agents.length > 0) return [healthCondition(type, 'Agent', agents)];
  if (ofFluentBit(compiled)) {
    const message = 'not part of the running configuration; see ConfigurationGenerated';
    return [{ type, status: 'False', reason: 'AgentNotReady', message }];
  }
  return [{ type, status: 'True', reason: 'AgentNotRequired', message: 'no input of the pipeline needs an agent' }];
}

/** One condition about several workloads: the first that is not well, else the first that is on its way. */
export function healthCondition(
  type: string,
  what: 'Gateway' | 'Agent',
  workloads: readonly WorkloadHealth[],
): ToldCondition {
  const failing = workloads.find(({ state }) => state === 'failing');
  if (failing !== undefined) return { type, status: 'False', reason: `${what}NotReady`, message: cut(failing.message) };
  const rolling = workloads.find(({ state }) => state === 'rolling');
  if (rolling !== undefined) {
    const status = workloads.every(({ serving }) => serving) ? 'True' : 'Unknown';
    const meanwhile = status === 'True' ? '; data is accepted meanwhile' : '';
    return { type, status, reason: 'RolloutInProgress', message: `${rolling.message}${meanwhile}` };
  }
  return {
    type,
    status: 'True',
    reason: `${what}Ready`,
    message: cut(workloads.map(({ message }) => message).join('; ')),
  };
}

function flowCondition({ compiled, flow }: PipelineFacts): ToldCondition {
  const type = 'TelemetryFlowHealthy';
  if (compiled.runs === undefined) {
    const message = 'no data flows: the pipeline is not part of the running configuration';
    return { type, status: 'False', reason: 'ConfigurationNotGenerated', message };
  }
  if (flow === undefined) {
    const message = 'accepted; nothing was seen to arrive so far';
    return { type, status: 'Unknown', reason: 'NoDataYet', message };
  }
  return { type, status: flow.status, reason: flow.reason, message: flow.message };
}

function progress({ compiled, workloads }: PipelineFacts): readonly ToldCondition[] {
  const { condition, generation, runs } = compiled;
  if (condition.status === 'False' && ONLY_AN_EDIT_HELPS.includes(condition.reason)) {
    return [{ type: 'Stalled', status: 'True', reason: condition.reason, message: condition.message }];
  }
  const waiting = runs === generation ? workloads.find(({ state }) => state === 'rolling') : undefined;
  if (waiting === undefined) return [];
  return [{ type: 'Reconciling', status: 'True', reason: 'RolloutInProgress', message: waiting.message }];
}

function ofFluentBit({ kind, fluentBit, unsupportedMode }: CompiledPipeline): boolean {
  return kind === 'LogPipeline' && (fluentBit !== undefined || unsupportedMode !== undefined);
}
