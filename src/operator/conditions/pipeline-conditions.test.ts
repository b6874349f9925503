import { describe, expect, it } from 'vitest';
import type { FlowVerdict } from '../../flow/index.ts';
import type { CompiledPipeline } from '../compile/cluster-compiler.ts';
import { type PipelineFacts, pipelineConditions } from './pipeline-conditions.ts';
import type { WorkloadHealth } from './workload-health.ts';

const compiled: CompiledPipeline = {
  kind: 'MetricPipeline',
  name: 'm',
  id: 'MetricPipeline/m',
  uid: 'u',
  generation: 4,
  runs: 4,
  secrets: '',
  issues: [],
  condition: { type: 'ConfigurationGenerated', status: 'True', reason: 'GatewayConfigured', message: 'part of it' },
};
const left: CompiledPipeline = {
  ...compiled,
  condition: { ...compiled.condition, status: 'False', reason: 'OTTLSpecInvalid' },
};
const { runs: _, ...out } = left;
const healthy: FlowVerdict = { status: 'True', reason: 'FlowHealthy', message: 'spans reach the backend' };
const lost: FlowVerdict = { status: 'False', reason: 'GatewayAllTelemetryDataDropped', message: 'all is lost' };

const workload = (role: WorkloadHealth['role'], rest: Partial<WorkloadHealth> = {}): WorkloadHealth => ({
  workload: role,
  role,
  state: 'ready',
  serving: true,
  message: `\`${role}\` runs and serves`,
  ...rest,
});

const told = (facts: Partial<PipelineFacts>) =>
  pipelineConditions({ compiled, workloads: [workload('gateway')], flow: healthy, ...facts }).map(
    ({ type, status, reason }) => `${type}=${status} ${reason}`,
  );

const CASES: Readonly<
  Record<string, { readonly facts: Partial<PipelineFacts>; readonly expected: readonly string[] }>
> = {
  'all is well': {
    facts: {},
    expected: [
      'Ready=True FlowHealthy',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=True FlowHealthy',
    ],
  },
  'left out, and only an edit helps': {
    facts: { compiled: out, workloads: [] },
    expected: [
      'Ready=False OTTLSpecInvalid',
      'ConfigurationGenerated=False OTTLSpecInvalid',
      'GatewayHealthy=False GatewayConfigurationNotGenerated',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=False ConfigurationNotGenerated',
      'Stalled=True OTTLSpecInvalid',
    ],
  },
  'invalid, and an earlier generation runs': {
    facts: { compiled: { ...left, runs: 3 } },
    expected: [
      'Ready=False OTTLSpecInvalid',
      'ConfigurationGenerated=False OTTLSpecInvalid',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=True FlowHealthy',
      'Stalled=True OTTLSpecInvalid',
    ],
  },
  'nobody needs to be told to edit where a Secret is missing': {
    facts: { compiled: { ...out, condition: { ...out.condition, reason: 'ReferencedSecretMissing' } }, workloads: [] },
    expected: [
      'Ready=False ReferencedSecretMissing',
      'ConfigurationGenerated=False ReferencedSecretMissing',
      'GatewayHealthy=False GatewayConfigurationNotGenerated',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=False ConfigurationNotGenerated',
    ],
  },
  'taken back after a crash': {
    facts: { compiled: { ...left, runs: 3, condition: { ...left.condition, reason: 'CollectorCrashed' } } },
    expected: [
      'Ready=False CollectorCrashed',
      'ConfigurationGenerated=False CollectorCrashed',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=True FlowHealthy',
      'Stalled=True CollectorCrashed',
    ],
  },
  'a first rollout, with nothing that serves': {
    facts: { workloads: [workload('gateway', { state: 'rolling', serving: false })], flow: undefined as never },
    expected: [
      'Ready=Unknown RolloutInProgress',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=Unknown RolloutInProgress',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=Unknown NoDataYet',
      'Reconciling=True RolloutInProgress',
    ],
  },
  'a rollout while the Pods of before serve': {
    facts: { workloads: [workload('gateway', { state: 'rolling' })] },
    expected: [
      'Ready=Unknown RolloutInProgress',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=True RolloutInProgress',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=True FlowHealthy',
      'Reconciling=True RolloutInProgress',
    ],
  },
  'a gateway that fails': {
    facts: { workloads: [workload('gateway', { state: 'failing' }), workload('metric-agent')] },
    expected: [
      'Ready=False GatewayNotReady',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=False GatewayNotReady',
      'AgentHealthy=True AgentReady',
      'TelemetryFlowHealthy=True FlowHealthy',
    ],
  },
  'an agent that fails, and data that is lost: the agent is told first': {
    facts: { workloads: [workload('gateway'), workload('metric-agent', { state: 'failing' })], flow: lost },
    expected: [
      'Ready=False AgentNotReady',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=False AgentNotReady',
      'TelemetryFlowHealthy=False GatewayAllTelemetryDataDropped',
    ],
  },
  'an agent alone': {
    facts: { workloads: [workload('metric-agent')] },
    expected: [
      'Ready=True FlowHealthy',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentReady',
      'TelemetryFlowHealthy=True FlowHealthy',
    ],
  },
  'data that is lost': {
    facts: { flow: lost },
    expected: [
      'Ready=False GatewayAllTelemetryDataDropped',
      'ConfigurationGenerated=True GatewayConfigured',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=False GatewayAllTelemetryDataDropped',
    ],
  },
  'a certificate that expires soon': {
    facts: { compiled: { ...compiled, condition: { ...compiled.condition, reason: 'TLSCertificateAboutToExpire' } } },
    expected: [
      'Ready=True TLSCertificateAboutToExpire',
      'ConfigurationGenerated=True TLSCertificateAboutToExpire',
      'GatewayHealthy=True GatewayReady',
      'AgentHealthy=True AgentNotRequired',
      'TelemetryFlowHealthy=True FlowHealthy',
    ],
  },
  'Fluent Bit, which has no gateway': {
    facts: {
      compiled: { ...compiled, kind: 'LogPipeline', unsupportedMode: false },
      workloads: [workload('fluent-bit')],
    },
    expected: [
      'Ready=True FlowHealthy',
      'ConfigurationGenerated=True GatewayConfigured',
      'AgentHealthy=True AgentReady',
      'TelemetryFlowHealthy=True FlowHealthy',
    ],
  },
};

describe('the conditions of a pipeline', () => {
  it.each(Object.entries(CASES))('%s', (_, { facts, expected }) => {
    expect(told(facts)).toEqual(expected);
  });

  it('leave AgentHealthy out for TracePipelines, which no agent collects for', () => {
    expect(told({ compiled: { ...compiled, kind: 'TracePipeline' } }).join()).not.toContain('AgentHealthy');
  });
});
