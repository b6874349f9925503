import type { Issue } from '../diagnostics/index.ts';
import type { EngineSnapshot } from '../flow/index.ts';
import { CodedError } from '../lib/index.ts';
import type { OtelcolConfig } from '../otelcol/index.ts';
import type { IngestAttempt } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import { Admission } from './admission/admission.ts';
import { checkConfig } from './check/check-config.ts';
import type { EngineDeps, EngineListener, ExporterFactory } from './component.ts';
import { nodeFiles, openDiskQueue } from './queue/disk/index.ts';
import { builtIn, type Registry } from './registry.ts';
import { Books } from './service/books.ts';
import { ExporterPool } from './service/exporter-pool.ts';
import { atLevel } from './service/log-level.ts';
import { NOTHING, type Plan, type PlanOptions, planConfig } from './service/plan.ts';
import { tuneGarbageCollector } from './service/process-tuning.ts';
import { Reloader } from './service/reload.ts';
import { Retries } from './service/retries.ts';
import { observeProcess } from './service/self-telemetry.ts';
import type { LogLevel } from './service/telemetry-settings.ts';

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
  assertExecutable(config, options);
  return new RunningConfig(config, deps, options);
}

function assertExecutable(config: OtelcolConfig, options: EngineOptions): void {
  const errors = checkEngineConfig(config, options).filter((issue) => issue.severity === 'error');
  if (errors.length === 0) return;
  throw new CodedError('invalid_config', errors.map(({ code, message }) => `${code}: ${message}`).join('\n'));
}

function registryOf(options: EngineOptions): Registry {
  return { ...builtIn, exporters: { ...builtIn.exporters, ...options.exporters } };
}

class RunningConfig implements Engine {
  readonly #log: EngineDeps['log'];
  readonly #options: EngineOptions;
  readonly #planOptions: PlanOptions;
  readonly #reloader: Reloader;
  #planned: Plan;
  #ready = false;
  /** The last start or reload; they come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(config: OtelcolConfig, world: EngineDeps, options: EngineOptions) {
    const deps = { ...world, log: atLevel(world.log, () => this.#logLevel()) };
    const stdout = options.stdout ?? ((text: string) => deps.log.info('debug exporter', { text }));
    const pool = new ExporterPool({ deps, stdout, openQueue: openDiskQueue, files: nodeFiles });
    const books = new Books(deps.metrics);
    const retries = new Retries(deps);
    const admission = new Admission(deps);
    this.#log = deps.log;
    this.#options = options;
    this.#reloader = new Reloader({ deps, pool, books, retries, admission });
    this.#planOptions = {
      deps,
      pool,
      books,
      retries,
      admission,
      registry: registryOf(options),
      ready: () => this.#ready,
      extension: (id) => this.#reloader.extension(id),
      onAttempt: options.onAttempt,
      advise: options.advise,
    };
    this.#planned = NOTHING;
    this.#planned = planConfig(config, NOTHING, this.#planOptions);
    observeProcess(deps);
  }

  async start(): Promise<{ readonly listeners: readonly EngineListener[] }> {
    tuneGarbageCollector();
    try {
      const { listeners } = await this.#inTurn(() => this.#reloader.run(this.#planned));
      this.#ready = this.#stopped === undefined;
      void this.#planOptions.pool.lookForUnowned();
      return { listeners };
    } catch (error) {
      await this.shutdown({ graceMs: 0 });
      throw error;
    }
  }

  reload(config: OtelcolConfig): Promise<ReloadReport> {
    return this.#inTurn(async () => {
      if (!this.#ready) throw new CodedError('not_running', 'the engine does not run');
      assertExecutable(config, this.#options);
      const begunMs = performance.now();
      const plan = planConfig(config, this.#reloader.running, this.#planOptions);
      const report = await this.#reloader.run(plan);
      this.#planned = plan;
      const { started, stopped, kept } = report;
      this.#log.info('configuration reloaded', { started, stopped, kept, ms: Math.round(performance.now() - begunMs) });
      return report;
    });
  }

  shutdown({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#ready = false;
    this.#reloader.stop();
    this.#stopped ??= this.#inTurn(() => this.#reloader.shutdown(graceMs));
    return this.#stopped;
  }

  snapshot(): EngineSnapshot {
    return this.#reloader.snapshot();
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run, run);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #logLevel(): LogLevel {
    const { running } = this.#reloader;
    return (running === NOTHING ? this.#planned : running).logLevel;
  }
}
