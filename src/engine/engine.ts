import type { Issue } from '../diagnostics/index.ts';
import { type EngineSnapshot, sumRows } from '../flow/index.ts';
import { CodedError } from '../lib/index.ts';
import { type ComponentConfig, type ComponentId, componentType, type OtelcolConfig } from '../otelcol/index.ts';
import type { IngestAttempt } from '../otlp/index.ts';
import { SIGNALS, type Signal } from '../pdata/index.ts';
import type { Consumer } from './batch.ts';
import { checkConfig } from './check/check-config.ts';
import type { EngineDeps, EngineListener, ExporterFactory, Extension, Receiver } from './component.ts';
import { builtIn, type Registry } from './registry.ts';
import { createEntry } from './service/entry.ts';
import { buildGraph, type Graph } from './service/graph.ts';
import { startAll, stopAll } from './service/lifecycle.ts';
import { atLevel } from './service/log-level.ts';
import { tuneGarbageCollector } from './service/process-tuning.ts';
import { createMetricsEndpoint, observeLedger, observeProcess } from './service/self-telemetry.ts';
import { parseTelemetry, telemetrySpec } from './service/telemetry-settings.ts';
import { settingsOf } from './settings/normalise.ts';

export interface EngineOptions {
  /** Exporter types beside the built-in ones, by type name. */
  readonly exporters?: Readonly<Record<string, ExporterFactory>>;
  /** Hears of every request and every connection that failed before it became one. */
  onAttempt?(attempt: IngestAttempt): void;
  /** Where the debug exporter writes; by default the log. */
  stdout?(text: string): void;
  /** A sentence for senders whose data was accepted, such as that no pipeline of theirs delivers it anywhere. */
  advise?(signal: Signal): string | undefined;
}

/** A Collector configuration that runs, or did, or will. */
export interface Engine {
  /** Opens exporters first and receivers last, and tunes this process's garbage collector for the work. When something cannot start it rejects with its error and leaves nothing running. */
  start(): Promise<{ readonly listeners: readonly EngineListener[] }>;
  /** Stops taking data, flushes, and counts what is not delivered within `graceMs` as dropped. Idempotent. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
  snapshot(): EngineSnapshot;
  /**
   * Runs `config` instead, restarting only what it changes; no item is lost by it. Rejects with CodedError `invalid_config`
   * or the error of a listener, and then everything runs as before.
   */
  reload(config: OtelcolConfig): Promise<ReloadReport>;
}

export interface ReloadReport {
  /** All addresses the engine listens on now. */
  readonly listeners: readonly EngineListener[];
  /** Component ids; one that was replaced stands in both lists. */
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** How many components went on as they were. */
  readonly kept: number;
}

/** Every component, key, value or reference the engine cannot execute; empty when it can execute all of it. */
export function checkEngineConfig(config: OtelcolConfig, options: EngineOptions = {}): Issue[] {
  return checkConfig(config, registryOf(options));
}

