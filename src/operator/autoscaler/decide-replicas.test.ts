import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOWN_AFTER_MS, decideReplicas, REST_AFTER_UP_MS, type Recommendation, recommend } from './decide-replicas.ts';
import type { WorkloadLoad } from './workload-load.ts';

const IDLE: WorkloadLoad = {
  podCount: 2,
  cpuShare: 0.1,
  isLimited: false,
  isQueueGrowing: false,
  busyExporters: 2,
  troubledExporters: 0,
  queueShare: 0,
  isDrained: true,
};
const NOW = 1e9;
const STEP_MS = 10_000;

/** The same load for so long. */
function lasting(load: Partial<WorkloadLoad>, current: number, forMs: number): readonly Recommendation[] {
  return Array.from({ length: Math.floor(forMs / STEP_MS) + 1 }, (_, i) =>
    recommend({ ...IDLE, podCount: current, ...load }, current, NOW - forMs + i * STEP_MS),
  );
}

function decide(load: Partial<WorkloadLoad>, current: number, more: object = {}) {
  const history = lasting(load, current, DOWN_AFTER_MS);
  return decideReplicas(history, { current, minReplicas: 2, maxReplicas: 10, nowMs: NOW, changedMs: 0, ...more });
}

describe('more replicas', () => {
  it('come when replicas use most of their CPU, as many as that needs', () => {
    expect(decide({ cpuShare: 0.9 }, 4)).toEqual({ replicas: 6, reason: 'replicas use most of their CPU' });
  });

  it('come when senders are refused at the memory limit', () => {
    expect(decide({ isLimited: true }, 4)).toEqual({ replicas: 6, reason: 'senders are refused at the memory limit' });
    expect(decide({ isLimited: true }, 2).replicas).toBe(3);
  });

  it('come when a queue grows although its backend takes data and we are busy', () => {
    expect(decide({ cpuShare: 0.65, isQueueGrowing: true, troubledExporters: 1 }, 3).replicas).toBe(4);
  });

  it.each([
    ['dead', { troubledExporters: 2 }],
    ['slow', { troubledExporters: 2, isQueueGrowing: true, cpuShare: 0.3 }],
    ['dead, with the queue filling the memory', { troubledExporters: 1, isLimited: true, queueShare: 0.7 }],
    ['dead for all, whatever CPU it costs', { troubledExporters: 2, cpuShare: 0.95 }],
  ])('do not come for a backend that is %s', (_, load) => {
    expect(decide(load, 4).replicas).toBe(4);
  });

  it('come for the others when one of several backends is dead', () => {
    expect(decide({ troubledExporters: 1, cpuShare: 0.95 }, 4).replicas).toBeGreaterThan(4);
  });

  it('are never more than the most', () => {
    expect(decide({ cpuShare: 3 }, 8).replicas).toBe(10);
  });

  it('wait until the last ones have taken their share', () => {
    expect(decide({ cpuShare: 0.9 }, 4, { changedMs: NOW - REST_AFTER_UP_MS + 1 }).replicas).toBe(4);
    expect(decide({ cpuShare: 0.9 }, 4, { changedMs: NOW - REST_AFTER_UP_MS }).replicas).toBe(6);
  });
});

