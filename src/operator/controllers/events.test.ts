import { describe, expect, it } from 'vitest';
import type { Condition } from '../../kube/index.ts';
import type { WorkloadHealth } from '../conditions/workload-health.ts';
import { pipelineEvents } from './pipeline-events.ts';
import { workloadEvents } from './workload-events.ts';

const condition = (type: string, status: Condition['status'], reason: string, observedGeneration = 1): Condition => ({
  type,
  status,
  reason,
  message: `about ${reason}`,
  lastTransitionTime: '2026-11-22T10:00:00Z',
  observedGeneration,
});
const configured = (generation = 1) => condition('ConfigurationGenerated', 'True', 'GatewayConfigured', generation);
const invalid = (reason: string, generation = 1) => condition('ConfigurationGenerated', 'False', reason, generation);
const serving = condition('GatewayHealthy', 'True', 'GatewayReady');
const rolling = condition('GatewayHealthy', 'True', 'RolloutInProgress');
const reconciling = condition('Reconciling', 'True', 'RolloutInProgress');
const flow = (status: Condition['status'], reason: string) => condition('TelemetryFlowHealthy', status, reason);

const told = (before: readonly Condition[], after: readonly Condition[]) =>
  pipelineEvents(before, after).map(({ type, reason }) => `${type} ${reason}`);

describe('events of a pipeline', () => {
  it.each<[string, readonly Condition[], readonly Condition[], readonly string[]]>([
    ['nothing changes', [configured(), serving], [configured(), serving], []],
    ['a first generation runs', [], [configured(), serving], ['Normal ConfigurationApplied']],
    ['it does not yet', [], [configured(), rolling, reconciling], []],
    ['it does now', [configured(), rolling, reconciling], [configured(), serving], ['Normal ConfigurationApplied']],
    [
      'the next generation runs at once',
      [configured(1), serving],
      [configured(2), serving],
      ['Normal ConfigurationApplied'],
    ],
    [
      'an edit is invalid',
      [configured(), serving],
      [invalid('OTTLSpecInvalid', 2), serving],
      ['Warning ConfigurationInvalid'],
    ],
    ['it stays so', [invalid('OTTLSpecInvalid')], [invalid('OTTLSpecInvalid')], []],
    [
      'the next edit is, too',
      [invalid('OTTLSpecInvalid', 1)],
      [invalid('OTTLSpecInvalid', 2)],
      ['Warning ConfigurationInvalid'],
    ],
    ['a Secret is missing', [], [invalid('ReferencedSecretMissing')], ['Warning SecretMissing']],
    ['a certificate expired', [configured()], [invalid('TLSCertificateExpired')], ['Warning CertificateExpired']],
    ['there is no room', [], [invalid('MaxPipelinesExceeded')], ['Warning MaxPipelinesExceeded']],
    [
      'data is lost',
      [flow('True', 'FlowHealthy')],
      [flow('False', 'GatewayAllTelemetryDataDropped')],
      ['Warning DataDropped'],
    ],
    [
      'a queue fills up',
      [flow('True', 'FlowHealthy')],
      [flow('False', 'GatewayBufferFillingUp')],
      ['Warning QueueFillingUp'],
    ],
    ['senders are refused', [flow('True', 'FlowHealthy')], [flow('False', 'GatewayThrottling')], ['Warning Throttled']],
    ['it is over', [flow('False', 'GatewayThrottling')], [flow('True', 'FlowHealthy')], ['Normal FlowRecovered']],
    ['first data', [flow('Unknown', 'NoDataYet')], [flow('True', 'FlowHealthy')], ['Normal FirstDataReceived']],
    [
      'data again after a restart of probing',
      [flow('Unknown', 'GatewayProbingFailed')],
      [flow('True', 'FlowHealthy')],
      [],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });
});

describe('events of workloads', () => {
  const health = (workload: string, cause?: 'Crash' | 'OutOfMemory' | 'Image'): WorkloadHealth => ({
    workload,
    role: 'gateway',
    state: cause === undefined ? 'ready' : 'failing',
    serving: true,
    message: '',
    ...(cause && {
      problem: { cause, message: 'it ended', pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } },
    }),
  });
  const all = (...healths: readonly WorkloadHealth[]) => new Map(healths.map((one) => [one.workload, one]));
  const reasons = (...args: Parameters<typeof workloadEvents>) => workloadEvents(...args).map(({ reason }) => reason);

  it('tell what came and went, and nothing at the first look', () => {
    expect(reasons(undefined, all(health('a')))).toEqual([]);
    expect(reasons(all(health('a')), all(health('b')))).toEqual(['ComponentsDeployed', 'ComponentsRemoved']);
  });

  it('tell of crashes once', () => {
    expect(reasons(all(health('a')), all(health('a', 'Crash')))).toEqual(['CollectorCrashLoop']);
    expect(reasons(all(health('a', 'Crash')), all(health('a', 'Crash')))).toEqual([]);
    expect(reasons(all(health('a', 'Crash')), all(health('a', 'OutOfMemory')))).toEqual(['CollectorOOMKilled']);
    expect(reasons(all(health('a')), all(health('a', 'Image')))).toEqual([]);
  });
});
