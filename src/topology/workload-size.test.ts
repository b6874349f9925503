import { describe, expect, it } from 'vitest';
import type { Telemetry } from '../apis/index.ts';
import { gatewaySettings, workloadSizes } from './workload-size.ts';

const MIB = 2 ** 20;

const telemetry = (spec: Telemetry['spec']): Telemetry => ({ kind: 'Telemetry', metadata: { name: 'default' }, spec });

const sizesOf = (spec: Telemetry['spec'], inCluster = true) =>
  workloadSizes(2048 * MIB, { settings: gatewaySettings(telemetry(spec)), inCluster });

describe('the sizes of workloads', () => {
  it('are two replicas and the usual memory where the Telemetry resource says nothing', () => {
    const usual = { capBytes: 2048 * MIB, replicas: { min: 2, max: 2 } };
    const expected = { of: { traces: usual, metrics: usual, logs: usual }, ofAll: usual, ofRouter: usual };
    expect(sizesOf({})).toEqual(expected);
    expect(workloadSizes(2048 * MIB, { inCluster: true })).toEqual(expected);
  });

  it('are those of each signal, and the largest of the three for what takes all signals', () => {
    const sizes = sizesOf({
      trace: { gateway: { memory: '4Gi', scaling: { type: 'Static', static: { replicas: 3 } } } },
      metric: { gateway: { memory: '512Mi', scaling: { static: { replicas: 1 } } } },
      log: { gateway: { scaling: { type: 'Auto', auto: { minReplicas: 2, maxReplicas: 6 } } } },
    });
    expect(sizes.of).toEqual({
      traces: { capBytes: 4096 * MIB, replicas: { min: 3, max: 3 } },
      metrics: { capBytes: 512 * MIB, replicas: { min: 1, max: 1 } },
      logs: { capBytes: 2048 * MIB, replicas: { min: 2, max: 6 } },
    });
    expect(sizes.ofAll).toEqual({ capBytes: 4096 * MIB, replicas: { min: 3, max: 6 } });
    expect(sizes.ofRouter).toEqual({ capBytes: 2048 * MIB, replicas: { min: 2, max: 2 } });
  });

  it('fill in the bound that a scaled gateway leaves open, so that the least is never more than the most', () => {
    const bounds = (auto: { readonly minReplicas?: number; readonly maxReplicas?: number }) =>
      sizesOf({ log: { gateway: { scaling: { type: 'Auto', auto } } } }).of.logs.replicas;
    expect(bounds({})).toEqual({ min: 2, max: 10 });
    expect(bounds({ minReplicas: 20 })).toEqual({ min: 20, max: 20 });
    expect(bounds({ maxReplicas: 1 })).toEqual({ min: 1, max: 1 });
    expect(sizesOf({ log: { gateway: { scaling: { type: 'Auto' } } } }).of.logs.replicas).toEqual({ min: 2, max: 10 });
  });

  it('are one process each outside a cluster', () => {
    const sizes = sizesOf({ trace: { gateway: { scaling: { static: { replicas: 3 } } } } }, false);
    expect([sizes.of.traces, sizes.ofAll, sizes.ofRouter].map(({ replicas }) => replicas)).toEqual(
      Array.from({ length: 3 }, () => ({ min: 1, max: 1 })),
    );
  });
});
