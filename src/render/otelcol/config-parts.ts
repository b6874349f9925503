import {
  type ComponentConfig,
  type ComponentId,
  componentId,
  type OtelcolConfig,
  type PipelineConfig,
  type PipelineId,
  pipelineId,
} from '../../otelcol/index.ts';
import { type NodeSource, type PipelineGraph, qualifiedName, type SecretText } from '../../pipeline/index.ts';
import type { Agent, Workload } from '../../topology/index.ts';
import type { BlockSource, RenderedConfig, RenderedPipeline, RenderOptions } from './rendered-config.ts';

type Section = 'receivers' | 'processors' | 'connectors' | 'exporters' | 'extensions';

/** A component and the secrets it refers to. */
export interface RenderedComponent {
  readonly id: ComponentId;
  readonly settings: ComponentConfig;
  readonly secrets?: Readonly<Record<string, SecretText>>;
  /** The user's field it comes from. */
  readonly source?: NodeSource | undefined;
}

const HEALTH_CHECK = componentId('health_check');

/** A configuration while it is put together. Ids are unique by their making, so nothing is ever overwritten. */
export class ConfigParts {
  readonly #sections: Record<Section, Record<ComponentId, ComponentConfig>> = {
    receivers: {},
    processors: {},
    connectors: {},
    exporters: {},
    extensions: {},
  };
  readonly #pipelines: Record<PipelineId, PipelineConfig> = {};
  readonly #rendered: RenderedPipeline[] = [];
  readonly #sourceMap: Record<string, BlockSource> = {};
  readonly #secrets: Record<string, string> = {};
  readonly #missingSecrets: Record<string, SecretText> = {};
  readonly #draining: ReadonlySet<ComponentId>;

  /** `draining`: exporters that only empty a queue on disk, which is found by their ids. */
  constructor(draining: readonly ComponentId[] = []) {
    this.#draining = new Set(draining);
  }

  /**
   * Adds the exporter of a running pipeline. While another one of its id empties a queue, because the pipeline has its queue
   * in memory now, it has an id of its own: no resource has such a name.
   */
  addExporter(exporter: RenderedComponent): ComponentId {
    const { id } = exporter;
    return this.add(
      'exporters',
      this.#draining.has(id) ? { ...exporter, id: `${id}/in-memory` as ComponentId } : exporter,
    );
  }

  /** Adds a component and answers with its id. One that several pipelines share is given with each of them, always the same. */
  add(section: Section, { id, settings, secrets = {}, source }: RenderedComponent): ComponentId {
    this.#sections[section][id] = settings;
    if (source !== undefined) this.#sourceMap[`${section}/${id}`] = source;
    for (const [variable, secret] of Object.entries(secrets)) {
      if (secret.text === undefined) this.#missingSecrets[variable] = secret;
      else this.#secrets[variable] = secret.text;
    }
    return id;
  }

  addPipeline(id: PipelineId, config: PipelineConfig): void {
    this.#pipelines[id] = config;
  }

  /** The pipeline of a resource. */
  addPipelineOf(graph: PipelineGraph, config: PipelineConfig): void {
    const id = pipelineId(graph.signal, qualifiedName(graph));
    this.addPipeline(id, config);
    this.#rendered.push({ kind: graph.kind, name: graph.name, signal: graph.signal, pipelineId: id });
  }

  build({ name, distribution }: Workload | Agent, { health, metrics }: RenderOptions): RenderedConfig {
    const own = this.#sections.extensions;
    const extensions = health === undefined ? own : { [HEALTH_CHECK]: { endpoint: health }, ...own };
    const config: OtelcolConfig = {
      ...this.#sections,
      extensions,
      service: {
        extensions: Object.keys(extensions) as ComponentId[],
        pipelines: this.#pipelines,
        ...(metrics === undefined ? {} : { telemetry: selfMetrics(metrics) }),
      },
    };
    return {
      workload: name,
      distribution,
      config,
      pipelines: this.#rendered,
      featureGates: [],
      sourceMap: this.#sourceMap,
      secrets: this.#secrets,
      missingSecrets: this.#missingSecrets,
    };
  }
}

/** The names of the Collector's default reader; one that is configured adds units, types and scopes unless told not to. */
const PLAIN_NAMES = { without_scope_info: true, without_units: true, without_type_suffix: true } as const;

function selfMetrics(address: { readonly host: string; readonly port: number }): ComponentConfig {
  const prometheus = { ...address, ...PLAIN_NAMES };
  return { metrics: { level: 'normal', readers: [{ pull: { exporter: { prometheus } } }] } };
}
