import type { TopologyType } from '../topology/index.ts';

/** The program that runs the gateways. */
export type RunnerName = 'engine' | 'otelcol';

/** Where gateways run: as processes of this machine, or in the Pods that Sluice makes of pipelines in a cluster. */
export type Place = 'processes' | 'cluster';

/** What a backend does from the start of the measurement on; the words are those of `sluice sink --mode`. */
export interface Backend {
  /** One pipeline each: `healthy`, `dead`. */
  readonly name: string;
  readonly signal: 'traces' | 'metrics' | 'logs';
  readonly mode: string;
}

export interface Load {
  readonly signal: 'traces' | 'metrics' | 'logs';
  /** The words of `sluice gen --shape`. */
  readonly shape: string;
  readonly itemsPerRequest: number;
  /** Of all senders together; 0: as fast as answers come. */
  readonly itemsPerSecond: number;
  /** Refused requests are sent again, as SDKs do; otherwise the first answer counts. */
  readonly retry?: boolean;
}

/** Something that happens during the measurement. */
export interface Fault {
  readonly afterMs: number;
  readonly kind: 'kill' | 'restart' | 'reload' | 'backend' | 'fill-disk' | 'free-disk' | 'squeeze-memory';
  /** A workload, or the name of a backend. */
  readonly target: string;
  /** With `backend`: its new mode. */
  readonly mode?: string;
}

/** One measurement: everything needed to repeat it. */
export interface RunPlan {
  readonly runner: RunnerName;
  /** Absent: processes. */
  readonly place?: Place;
  readonly topology: TopologyType;
  /** A named set of collector settings: `sluice`, `upstream`, `file-storage`. */
  readonly settings: string;
  readonly replicas: number;
  /** Of each gateway. */
  readonly memoryBytes: number;
  /** Of the queue of each pipeline; absent: what Sluice renders by itself. */
  readonly queueBytes?: number;
  /** What waits for each backend that does not accept, before the measurement begins. */
  readonly backlogBytes?: number;
  /** CPU that each process may use, in cores; absent: as much as there is. */
  readonly coresEach?: number;
  readonly backends: readonly Backend[];
  readonly load: readonly Load[];
  readonly faults: readonly Fault[];
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly seed: number;
}

/** Does the ledger of the run balance: everything acknowledged is delivered, queued, or dropped with a cause. */
export interface LedgerCheck {
  readonly balanced: boolean;
  /** Items. */
  readonly acknowledged: number;
  readonly unaccounted: number;
  /** Items that a pipeline still held when the measurement ended; estimated from bytes where the program counts those alone. */
  readonly queued: number;
  /** What nobody can say: held by a killed process, or swallowed where the program does not count. Never guessed into another figure. */
  readonly unknown: number;
  readonly lossByCause: Readonly<Record<string, number>>;
}

export interface RunResult {
  /** By name of the figure, whose unit its name ends in: `goodput_percent`, `rss_peak_mib`, `p99_ms`. */
  readonly figures: Readonly<Record<string, number>>;
  /** Names of figures whose true value is higher, as the measurement ended before they did; absent: none. */
  readonly censored?: readonly string[];
  /** Figures over time, for pictures: one value a second. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  readonly ledger: LedgerCheck;
}

/** Carries out one measurement: starts processes, loads them, ends them. Rejects when it could not be carried out. */
export interface Runner {
  run(plan: RunPlan, options: { readonly signal: AbortSignal; say(line: string): void }): Promise<RunResult>;
}