/** Builds the graph; opens nothing. Throws CodedError `invalid_config` when checkEngineConfig finds an error. */
export function createEngine(config: OtelcolConfig, deps: EngineDeps, options: EngineOptions = {}): Engine {
  const errors = checkEngineConfig(config, options).filter((issue) => issue.severity === 'error');
  if (errors.length > 0) {
    throw new CodedError('invalid_config', errors.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  }
  return new RunningConfig(config, deps, options);
}

function registryOf(options: EngineOptions): Registry {
  return { ...builtIn, exporters: { ...builtIn.exporters, ...options.exporters } };
}

class RunningConfig implements Engine {
  readonly #deps: EngineDeps;
  readonly #graph: Graph;
  readonly #receivers: readonly Receiver[];
  readonly #extensions: readonly Extension[];
  readonly #named = new Map<ComponentId, Extension>();
  readonly #offered: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };
  #ready = false;
  #stopped: Promise<void> | undefined;

  constructor(config: OtelcolConfig, deps: EngineDeps, options: EngineOptions) {
    const registry = registryOf(options);
    const telemetry = parseTelemetry(settingsOf(config.service.telemetry, telemetrySpec.schema));
    this.#deps = { ...deps, log: atLevel(deps.log, telemetry.logLevel) };
    const stdout = options.stdout ?? ((text: string) => this.#deps.log.info('debug exporter', { text }));
    for (const id of config.service.extensions) this.#named.set(id, this.#createExtension(config, registry, id));
    this.#extensions = [
      ...telemetry.metricsAddresses.map((address) => createMetricsEndpoint(deps.metrics, address)),
      ...this.#named.values(),
    ];
    const credentials = (id: ComponentId) => this.#named.get(id)?.credentials;
    this.#graph = buildGraph(config, { deps: this.#deps, registry, stdout, credentials });
    this.#receivers = this.#createReceivers(config, registry, options);
    observeProcess(this.#deps);
    observeLedger(deps.metrics, this.#graph.pipelines);
  }

  async start(): Promise<{ readonly listeners: readonly EngineListener[] }> {
    tuneGarbageCollector();
    try {
      const listeners = await startAll(this.#parts());
      this.#ready = true;
      return { listeners };
    } catch (error) {
      await this.shutdown({ graceMs: 0 });
      throw error;
    }
  }

  shutdown({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#ready = false;
    this.#stopped ??= stopAll(this.#parts(), { graceMs, clock: this.#deps.clock });
    return this.#stopped;
  }

  reload(): Promise<ReloadReport> {
    return Promise.reject(new CodedError('invalid_config', 'this engine cannot change its configuration yet'));
  }

  snapshot(): EngineSnapshot {
    const pipelines = this.#graph.pipelines
      .filter((pipeline) => pipeline.outputs.length > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, signal, outputs }) => {
        const accounts = outputs.map((output) => output.account);
        const newest = (times: (number | undefined)[]) =>
          Math.max(...times.map((ms) => ms ?? Number.NEGATIVE_INFINITY));
        const lastReceivedMs = newest(accounts.map((account) => account.lastReceivedMs));
        const lastDeliveredMs = newest(accounts.map((account) => account.lastDeliveredMs));
        return {
          id,
          signal,
          ledger: sumRows(accounts),
          exporters: outputs.map(({ exporter, account }) => ({ ...exporter.snapshot(), ledger: account.row() })),
          ...(Number.isFinite(lastReceivedMs) && { lastReceivedMs }),
          ...(Number.isFinite(lastDeliveredMs) && { lastDeliveredMs }),
        };
      });
    return { takenAtMs: this.#deps.clock.nowMs(), offered: { ...this.#offered }, pipelines };
  }

  #parts() {
    return { graph: this.#graph, receivers: this.#receivers, extensions: this.#extensions };
  }

  /** As in the Collector, a receiver that no pipeline names is not started. */
  #createReceivers(config: OtelcolConfig, registry: Registry, { onAttempt, advise }: EngineOptions): Receiver[] {
    const receivers: Receiver[] = [];
    for (const [id, settings] of Object.entries(config.receivers) as [ComponentId, ComponentConfig][]) {
      const fed = this.#graph.entriesOf(id);
      const entries: Partial<Record<Signal, Consumer>> = {};
      for (const signal of SIGNALS) {
        const pipelines = fed[signal];
        if (pipelines !== undefined) {
          entries[signal] = createEntry(pipelines, { clock: this.#deps.clock, offered: this.#offered });
        }
      }
      if (Object.keys(entries).length === 0) continue;
      const factory = registry.receivers[componentType(id)]!;
      receivers.push(
        factory.create(settingsOf(settings, factory.schema), {
          id,
          deps: this.#deps,
          entries,
          onAttempt,
          advise,
          authenticate: (extension) => this.#named.get(extension)?.authenticate,
        }),
      );
    }
    return receivers;
  }

  #createExtension(config: OtelcolConfig, registry: Registry, id: ComponentId): Extension {
    const factory = registry.extensions[componentType(id)]!;
    const settings = settingsOf(config.extensions[id], factory.schema);
    return factory.create(settings, { id, deps: this.#deps, ready: () => this.#ready });
  }
}
