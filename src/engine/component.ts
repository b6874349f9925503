import type { TSchema } from 'typebox';
import type { Clock, MetricsRegistry } from '../lib/index.ts';
import type { ComponentConfig, ComponentId } from '../otelcol/index.ts';
import type { ExportOutcome } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import type { Batch } from './batch.ts';
import type { QueueSettings } from './queue/settings.ts';
import type { RetrySettings } from './exporter/settings.ts';

/** Where the engine tells of changes of its state: the message is constant, data are fields. */
export interface EngineLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The world, as components see it. */
export interface EngineDeps {
  readonly clock: Clock;
  /** Numbers in [0, 1); jitter is the only use. */
  random(): number;
  readonly metrics: MetricsRegistry;
  readonly log: EngineLog;
}

/** What a component's factory gets beside its settings. */
export interface ComponentContext {
  readonly id: ComponentId;
  readonly deps: EngineDeps;
}

export interface ExporterContext extends ComponentContext {
  readonly signal: Signal;
  /** Where the debug exporter writes. */
  stdout(text: string): void;
}

/** A type of exporter: its settings and how one is made. Queue, retry, timeout, ledger and metrics are the engine's. */
export interface ExporterFactory {
  /** Settings in the Collector's spelling, `additionalProperties: false`. */
  readonly schema: TSchema;
  /** Called once per exporter and signal, with settings that passed the schema. */
  create(settings: ComponentConfig, context: ExporterContext): Exporter;
}

/** What is particular to one exporter. */
export interface Exporter {
  /** Where it sends to, for people; never holds a credential. */
  readonly destination: string;
  /** Absent: no queue, the sender waits for the outcome. */
  readonly queue?: QueueSettings;
  /** Absent: the first failure is final. */
  readonly retry?: RetrySettings;
  /** Limit of one try; absent or 0: none. */
  readonly timeoutMs?: number;
  start?(): Promise<void>;
  /** One try. Failures are values; rejects only with the abort reason. Synchronous where it can be. */
  send(batch: Batch, options: { readonly signal: AbortSignal }): ExportOutcome | Promise<ExportOutcome>;
  /** Called after the last `send` has settled. */
  shutdown?(): Promise<void>;
}