describe('fewer replicas', () => {
  it('come one at a time', () => {
    expect(decide({ cpuShare: 0.05 }, 8)).toEqual({ replicas: 7, reason: 'fewer replicas do' });
  });

  it('come only when five minutes had no use for it', () => {
    const calm = lasting({ cpuShare: 0.05 }, 4, DOWN_AFTER_MS);
    const peak = recommend({ ...IDLE, cpuShare: 0.75 }, 4, NOW - 100_000);
    const input = { current: 4, minReplicas: 2, maxReplicas: 10, nowMs: NOW, changedMs: 0 };
    expect(decideReplicas([...calm.slice(0, 20), peak, ...calm.slice(20)], input).replicas).toBe(4);
    expect(decideReplicas(calm.slice(1), input).replicas).toBe(4);
    expect(decideReplicas(calm, { ...input, changedMs: NOW - DOWN_AFTER_MS + 1 }).replicas).toBe(4);
    expect(decideReplicas(calm, input).replicas).toBe(3);
  });

  it.each([
    ['since a while', (ageMs: number) => ageMs >= 3 * 60_000],
    ['for some minutes in between', (ageMs: number) => ageMs <= 60_000 || ageMs >= 4 * 60_000],
    ['since longer than anybody looks back', (ageMs: number) => ageMs > DOWN_AFTER_MS],
  ])('do not come when some replica did not tell its figures %s: it may be the busiest', (_, isKnown) => {
    const known = lasting({}, 4, 2 * DOWN_AFTER_MS).filter(({ atMs }) => isKnown(NOW - atMs));
    const input = { current: 4, minReplicas: 2, maxReplicas: 10, nowMs: NOW, changedMs: 0 };
    expect(decideReplicas(known, input)).toEqual({ replicas: 4, reason: '' });
  });

  it('do not come while queues hold something', () => {
    expect(decide({ cpuShare: 0.05, isDrained: false }, 8).replicas).toBe(8);
  });

  it('are never fewer than the least', () => {
    expect(decide({ cpuShare: 0 }, 2).replicas).toBe(2);
  });

  it('do not come back at once: what is left after a step is not over the target', () => {
    for (let current = 3; current <= 20; current++) {
      for (let cpuShare = 0; cpuShare < 0.8; cpuShare += 0.01) {
        const { replicas } = decide({ cpuShare }, current, { maxReplicas: 20 });
        if (replicas === current) continue;
        const after = decide({ cpuShare: (cpuShare * current) / replicas }, replicas, { maxReplicas: 20 });
        expect(after.replicas).toBeLessThanOrEqual(replicas);
      }
    }
  });
});

describe('whatever happens', () => {
  const load = fc.record({
    podCount: fc.integer({ min: 1, max: 20 }),
    cpuShare: fc.double({ min: 0, max: 4, noNaN: true }),
    isLimited: fc.boolean(),
    isQueueGrowing: fc.boolean(),
    busyExporters: fc.constant(4),
    troubledExporters: fc.nat(4),
    queueShare: fc.double({ min: 0, max: 2, noNaN: true }),
    isDrained: fc.boolean(),
  });

  it('the decision stays within its bounds, steps down by one, and does not go up without a reason', () => {
    fc.assert(
      fc.property(
        fc.array(load, { maxLength: 40 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (loads, current, one, other) => {
          const bounds = { minReplicas: Math.min(one, other), maxReplicas: Math.max(one, other) };
          const history = loads.map((each, i) => recommend(each, current, NOW - (loads.length - 1 - i) * STEP_MS));
          const { replicas, reason } = decideReplicas(history, { ...bounds, current, nowMs: NOW, changedMs: 0 });
          if (current >= bounds.minReplicas && current <= bounds.maxReplicas) {
            expect(replicas).toBeGreaterThanOrEqual(bounds.minReplicas);
            expect(replicas).toBeLessThanOrEqual(bounds.maxReplicas);
          }
          expect(replicas).toBeGreaterThanOrEqual(current - 1);
          if (replicas !== current) expect(reason).not.toBe('');
        },
      ),
    );
  });

  it('idle replicas whose backends are all in trouble never become more', () => {
    fc.assert(
      fc.property(load, fc.integer({ min: 1, max: 20 }), (each, current) => {
        const idle = {
          ...each,
          troubledExporters: each.busyExporters,
          queueShare: 0.5,
          cpuShare: Math.min(0.59, each.cpuShare),
        };
        expect(recommend(idle, current, NOW).replicas).toBeLessThanOrEqual(current);
      }),
    );
  });
});
