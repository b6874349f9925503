import type { ExporterNode, PipelineGraph } from '../pipeline/index.ts';

/** The programs that can run a workload: the stock Collector, and the engine. */
export type DistributionName = 'otelcol' | 'sluice';

/**
 * Which program runs what takes data from senders. `auto`: the stock Collector, and the engine for each workload that holds the
 * queue of an AtLeastOnce pipeline, as only the engine keeps such a queue apart from its siblings'.
 */
export type DistributionChoice = DistributionName | 'auto';

/** What not every program that speaks OTLP can do. */
export type Feature =
  | 'drop-oldest'
  | 'max-age'
  | 'dropping-guarantee'
  | 'remote-write-queue'
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
    /** More of it where the program watches the Pods of a cluster, as far as that was measured. */
    readonly enrichmentBytes: number;
    readonly inFlightBytes: number;
    /** An item in a stock Collector's queue is objects, about five times its wire bytes; the engine's queues hold wire bytes. */
    readonly queueFactor: number;
    readonly diskQueue: DiskQueueCost;
  };
  /** Bytes of a volume for queues on disk. */
  readonly volume: {
    readonly factor: number;
    readonly leastBytes: number;
  };
}

/** What a queue on disk takes of the memory. */
export interface DiskQueueCost {
  /** What is being written, read and sent, whatever the queue holds. */
  readonly windowBytes: number;
  /** Bytes on disk for which one byte of a list is in memory; absent: there is no such list. */
  readonly bytesPerListByte?: number;
}

const MIB = 1024 * 1024;

export const DISTRIBUTIONS = {
  otelcol: {
    name: 'otelcol',
    title: 'the OpenTelemetry Collector',
    exporters: ['otlp', 'prometheusRemoteWrite', 'stdout', 'file'],
    features: ['oauth2', 'ca', 'client-certificate'],
    memory: {
      softLimitShare: 0.65,
      baseBytes: 64 * MIB,
      enrichmentBytes: 0,
      inFlightBytes: 80 * MIB,
      queueFactor: 5,
      // Four requests of at most 4 MB, or one as large as the edge lets in, as objects; and the storage's list of free pages.
      // Pages of its file that are mapped are the kernel's to take back, and count for nobody.
      diskQueue: { windowBytes: 5 * 16 * MIB, bytesPerListByte: 64 },
    },
    // A tree of pages of 4 KiB, about half full in the worst case, that needs free pages even to remove something: a full
    // volume would stand still. Its file grows in steps of 16 MiB.
    volume: { factor: 2, leastBytes: 64 * MIB },
  },
  sluice: {
    name: 'sluice',
    title: "Sluice's engine",
    exporters: ['otlp', 'prometheusRemoteWrite', 'stdout', 'file', 'viewer'],
    features: [
      'drop-oldest',
      'max-age',
      'dropping-guarantee',
      'remote-write-queue',
      'remote-write-2.0',
      'remote-write-retries',
      'oauth2',
      'ca',
      'client-certificate',
    ],
    memory: {
      softLimitShare: 0.65,
      baseBytes: 96 * MIB,
      // With 9,000 Pods of about 5 kB.
      enrichmentBytes: 136 * MIB,
      inFlightBytes: 48 * MIB,
      queueFactor: 1,
      // A request counts at least 800 bytes against the size of a queue, and takes 25 of the list.
      diskQueue: { windowBytes: 24 * MIB, bytesPerListByte: 32 },
    },
    // Its limit is that of its files; dead letters, and what a file system keeps for itself.
    volume: { factor: 1.1, leastBytes: 128 * MIB },
  },
} as const satisfies Record<DistributionName, Distribution>;

/** What is acknowledged is in the queue of this pipeline until it is delivered. */
export function isDurable({ queue }: Pick<PipelineGraph, 'queue'>): boolean {
  return queue?.guarantee !== undefined;
}

/** The program of a workload that holds the queues of these pipelines. */
export function distributionFor(graphs: readonly PipelineGraph[], choice: DistributionChoice): Distribution {
  if (choice !== 'auto') return DISTRIBUTIONS[choice];
  return graphs.some(isDurable) ? DISTRIBUTIONS.sluice : DISTRIBUTIONS.otelcol;
}
