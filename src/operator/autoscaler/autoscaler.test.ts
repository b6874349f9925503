import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import type { ExporterFigures, MetricsSample } from '../../flow/index.ts';
import type { FlowHealth, RoundFigures } from '../flow-health/flow-health.ts';
import { type Autoscaler, type ScaledWorkload, startAutoscaler } from './autoscaler.ts';

const STEP_MS = 10_000;
const CAPACITY = 1_000_000;

interface Pod {
  /** Cores. */
  cpu: number;
  queueSize: number;
  /** Items a round. */
  taken: number;
  sent: number;
}

const IDLE: Pod = { cpu: 0.05, queueSize: 0, taken: 10, sent: 10 };

/** A workload whose controller does what the autoscaler says, one round later. */
class Cluster {
  readonly clock = createFakeClock();
  readonly pods = new Map<string, Pod>();
  readonly changes: string[] = [];
  readonly autoscaler: Autoscaler;
  readonly #samples = new Map<string, MetricsSample[]>();
  readonly #rounds = new Set<(round: RoundFigures) => void>();
  replicas: number;

  constructor(replicas: number, more: Partial<ScaledWorkload> = {}) {
    this.replicas = replicas;
    const flowHealth: Pick<FlowHealth, 'samplesOf' | 'onRound'> = {
      samplesOf: () => Object.fromEntries(this.#samples),
      onRound: (listener) => {
        this.#rounds.add(listener);
        return () => this.#rounds.delete(listener);
      },
    };
    this.autoscaler = startAutoscaler({
      clock: this.clock,
      flowHealth,
      workloads: () => [
        {
          name: 'gateway',
          minReplicas: 2,
          maxReplicas: 6,
          currentReplicas: this.replicas,
          cpuCores: 1,
          softLimitBytes: 1e9,
          queueFactor: 1,
          ...more,
        },
      ],
    });
    this.autoscaler.onChange(({ reason }) => this.changes.push(reason));
  }

  get draining() {
    return this.autoscaler.draining()['gateway'] ?? [];
  }

  async run(ms: number, change: (pod: Pod, name: string) => void = () => {}) {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.clock.advance(STEP_MS);
      this.#settleReplicas();
      for (const [name, pod] of this.pods) {
        Object.assign(pod, IDLE);
        change(pod, name);
        if (this.draining.includes(name)) pod.taken = 0;
        const samples = this.#samples.get(name) ?? [];
        this.#samples.set(name, [...samples.slice(-30), next(samples.at(-1), pod, this.clock.nowMs())]);
      }
      this.#tellRound();
    }
  }

  setReplicas(replicas: number) {
    this.replicas = replicas;
    this.#tellRound();
  }

  #tellRound() {
    for (const listener of this.#rounds) listener({ podCount: this.pods.size, silentCount: 0, tookMs: 1 });
  }

  #settleReplicas() {
    this.replicas = this.autoscaler.replicas()['gateway']!;
    const names = Array.from({ length: this.replicas }, (_, i) => `gateway-${i}`);
    for (const name of this.pods.keys()) {
      if (names.includes(name)) continue;
      this.pods.delete(name);
      this.#samples.delete(name);
    }
    for (const name of names) if (!this.pods.has(name)) this.pods.set(name, { ...IDLE });
  }
}

function next(before: MetricsSample | undefined, pod: Pod, atMs: number): MetricsSample {
  const exporter: ExporterFigures = before?.exporters['x'] ?? {
    sent: 0,
    sendFailed: 0,
    enqueueFailed: 0,
    queueSize: 0,
    queueCapacity: CAPACITY,
  };
  return {
    atMs,
    exporters: { x: { ...exporter, sent: exporter.sent + pod.sent, queueSize: pod.queueSize } },
    intake: {
      traces: { accepted: (before?.intake.traces?.accepted ?? 0) + pod.taken, refused: 0, refusedByLimiter: 0 },
    },
    usage: {
      cpuSeconds: (before?.usage.cpuSeconds ?? 0) + (pod.cpu * STEP_MS) / 1000,
      rssBytes: 0,
      heapBytes: 0,
    },
  };
}

