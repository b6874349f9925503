import { CodedError } from '../../lib/index.ts';
import {
  type ComponentConfig,
  type ComponentId,
  componentId,
  componentType,
  type OtelcolConfig,
  type PipelineId,
} from '../../otelcol/index.ts';
import type { Authenticate, IngestAttempt, RequestCredentials } from '../../otlp/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Admission } from '../admission/admission.ts';
import { type AdmissionSettings, defaultAdmission } from '../admission/settings.ts';
import type { Connector, EngineDeps, Extension, ProcessorInstance, Receiver } from '../component.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import type { Registry } from '../registry.ts';
import { settingsOf } from '../settings/normalise.ts';
import { storageReference } from '../settings/queue.ts';
import type { Books } from './books.ts';
import { type Component, keepOrMake, Opening } from './component.ts';
import { discardExporters, type ExporterPlan, type ExporterPool } from './exporter-pool.ts';
import { buildGraph, EMPTY_GRAPH, type Graph } from './graph.ts';
import { Inlets } from './inlets.ts';
import type { Retries } from './retries.ts';
import { createMetricsEndpoint } from './self-telemetry.ts';
import { type LogLevel, parseTelemetry, telemetrySpec } from './telemetry-settings.ts';

/** A receiver, and where it hands data over: all instances of one id, one after the other, have the same inlets. */
export interface ReceiverPart {
  readonly opening: Opening<Receiver>;
  readonly inlets: Inlets;
  readonly signals: readonly Signal[];
}

/** All components of one configuration. Those equal to what runs are what runs. */
export interface Plan {
  readonly logLevel: LogLevel;
  readonly endpoints: ReadonlyMap<string, Opening>;
  readonly extensions: ReadonlyMap<ComponentId, Opening<Extension>>;
  readonly processors: ReadonlyMap<ComponentId, Component<ProcessorInstance>>;
  readonly connectors: ReadonlyMap<string, Component<Connector>>;
  readonly receivers: ReadonlyMap<ComponentId, ReceiverPart>;
  readonly exporters: Pick<ExporterPlan, 'slots' | 'made'>;
  readonly graph: Graph;
  /** How senders share what is limited. */
  readonly admission: AdmissionSettings;
}

export const NOTHING: Plan = {
  logLevel: 'info',
  endpoints: new Map(),
  extensions: new Map(),
  processors: new Map(),
  connectors: new Map(),
  receivers: new Map(),
  exporters: { slots: [], made: [] },
  graph: EMPTY_GRAPH,
  admission: defaultAdmission,
};

export interface PlanOptions {
  readonly deps: EngineDeps;
  readonly registry: Registry;
  readonly pool: ExporterPool;
  readonly books: Books;
  readonly retries: Retries;
  readonly admission: Admission;
  ready(): boolean;
  /** The extension of an id that runs at the moment of the call. */
  extension(id: ComponentId): Extension | undefined;
  onAttempt: ((attempt: IngestAttempt) => void) | undefined;
  advise: ((signal: Signal) => string | undefined) | undefined;
}

/** Opens nothing and changes nothing that runs. Throws what a component throws at settings that its check let pass. */
export function planConfig(config: OtelcolConfig, running: Plan, options: PlanOptions): Plan {
  const planner = new Planner(config, running, options);
  try {
    return planner.plan();
  } catch (error) {
    planner.discard();
    throw error;
  }
}

class Planner {
  readonly #config: OtelcolConfig;
  readonly #running: Plan;
  readonly #options: PlanOptions;
  readonly #extensions = new Map<ComponentId, Opening<Extension>>();
  readonly #processors = new Map<ComponentId, Component<ProcessorInstance>>();
  readonly #connectors = new Map<string, Component<Connector>>();
  readonly #exporters: ExporterPlan;
  /** These two go into components, which outlive the plan: they must not hold it. */
  readonly #credentials: (id: ComponentId) => RequestCredentials | undefined;
  readonly #authenticate: (id: ComponentId) => Authenticate | undefined;

  constructor(config: OtelcolConfig, running: Plan, options: PlanOptions) {
    this.#config = config;
    this.#running = running;
    this.#options = options;
    this.#exporters = options.pool.plan();
    const planned = this.#extensions;
    const current: Current = (id) => options.extension(id) ?? planned.get(id)?.made;
    this.#credentials = (id) =>
      planned.get(id)?.made.credentials === undefined ? undefined : currentCredentials(id, current);
    this.#authenticate = (id) =>
      planned.get(id)?.made.authenticate === undefined ? undefined : currentCheck(id, current);
  }

