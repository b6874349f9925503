import type { EngineLog, ExporterFactory } from '../../engine/index.ts';
import type { EngineSnapshot } from '../../flow/index.ts';
import type { IngestAttempt } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { MachineFolder, RenderedConfig } from '../../render/index.ts';
import type { ServerProcess } from '../../server/index.ts';
import type { Topology } from '../../topology/index.ts';
import type { Ports } from './up-flags.ts';

/** Sentences for senders whose data nothing of the user's takes, by signal. */
export type Advice = Readonly<Partial<Record<Signal, string>>>;

/** What is to run. */
export interface Target {
  readonly topology: Topology;
  readonly advice: Advice;
}

export interface DeploymentOptions {
  readonly host: string;
  readonly ports: Pick<Ports, 'grpc' | 'http'>;
  /** Where queues on disk and dead letters are; absolute. */
  readonly stateFolder: MachineFolder;
  readonly log: EngineLog;
  /** Commands that help when a port is taken. */
  readonly portWays: readonly string[];
  /** The exporter type of the viewer. */
  readonly viewerExporter: ExporterFactory;
  onAttempt(attempt: IngestAttempt): void;
  /** What pipelines print. */
  stdout(text: string): void;
}

/** What runs the pipelines: one engine in this process, or a process for every workload. */
export interface Deployment {
  /** Where senders reach it. */
  readonly ports: Pick<Ports, 'grpc' | 'http'>;
  /** The configurations that run, in the order of the topology. */
  readonly rendered: readonly RenderedConfig[];
  /** Over all processes, a row for each pipeline however many it passes. */
  snapshot(): EngineSnapshot;
  /** Absent where everything runs in this process. */
  processes?(): readonly ServerProcess[];
  /** Self-metrics of all processes in Prometheus' text format. */
  metrics(): string;
  /** Runs something else instead; what does not change is not touched. Rejects when that is refused: all runs as before. */
  reload(target: Target): Promise<void>;
  /** Takes nothing more and delivers what is queued, within the time given. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
}

/** Pages on this machine may send: a browser asks for that. */
export const LOCAL_ORIGINS: readonly string[] = [
  'http://localhost:*',
  'http://127.0.0.1:*',
  'https://localhost:*',
  'https://127.0.0.1:*',
];
