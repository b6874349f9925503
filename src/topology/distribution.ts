import type { ExporterNode } from '../pipeline/index.ts';

/** The programs that can run a workload: the stock Collector, and the engine. */
export type DistributionName = 'otelcol' | 'sluice';

/** What not every program that speaks OTLP can do. */
export type Feature =
  | 'enrichment'
  | 'disk-queue'
  | 'refusing-queue'
  | 'remote-write-2.0'
  | 'remote-write-retries'
  | 'oauth2'
  | 'ca'
  | 'client-certificate';

/** What a distribution can do and what it costs. A capability it lacks is an issue of the pipeline that asks for it. */
export interface Distribution {
  readonly name: DistributionName;
  /** In messages. */
  readonly title: string;
  readonly exporters: readonly ExporterNode['type'][];
  readonly features: readonly Feature[];
  readonly memory: {
    /** Share of the cap that data may fill before senders are refused. */
    readonly softLimitShare: number;
    readonly baseBytes: number;
    readonly inFlightBytes: number;
    /** An item in a stock Collector's queue is objects, about five times its wire bytes; the engine's queues hold wire bytes. */
    readonly queueFactor: number;
  };
}

const MIB = 1024 * 1024;

export const DISTRIBUTIONS = {
  otelcol: {
    name: 'otelcol',
    title: 'the OpenTelemetry Collector',
    exporters: ['otlp', 'prometheusRemoteWrite', 'stdout', 'file'],
    features: ['enrichment', 'disk-queue', 'refusing-queue', 'oauth2', 'ca', 'client-certificate'],
    memory: { softLimitShare: 0.65, baseBytes: 64 * MIB, inFlightBytes: 80 * MIB, queueFactor: 5 },
  },
  sluice: {
    name: 'sluice',
    title: "Sluice's engine",
    exporters: ['otlp', 'prometheusRemoteWrite', 'stdout', 'file', 'viewer'],
    features: ['remote-write-2.0', 'remote-write-retries', 'oauth2', 'ca', 'client-certificate'],
    memory: { softLimitShare: 0.65, baseBytes: 96 * MIB, inFlightBytes: 48 * MIB, queueFactor: 1 },
  },
} as const satisfies Record<DistributionName, Distribution>;
