import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/index.ts';
import type { ClusterRendering, MountedConfig } from '../../render/index.ts';
import type { CompiledCluster, CompiledPipeline } from '../compile/cluster-compiler.ts';
import type { KeptResource } from '../compile/kept-resource.ts';
import { workloadHealth } from '../conditions/workload-health.ts';
import { type ObservedWorkload, observeRollout } from './observe-rollout.ts';
import type { RolloutRecord } from './rollout-record.ts';

const config = (hash: string): MountedConfig => ({
  hash,
  files: [{ kind: 'ConfigMap', name: `trace-gateway-${hash}`, items: [] }],
  environment: [],
  inParts: false,
});

const mounting = (hash: string) => ({
  volumes: [{ projected: { sources: [{ configMap: { name: `trace-gateway-${hash}` } }] } }],
});

const runningPod = (hash: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${hash}` },
  spec: mounting(hash),
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

const crashingPod = (hash: string, output: string, ranSeconds = 1, exitCode = 1): KubeObject => ({
  ...runningPod(hash),
  status: {
    containerStatuses: [
      {
        name: 'collector',
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: {
          terminated: {
            exitCode,
            reason: 'Error',
            message: output,
            startedAt: '2026-11-22T10:00:00Z',
            finishedAt: new Date(Date.UTC(2026, 10, 22, 10) + ranSeconds * 1000).toISOString(),
          },
        },
      },
    ],
  },
});

function pipeline(name: string, runs: number): CompiledPipeline {
  return {
    kind: 'TracePipeline',
    name,
    id: `TracePipeline/${name}`,
    uid: name,
    generation: runs,
    runs,
    secrets: '',
    issues: [],
    condition: { type: 'ConfigurationGenerated', status: 'True', reason: 'GatewayConfigured', message: '' },
  };
}

function compiledOf(pipelines: readonly CompiledPipeline[]): CompiledCluster {
  const graphs = pipelines.map(({ kind, name }) => ({ kind, name }));
  const topology = {
    type: 'Shared',
    workloads: [{ role: 'gateway', name: 'trace-gateway', pipelines: graphs }],
    agents: [],
  };
  return {
    rendering: { topology, rendered: [], agents: [] } as unknown as ClusterRendering,
    pipelines: new Map(pipelines.map((one) => [one.id, one])),
    parsers: new Map(),
    telemetryIssues: [],
    kept: new Map(),
  };
}

const kept = (pipelines: readonly CompiledPipeline[]) =>
  new Map(
    pipelines.map(({ id, uid, runs = 0 }): [string, KeptResource] => [
      id,
      {
        uid,
        valid: { generation: runs, manifest: { apiVersion: 'v1', kind: 'TracePipeline', metadata: { name: uid } } },
      },
    ]),
  );

function observed(hash: string, pods: readonly KubeObject[], available: number): ObservedWorkload {
  const controller: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'telemetry-trace-gateway', generation: 1 },
    spec: { replicas: 1, template: { spec: mounting(hash) } },
    status: { observedGeneration: 1, updatedReplicas: 1, availableReplicas: available },
  };
  const base = { workload: 'trace-gateway', role: 'gateway' } as const;
  return {
    wanted: { ...base, configHash: hash, config: config(hash), objects: [] },
    health: workloadHealth({ ...base, controller, pods }),
    controller,
    pods,
  };
}

const proven = (hash: string, members: Readonly<Record<string, string>>): RolloutRecord => ({
  proven: { config: config(hash), members },
});

const [a, b, dotted] = [pipeline('a', 2), pipeline('b', 1), pipeline('a.b', 2)];

describe('what a rollout teaches', () => {
  it('a configuration that all Pods run well is remembered, with the pipelines in it', () => {
    const { records, kept: after } = observeRollout(compiledOf([a, b]), [observed('new', [runningPod('new')], 1)], {
      kept: kept([a, b]),
      records: new Map(),
    });
    expect(records.get('trace-gateway')).toEqual(proven('new', { 'TracePipeline/a': '2 ', 'TracePipeline/b': '1 ' }));
    expect(after.get('TracePipeline/a')!.proven?.generation).toBe(2);
  });

  it('a Pod of another configuration that is still ready keeps it from being remembered', () => {
    const { records } = observeRollout(compiledOf([a]), [observed('new', [runningPod('new'), runningPod('old')], 1)], {
      kept: kept([a]),
      records: new Map(),
    });
    expect(records.get('trace-gateway')).toEqual({});
  });

  const before = new Map([['trace-gateway', proven('old', { 'TracePipeline/a': '1 ', 'TracePipeline/b': '1 ' })]]);
  const crash = (
    output: string,
    pipelines: readonly CompiledPipeline[],
    records = before,
    extra: readonly KubeObject[] = [],
  ) =>
    observeRollout(compiledOf(pipelines), [observed('new', [crashingPod('new', output), ...extra], 0)], {
      kept: kept(pipelines),
      records,
    });

  it('blames the pipeline that changed since, where the program names none', () => {
    const { rollbacks, kept: after } = crash('panic', [a, b]);
    expect(rollbacks.map(({ blamed }) => blamed)).toEqual([['TracePipeline/a']]);
    expect(after.get('TracePipeline/a')!.crashed).toMatchObject({ generation: 2, workload: 'trace-gateway' });
    expect(after.get('TracePipeline/b')!.crashed).toBeUndefined();
  });

  it('blames the one that the program names, of several that changed, and no namesake', () => {
    const records = new Map([['trace-gateway', proven('old', {})]]);
    const output = 'exporters::otlp_grpc/tracepipeline-a.b: invalid';
    expect(crash(output, [a, b, dotted], records).rollbacks[0]!.blamed).toEqual(['TracePipeline/a.b']);
    expect(crash('otlp_grpc/tracepipeline-a: invalid', [a, dotted], records).rollbacks[0]!.blamed).toEqual([
      'TracePipeline/a',
    ]);
  });

  it('goes back to the old configuration where no pipeline changed', () => {
    const unchanged = new Map([['trace-gateway', proven('old', { 'TracePipeline/a': '2 ', 'TracePipeline/b': '1 ' })]]);
    const { rollbacks, records } = crash('panic', [a, b], unchanged);
    expect(rollbacks.map(({ blamed }) => blamed)).toEqual([[]]);
    expect(records.get('trace-gateway')!.refused).toBe('new');
  });

  it('blames nobody where nothing ever ran well and the program names none', () => {
    expect(crash('panic', [a, b], new Map()).rollbacks).toEqual([]);
  });

  it('blames no configuration for what the Pods of another one suffer, too', () => {
    expect(crash('panic', [a, b], before, [crashingPod('old', 'panic')]).rollbacks).toEqual([]);
  });

  it('blames no configuration that another Pod runs well', () => {
    expect(crash('panic', [a, b], before, [runningPod('new')]).rollbacks).toEqual([]);
  });

  it('blames no configuration for a program that ran for a while', () => {
    const { rollbacks } = observeRollout(compiledOf([a, b]), [observed('new', [crashingPod('new', 'x', 600)], 0)], {
      kept: kept([a, b]),
      records: before,
    });
    expect(rollbacks).toEqual([]);
  });

  it.each([137, 143])('blames no configuration for a program that was killed (exit code %i)', (exitCode) => {
    const pods = [crashingPod('new', '', 1, exitCode)];
    const { rollbacks } = observeRollout(compiledOf([a, b]), [observed('new', pods, 0)], {
      kept: kept([a, b]),
      records: before,
    });
    expect(rollbacks).toEqual([]);
  });

  it('blames no edit where the program names a pipeline that did not change', () => {
    const { rollbacks, records } = crash('exporters::otlp_grpc/tracepipeline-b: no such file', [a, b]);
    expect(rollbacks.map(({ blamed }) => blamed)).toEqual([[]]);
    expect(records.get('trace-gateway')!.refused).toBe('new');
  });

  it('blames no edit that comes after a configuration which crashed with nothing edited, until one runs well', () => {
    const refused: RolloutRecord = { ...before.get('trace-gateway')!, refused: 'settings' };
    const starting = observeRollout(compiledOf([a, b]), [observed('new', [], 0)], {
      kept: kept([a, b]),
      records: new Map([['trace-gateway', refused]]),
    });
    const { rollbacks, records, kept: after } = crash('panic', [a, b], new Map(starting.records) as typeof before);
    expect(rollbacks.map(({ blamed }) => blamed)).toEqual([[]]);
    expect(records.get('trace-gateway')!.refused).toBe('new');
    expect(after.get('TracePipeline/a')!.crashed).toBeUndefined();
    const well = observeRollout(compiledOf([a, b]), [observed('fixed', [runningPod('fixed')], 1)], {
      kept: kept([a, b]),
      records,
    });
    expect(well.records.get('trace-gateway')!.refused).toBeUndefined();
  });

  it('takes no generation for good that is not in the configuration which runs instead', () => {
    const pinned = observed('old', [runningPod('old')], 1);
    const { kept: after } = observeRollout(
      compiledOf([a]),
      [{ ...pinned, wanted: { ...pinned.wanted, configHash: 'new' } }],
      { kept: kept([a]), records: new Map([['trace-gateway', { ...before.get('trace-gateway')!, refused: 'new' }]]) },
    );
    expect(after.get('TracePipeline/a')!.proven).toBeUndefined();
  });
});
