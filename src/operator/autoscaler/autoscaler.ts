import type { Clock } from '../../lib/index.ts';
import type { FlowHealth } from '../flow-health/flow-health.ts';

/** A workload with `scaling.type: Auto`. */
export interface ScaledWorkload {
  /** Name in the topology, as the flow health knows it: `trace-gateway`. */
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** `spec.replicas` as it is now; undefined while the workload does not exist. */
  readonly currentReplicas: number | undefined;
  /** Cores a replica may use: its limit, or else its request. */
  readonly cpuCores: number;
  /** Memory beyond which a replica refuses its senders. */
  readonly softLimitBytes: number;
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
