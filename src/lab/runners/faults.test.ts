import { describe, expect, it } from 'vitest';
import type { RunPlan } from '../run.ts';
import type { GatewayUnit } from './configurations.ts';
import type { Deployment } from './deployment.ts';
import { checkFaults, targetsOf } from './faults.ts';

const PLAN: RunPlan = {
  runner: 'engine',
  topology: 'PerPipeline',
  settings: 'sluice',
  replicas: 2,
  memoryBytes: 2 ** 29,
  backends: [
    { name: 'healthy', signal: 'traces', mode: 'accept' },
    { name: 'dead', signal: 'traces', mode: 'drop' },
  ],
  load: [],
  faults: [],
  warmUpMs: 0,
  durationMs: 1000,
  seed: 1,
};

function unit(workload: string, replica: number, pipelines: readonly string[], front = false): GatewayUnit {
  const config = { receivers: {}, exporters: {}, service: { pipelines: {} } };
  const ports = { grpcPort: 1, metricsPort: 2 };
  return { workload, replica, front, pipelines, folder: '', queueFolder: '', config, ...ports };
}

const [HEALTHY, DEAD] = ['tracepipeline-healthy', 'tracepipeline-dead'];
const PER_PIPELINE = [1, 2].flatMap((replica) => [
  unit('trace-dispatcher-healthy', replica, [HEALTHY!]),
  unit('trace-dispatcher-dead', replica, [DEAD!]),
  unit('otlp-entry', replica, [HEALTHY!, DEAD!], true),
]);
const SHARED = [unit('otlp-gateway', 1, [HEALTHY!, DEAD!], true)];

function targets(target: string, units: readonly GatewayUnit[]): readonly string[] {
  const deployment: Pick<Deployment, 'units'> = { units };
  const found = targetsOf({ target }, { plan: PLAN, deployment: deployment as Deployment });
  return found.map(({ workload, replica }) => `${workload}#${replica}`);
}

describe('targets of faults', () => {
  it('are all processes, or those in front', () => {
    expect(targets('all', PER_PIPELINE)).toHaveLength(6);
    expect(targets('front', PER_PIPELINE)).toEqual(['otlp-entry#1', 'otlp-entry#2']);
  });

  it('are those that send to a backend, and not the entry that hands on to them', () => {
    expect(targets('dead', PER_PIPELINE)).toEqual(['trace-dispatcher-dead#1', 'trace-dispatcher-dead#2']);
    expect(targets('dead', SHARED)).toEqual(['otlp-gateway#1']);
  });

  it('are a workload, or one replica of it', () => {
    expect(targets('otlp-entry', PER_PIPELINE)).toEqual(['otlp-entry#1', 'otlp-entry#2']);
    expect(targets('otlp-entry#2', PER_PIPELINE)).toEqual(['otlp-entry#2']);
    expect(targets('all#1', PER_PIPELINE)).toHaveLength(3);
  });

  it('have to be there', () => {
    expect(() => targets('trace-gateway', PER_PIPELINE)).toThrow(
      'no process is meant by `trace-gateway`; there are all, front, the backends, trace-dispatcher-healthy',
    );
    expect(() => targets('all#3', PER_PIPELINE)).toThrow('no process is meant');
  });
});

describe('checkFaults', () => {
  it('refuses modes and backends that there are not', () => {
    const fault = { afterMs: 1, kind: 'backend', target: 'dead' } as const;
    expect(() => checkFaults({ ...PLAN, faults: [{ ...fault, mode: 'accept' }] })).not.toThrow();
    expect(() => checkFaults({ ...PLAN, faults: [{ ...fault, mode: 'sleepy' }] })).toThrow('`sleepy` is no mode');
    expect(() => checkFaults({ ...PLAN, faults: [{ ...fault, target: 'alive', mode: 'hang' }] })).toThrow(
      'there is no backend `alive`',
    );
  });
});
