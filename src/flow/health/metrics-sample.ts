import type { Signal } from '../../pdata/index.ts';

/** Counters and queue of one exporter of one process; counters are in items and begin at 0 with the process. */
export interface ExporterFigures {
  readonly sent: number;
  readonly sendFailed: number;
  readonly enqueueFailed: number;
  /** In the unit of the queue: bytes, or requests for remote write. What is being sent counts as queued. */
  readonly queueSize: number;
  /** 0 when the exporter has no queue. */
  readonly queueCapacity: number;
  /** Above 0: its queue on disk may hold what it does not tell of, as part of it could not be read or the disk fails. */
  readonly diskTrouble?: number;
  /** Above 0: the disk of its queue takes nothing now. */
  readonly diskFailing?: number;
  /** What it keeps on disk of what its backend rejected for good; 0 or absent: nothing. */
  readonly deadLetterBytes?: number;
}

/** What came in of one signal, over all receivers of a process; items since the process began. */
export interface IntakeFigures {
  readonly accepted: number;
  /** Answered with an error, so that senders may try again. */
  readonly refused: number;
  /** The part that the memory limiter refused. */
  readonly refusedByLimiter: number;
}

/** Counters of one output of Fluent Bit. */
export interface FluentBitOutputFigures {
  readonly sentRecords: number;
  readonly sentBytes: number;
  readonly droppedRecords: number;
  readonly retries: number;
  readonly retriesFailed: number;
  readonly errors: number;
  /** Room that is left in its buffer; undefined where it has no limit of its own. */
  readonly freePercent?: number;
}

/** Counters of one input of Fluent Bit. */
export interface FluentBitInputFigures {
  readonly bytes: number;
  /** Chunks that wait on disk alone. */
  readonly chunksDown: number;
}

/** What the process itself uses. */
export interface ProcessFigures {
  /** Since it began; undefined where it is not told. */
  readonly uptimeSeconds?: number;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/**
 * What the metrics of one Pod said at one moment. A series that is not there counts as 0: a Collector shows many only after
 * they counted.
 */
export interface MetricsSample {
  /** Wall clock, ms. */
  readonly atMs: number;
  /** By id of the exporter: `otlp_grpc/tracepipeline-jaeger`. */
  readonly exporters: Readonly<Record<string, ExporterFigures>>;
  readonly intake: Readonly<Partial<Record<Signal, IntakeFigures>>>;
  readonly usage: ProcessFigures;
  /** By alias, which is the key of a pipeline; only of a Fluent Bit. */
  readonly fluentBit?: {
    readonly outputs: Readonly<Record<string, FluentBitOutputFigures>>;
    readonly inputs: Readonly<Record<string, FluentBitInputFigures>>;
  };
}
