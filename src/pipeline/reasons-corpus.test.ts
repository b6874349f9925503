import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { REASONS } from '../diagnostics/index.ts';
import type { PipelineStatus } from './status.ts';

const CORPUS = join(import.meta.dirname, '../../test/corpus');

/** What compiling cannot know, by what does. */
const NEEDS_A_RUNNING_CLUSTER = {
  'whether workloads run': [
    'AgentNotReady',
    'AgentNotRequired',
    'AgentReady',
    'BacklogsDraining',
    'CollectorCrashed',
    'ComponentsRunning',
    'GatewayConfigurationNotGenerated',
    'GatewayNotReady',
    'GatewayReady',
    'NoPipelineDeployed',
    'ResourceBlocksDeletion',
    'RolloutInProgress',
  ],
  'what flows through them': [
    'AgentAllTelemetryDataDropped',
    'AgentBufferFillingUp',
    'AgentNoLogsDelivered',
    'AgentProbingFailed',
    'AgentSomeTelemetryDataDropped',
    'ConfigurationNotGenerated',
    'FlowHealthy',
    'GatewayAllTelemetryDataDropped',
    'GatewayBufferFillingUp',
    'GatewayProbingFailed',
    'GatewaySomeTelemetryDataDropped',
    'GatewayThrottling',
    'NoDataForAWhile',
    'NoDataYet',
  ],
  'how the operating system was built': ['FipsModeEnabled'],
} as const;

const statuses = readdirSync(CORPUS)
  .map((name) => join(CORPUS, name, 'status.yaml'))
  .filter((file) => existsSync(file))
  .flatMap((file) => Object.values((parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, PipelineStatus>));
const conditions = statuses.flatMap((status) => status.conditions);
const reached = new Set<string>(conditions.map(({ reason }) => reason));
const needing = Object.values(NEEDS_A_RUNNING_CLUSTER).flat() as readonly string[];

describe('reasons of conditions', () => {
  it('each is reached by a case of the corpus, or needs a running cluster', () => {
    const inConditions = REASONS.filter(({ condition }) => condition !== 'status').map(({ reason }) => reason);
    expect(inConditions.filter((reason) => !reached.has(reason) && !needing.includes(reason))).toEqual([]);
    expect(needing.filter((reason) => reached.has(reason) || !inConditions.includes(reason))).toEqual([]);
  });

  it('stand in the corpus with the status that is documented for them', () => {
    const documented = new Map(REASONS.map(({ reason, condition, status }) => [reason, `${condition} ${status}`]));
    for (const { type, status, reason } of conditions) expect(`${type} ${status}`).toBe(documented.get(reason));
  });

  it('have a message for people: no code, no command, no line break', () => {
    for (const { message } of conditions) expect(message).toMatch(/^(?!.*(SL\d{4}|`sluice )).+$/);
  });

  it('tell of custom sections of Fluent Bit', () => {
    expect(new Set(statuses.map(({ unsupportedMode }) => unsupportedMode))).toEqual(new Set([undefined, true, false]));
  });
});