const VOLUMES = { volumes: { podOf: (ordinal: number) => `gateway-${ordinal}` } };

describe('the autoscaler', () => {
  it('begins with what runs, and with the least where nothing does', () => {
    expect(new Cluster(4).autoscaler.replicas()).toEqual({ gateway: 4 });
    const none = startAutoscaler({
      clock: createFakeClock(),
      flowHealth: { samplesOf: () => ({}), onRound: () => () => {} },
      workloads: () => [
        {
          ...VOLUMES,
          name: 'g',
          minReplicas: 2,
          maxReplicas: 5,
          currentReplicas: undefined,
          cpuCores: 1,
          softLimitBytes: 1,
          queueFactor: 1,
        },
      ],
    });
    expect(none.replicas()).toEqual({ g: 2 });
  });

  it('goes up under load within two minutes, to the most and not beyond, and rests between steps', async () => {
    const cluster = new Cluster(2);
    await cluster.run(120_000, (pod) => {
      pod.cpu = 0.95;
    });
    expect(cluster.replicas).toBe(4);
    await cluster.run(600_000, (pod) => {
      pod.cpu = 0.95;
    });
    expect(cluster.replicas).toBe(6);
    expect(cluster.changes).toEqual(cluster.changes.map(() => 'replicas use most of their CPU'));
  });

  it('stays when a backend is dead and queues fill', async () => {
    const cluster = new Cluster(3);
    let queueSize = 0;
    await cluster.run(900_000, (pod) => {
      queueSize = Math.min(CAPACITY, queueSize + 3000);
      Object.assign(pod, { sent: 0, queueSize });
    });
    expect(cluster.replicas).toBe(3);
    expect(cluster.changes).toEqual([]);
  });

  it('stays when a backend is slow: data gets through, queues grow, and we are idle', async () => {
    const cluster = new Cluster(3);
    let queueSize = 0;
    await cluster.run(900_000, (pod) => {
      queueSize = Math.min(CAPACITY, queueSize + 3000);
      Object.assign(pod, { sent: 5, queueSize, cpu: 0.4 });
    });
    expect(cluster.replicas).toBe(3);
  });

  it('goes down step by step to the least when there is nothing to do', async () => {
    const cluster = new Cluster(4);
    await cluster.run(310_000);
    expect(cluster.replicas).toBe(4);
    await cluster.run(60_000);
    expect(cluster.replicas).toBe(3);
    await cluster.run(1_200_000);
    expect(cluster.replicas).toBe(2);
  });

  it('follows a person who changes the number', async () => {
    const cluster = new Cluster(3);
    await cluster.run(60_000);
    cluster.setReplicas(5);
    expect(cluster.autoscaler.replicas()).toEqual({ gateway: 5 });
  });

  it('takes a replica with a volume out first, and removes it only when it holds nothing', async () => {
    const cluster = new Cluster(3, VOLUMES);
    let held = 20_000;
    const drain = (pod: Pod, name: string) => {
      if (name === 'gateway-2') pod.queueSize = held;
    };
    await cluster.run(400_000, drain);
    expect([cluster.replicas, cluster.draining]).toEqual([3, ['gateway-2']]);
    await cluster.run(600_000, drain);
    expect([cluster.replicas, cluster.draining]).toEqual([3, ['gateway-2']]);
    held = 0;
    await cluster.run(60_000, drain);
    expect([cluster.replicas, cluster.draining]).toEqual([2, []]);
    expect(cluster.changes).toEqual(['fewer replicas do; gateway-2 is emptied', 'gateway-2 is empty']);
  });

  it('gives a replica that is being emptied back to the Service when it is needed', async () => {
    const cluster = new Cluster(3, VOLUMES);
    await cluster.run(400_000, (pod, name) => {
      if (name === 'gateway-2') pod.queueSize = 20_000;
    });
    expect(cluster.draining).toEqual(['gateway-2']);
    await cluster.run(60_000, (pod, name) => {
      pod.queueSize = name === 'gateway-2' ? 20_000 : 0;
      pod.cpu = name === 'gateway-2' ? 0.1 : 0.9;
    });
    expect([cluster.replicas, cluster.draining]).toEqual([3, []]);
  });
});
