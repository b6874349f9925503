import type { Issue } from '../diagnostics/index.ts';
import type { EngineSnapshot } from '../flow/index.ts';
import type { OtelcolConfig } from '../otelcol/index.ts';
import type { IngestAttempt } from '../otlp/index.ts';
import type { EngineDeps, ExporterFactory } from './component.ts';

export interface EngineOptions {
  /** Exporter types beside the built-in ones, by type name. */
  readonly exporters?: Readonly<Record<string, ExporterFactory>>;
  /** Hears of every request and every connection that failed before it became one. */
  onAttempt?(attempt: IngestAttempt): void;
  /** Where the debug exporter writes; by default the log. */
  stdout?(text: string): void;
}

/** An address the engine listens on; `port` is the real one where the configuration said 0. */
export interface EngineListener {
  readonly component: string;
  /** `grpc`, `http` (both speak both), `metrics` or `health`. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
}

/** A running Collector configuration. */
export interface Engine {
  /** Opens exporters first and receivers last. Rejects with a CodedError when something cannot start; nothing is left running then. */
  start(): Promise<{ readonly listeners: readonly EngineListener[] }>;
  /** Stops taking data, flushes, and counts what is not delivered within `graceMs` as dropped. Idempotent. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
  snapshot(): EngineSnapshot;
}

/** Every component, key, value or reference the engine cannot execute; empty when it can execute all of it. */
export declare function checkEngineConfig(config: OtelcolConfig, options?: EngineOptions): Issue[];

/** Builds the graph; opens nothing. Throws CodedError `invalid_config` when checkEngineConfig finds an error. */
export declare function createEngine(config: OtelcolConfig, deps: EngineDeps, options?: EngineOptions): Engine;
