import type { Clock } from '../../lib/index.ts';
import type { FlowHealth } from '../flow-health/flow-health.ts';
import { DOWN_AFTER_MS, decideReplicas, type Recommendation, recommend } from './decide-replicas.ts';
import { isEmpty } from './drain.ts';
import { loadOf } from './workload-load.ts';

/** A workload with `scaling.type: Auto`. */
export interface ScaledWorkload {
  /** Name in the topology, as the flow health knows it: `trace-gateway`. */
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** `spec.replicas` as it is now; undefined while the workload does not exist. */
  readonly currentReplicas: number | undefined;
  /** Cores a replica may use: its limit, or what it can count on where it has none. */
  readonly cpuCores: number;
  /** Memory beyond which a replica refuses its senders. */
  readonly softLimitBytes: number;
  /** What a byte in a queue costs in memory: 5 in the stock Collector, 1 in the engine. */
  readonly queueFactor: number;
  /** Exporters whose queues are on disk, which fill no memory. */
  readonly onDisk?: ReadonlySet<string>;
  /**
   * Its queues are on volumes: the replica with the highest ordinal is taken out of the Service and emptied before it is
   * removed. `podOf` names the Pod of an ordinal.
   */
  readonly volumes?: { readonly podOf: (ordinal: number) => string };
}

export interface AutoscalerOptions {
  readonly clock: Clock;
  readonly flowHealth: Pick<FlowHealth, 'samplesOf' | 'onRound'>;
  /** Asked after every round of the flow health. */
  readonly workloads: () => readonly ScaledWorkload[];
}

/** How many replicas of each automatically scaled workload should run. Keeps nothing: it starts from what runs. */
export interface Autoscaler {
  /** By name of the workload; absent while nothing is known of it. */
  replicas(): Readonly<Record<string, number>>;
  /** By name of the workload: Pods that are to get no new data, because they are removed when they are empty. */
  draining(): Readonly<Record<string, readonly string[]>>;
  /** Tells that `replicas` or `draining` answer differently now, and why. */
  onChange(listener: (change: { readonly workload: string; readonly reason: string }) => void): () => void;
  stop(): void;
}

export function startAutoscaler(options: AutoscalerOptions): Autoscaler {
  return new RunningAutoscaler(options);
}

interface Scaled {
  target: number;
  /** `spec.replicas` when it was looked at last. */
  seenReplicas: number;
  changedMs: number;
  history: readonly Recommendation[];
  drain: { readonly pod: string; readonly sinceMs: number } | undefined;
}

class RunningAutoscaler implements Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #scaled = new Map<string, Scaled>();
  readonly #listeners = new Set<(change: { readonly workload: string; readonly reason: string }) => void>();
  readonly stop: () => void;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
    this.stop = options.flowHealth.onRound(() => this.#look());
    this.#look();
  }

  replicas(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#scaled].map(([name, { target }]) => [name, target]));
  }

  draining(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      [...this.#scaled].flatMap(([name, { drain }]) => (drain === undefined ? [] : [[name, [drain.pod]]])),
    );
  }

  onChange(listener: (change: { readonly workload: string; readonly reason: string }) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #look(): void {
    const workloads = this.#options.workloads();
    const names = new Set(workloads.map(({ name }) => name));
    for (const name of this.#scaled.keys()) if (!names.has(name)) this.#scaled.delete(name);
    for (const workload of workloads) this.#lookAt(workload);
  }

  #lookAt(workload: ScaledWorkload): void {
    const { name, minReplicas, currentReplicas: current = minReplicas } = workload;
    const nowMs = this.#options.clock.nowMs();
    const scaled = this.#scaled.get(name) ?? begin(current, nowMs);
    this.#scaled.set(name, scaled);
    if (current !== scaled.seenReplicas) {
      // Somebody did it, this autoscaler or a person: what was seen before stands for another number.
      Object.assign(scaled, { ...begin(current, nowMs), drain: undefined });
    }
    // What was decided is not there yet.
    if (scaled.target !== current) return;
    const samples = this.#options.flowHealth.samplesOf(name);
    const load = loadOf(samples, workload, nowMs);
    // Who does not answer may be the busiest: nothing is recommended without all of them.
    if (load !== undefined && load.podCount >= current) {
      const kept = scaled.history.filter(({ atMs }) => nowMs - atMs <= 2 * DOWN_AFTER_MS);
      scaled.history = [...kept, recommend(load, current, nowMs)];
    }
    const { changedMs, history } = scaled;
    const decision = decideReplicas(history, { ...workload, current, nowMs, changedMs });
    if (decision.replicas < current && workload.volumes !== undefined) {
      this.#drain(workload, scaled, { current, nowMs, reason: decision.reason });
    } else if (decision.replicas !== current) {
      this.#change(name, scaled, { target: decision.replicas, drain: undefined, reason: decision.reason });
    } else if (scaled.drain !== undefined && (history.at(-1)?.replicas ?? 0) >= current) {
      this.#change(name, scaled, { target: current, drain: undefined, reason: 'it is needed after all' });
    } else if (scaled.drain !== undefined && workload.volumes !== undefined) {
      this.#drain(workload, scaled, { current, nowMs, reason: 'fewer replicas do' });
    }
  }

  /** Out of the Service first, then empty, then away: a volume that is left behind holds data that nobody sends. */
  #drain(
    { name, volumes }: ScaledWorkload,
    scaled: Scaled,
    { current, nowMs, reason }: { readonly current: number; readonly nowMs: number; readonly reason: string },
  ): void {
    const pod = volumes!.podOf(current - 1);
    if (scaled.drain?.pod !== pod) {
      this.#change(name, scaled, {
        target: current,
        drain: { pod, sinceMs: nowMs },
        reason: `${reason}; ${pod} is emptied`,
      });
      return;
    }
    const samples = this.#options.flowHealth.samplesOf(name)[pod] ?? [];
    if (!isEmpty(samples, scaled.drain.sinceMs, nowMs)) return;
    this.#change(name, scaled, { target: current - 1, drain: scaled.drain, reason: `${pod} is empty` });
  }

  #change(
    workload: string,
    scaled: Scaled,
    { target, drain, reason }: Pick<Scaled, 'target' | 'drain'> & { readonly reason: string },
  ): void {
    scaled.target = target;
    scaled.drain = drain;
    for (const listener of this.#listeners) listener({ workload, reason });
  }
}

function begin(current: number, nowMs: number): Omit<Scaled, 'drain'> & { drain: undefined } {
  return { target: current, seenReplicas: current, changedMs: nowMs, history: [], drain: undefined };
}