  plan(): Plan {
    const { service } = this.#config;
    const telemetry = parseTelemetry(settingsOf(service.telemetry, telemetrySpec.schema));
    for (const id of service.extensions) this.#extensions.set(id, this.#extension(id));
    const { deps, books, retries, admission } = this.#options;
    const graph = buildGraph(this.#config, {
      deps,
      books,
      retries,
      admission,
      running: this.#running.graph,
      processor: (id) => this.#processor(id),
      exporter: (id, signal) => this.#exporter(id, signal),
      connector: (id, signal, behind) => this.#connector(id, signal, behind),
    });
    return {
      logLevel: telemetry.logLevel,
      endpoints: new Map(telemetry.metricsAddresses.map((address) => this.#metricsEndpoint(address))),
      extensions: this.#extensions,
      processors: this.#processors,
      connectors: this.#connectors,
      receivers: this.#receivers(graph),
      exporters: { slots: this.#exporters.slots, made: this.#exporters.made },
      graph,
      admission: this.#admission(),
    };
  }

  discard(): void {
    void discardExporters(this.#exporters.made);
  }

  /** What the one extension that says it says. */
  #admission(): AdmissionSettings {
    for (const id of this.#config.service.extensions) {
      const factory = this.#options.registry.extensions[componentType(id)]!;
      if (factory.admission !== undefined)
        return factory.admission(settingsOf(this.#config.extensions[id], factory.schema));
    }
    return defaultAdmission;
  }

  #metricsEndpoint(address: { readonly host: string; readonly port: number }): [string, Opening] {
    const { metrics } = this.#options.deps;
    const key = `${address.host}:${address.port}`;
    const make = () => createMetricsEndpoint(metrics, address);
    return [key, this.#running.endpoints.get(key) ?? new Opening({ id: componentId('service'), settings: {}, make })];
  }

  #extension(id: ComponentId): Opening<Extension> {
    const { deps, ready, registry } = this.#options;
    const factory = registry.extensions[componentType(id)]!;
    const settings = settingsOf(this.#config.extensions[id], factory.schema);
    return this.#opening(this.#running.extensions.get(id), id, settings, () =>
      factory.create(settings, { id, deps, ready }),
    );
  }

  #opening<T extends Receiver | Extension>(
    running: Opening<T> | undefined,
    id: ComponentId,
    settings: ComponentConfig,
    make: () => T,
  ): Opening<T> {
    const wanted = { id, settings, make: () => new Opening({ id, settings, make }) };
    return keepOrMake(running && { id, settings: running.settings, made: running }, wanted).made;
  }

  #processor(id: ComponentId): ProcessorInstance {
    const { deps, registry, admission } = this.#options;
    const factory = registry.processors[componentType(id)]!;
    const settings = settingsOf(this.#config.processors[id], factory.schema);
    const component =
      this.#processors.get(id) ??
      keepOrMake(this.#running.processors.get(id), {
        id,
        settings,
        make: () => factory.create(settings, { id, deps, admission }),
      });
    this.#processors.set(id, component);
    return component.made;
  }

  #exporter(id: ComponentId, signal: Signal) {
    const factory = this.#options.registry.exporters[componentType(id)]!;
    const settings = settingsOf(this.#config.exporters[id], factory.schema);
    const credentials = this.#credentials;
    const storage = this.#storage(settings);
    return this.#exporters.slot({ id, signal, factory, settings, storage, credentials }).sending;
  }

  /** How the queue is kept that these settings describe. */
  #storage(settings: ComponentConfig): QueueStorage | undefined {
    const named = storageReference(settings)?.storage;
    if (named === undefined) return undefined;
    const factory = this.#options.registry.extensions[componentType(named)];
    return factory?.storage?.(settingsOf(this.#config.extensions[named], factory.schema));
  }

  /** One per signal, made anew when other pipelines stand behind it. */
  #connector(id: ComponentId, signal: Signal, pipelines: readonly PipelineId[]): Connector | undefined {
    const { deps, registry } = this.#options;
    const factory = registry.connectors[componentType(id)]!;
    if (!('create' in factory)) return undefined;
    const key = `${id} ${signal}`;
    const settings = settingsOf(this.#config.connectors[id], factory.schema);
    const make = () => factory.create(settings, { id, deps, signal, pipelines });
    const component =
      this.#connectors.get(key) ??
      keepOrMake(this.#running.connectors.get(key), { id, settings: { settings, pipelines }, make });
    this.#connectors.set(key, component);
    return component.made;
  }

  /** As in the Collector, a receiver that no pipeline names is not started. */
  #receivers(graph: Graph): Map<ComponentId, ReceiverPart> {
    const { deps, registry, onAttempt, advise, admission } = this.#options;
    const receivers = new Map<ComponentId, ReceiverPart>();
    for (const id of Object.keys(this.#config.receivers) as ComponentId[]) {
      const fed = graph.fed.get(id);
      if (fed === undefined) continue;
      const signals = SIGNALS.filter((signal) => fed[signal] !== undefined);
      const running = this.#running.receivers.get(id);
      const inlets = running?.inlets ?? new Inlets();
      const factory = registry.receivers[componentType(id)]!;
      const settings = settingsOf(this.#config.receivers[id], factory.schema);
      const authenticate = this.#authenticate;
      const { sharing } = admission;
      const context = { id, deps, entries: inlets.entries, onAttempt, sharing, advise, authenticate };
      const opening = this.#opening(running?.opening, id, settings, () => factory.create(settings, context));
      receivers.set(id, { opening, inlets, signals });
    }
    return receivers;
  }
}

type Current = (id: ComponentId) => Extension | undefined;

/** What the extension of this id gives at each request, so that a new one needs no new exporter. */
function currentCredentials(id: ComponentId, current: Current): RequestCredentials {
  return {
    headers() {
      const credentials = current(id)?.credentials;
      if (credentials === undefined) throw gone(id);
      return credentials.headers();
    },
    rejected: () => current(id)?.credentials?.rejected?.(),
  };
}

function currentCheck(id: ComponentId, current: Current): Authenticate {
  return (metadata) => {
    const authenticate = current(id)?.authenticate;
    if (authenticate === undefined) throw gone(id);
    return authenticate(metadata);
  };
}

/** Only for what drains: a configuration without the extension that something names is refused. */
function gone(id: ComponentId): CodedError {
  return new CodedError('no_credentials', `extension ${id} is no longer an authenticator`);
}
