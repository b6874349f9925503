/**
 * Turns a checked configuration into connected components. Source: otelcol service/internal/graph/graph.go at 0.149.
 *
 * An account is kept for every exporter of every pipeline. Stages in front of a connector serve the pipelines behind it, so
 * what they hold, refuse or drop is booked in every account they lead to, once for each way there.
 */
import { Account } from '../../flow/index.ts';
import {
  type ComponentId,
  componentType,
  type OtelcolConfig,
  type PipelineId,
  pipelineSignal,
} from '../../otelcol/index.ts';
import type { RequestCredentials } from '../../otlp/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Batch, Consumer } from '../batch.ts';
import type { EngineDeps, Processor, ProcessorInstance } from '../component.ts';
import { SendingExporter } from '../exporter/sending.ts';
import type { Registry } from '../registry.ts';
import { settingsOf } from '../settings/normalise.ts';
import { createFanout } from './fanout.ts';

/** One exporter of one pipeline. */
export interface Output {
  readonly exporter: SendingExporter;
  readonly account: Account;
}

export interface PipelineNode {
  readonly id: PipelineId;
  readonly signal: Signal;
  readonly entry: Consumer;
  /** Accounts behind the entry; one that is reached in two ways stands here twice. */
  readonly accounts: readonly Account[];
  readonly outputs: readonly Output[];
  /** In the order data takes. */
  readonly processors: readonly Processor[];
}

export interface Graph {
  /** Every pipeline after all that feed it. */
  readonly pipelines: readonly PipelineNode[];
  readonly exporters: readonly SendingExporter[];
  readonly processors: readonly ProcessorInstance[];
  /** The pipelines a receiver feeds, by signal; a signal without pipelines is absent. */
  entriesOf(receiver: ComponentId): Partial<Record<Signal, readonly PipelineNode[]>>;
}

export interface GraphOptions {
  readonly deps: EngineDeps;
  readonly registry: Registry;
  stdout(text: string): void;
  credentials(extension: ComponentId): RequestCredentials | undefined;
}

export function buildGraph(config: OtelcolConfig, options: GraphOptions): Graph {
  const builder = new GraphBuilder(config, options);
  const ids = Object.keys(config.service.pipelines) as PipelineId[];
  for (const id of ids) builder.pipeline(id);
  return {
    pipelines: builder.finished.toReversed(),
    exporters: [...builder.exporters.values()],
    processors: [...builder.processors.values()],
    entriesOf(receiver) {
      const entries: Partial<Record<Signal, readonly PipelineNode[]>> = {};
      for (const signal of SIGNALS) {
        const fed = builder.fedBy(receiver, signal);
        if (fed.length > 0) entries[signal] = fed.map((id) => builder.pipeline(id));
      }
      return entries;
    },
  };
}

class GraphBuilder {
  readonly exporters = new Map<string, SendingExporter>();
  readonly processors = new Map<ComponentId, ProcessorInstance>();
  readonly #shared = new Map<ComponentId, unknown>();
  /** Every pipeline before those that feed it. */
  readonly finished: PipelineNode[] = [];
  readonly #config: OtelcolConfig;
  readonly #options: GraphOptions;
  readonly #nodes = new Map<PipelineId, PipelineNode>();

  constructor(config: OtelcolConfig, options: GraphOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Pipelines of a signal that name a receiver or connector as their source, in the order of the configuration. */
  fedBy(source: ComponentId, signal: Signal): PipelineId[] {
    return (Object.keys(this.#config.service.pipelines) as PipelineId[]).filter(
      (id) => pipelineSignal(id) === signal && this.#config.service.pipelines[id]!.receivers.includes(source),
    );
  }

  pipeline(id: PipelineId): PipelineNode {
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = this.#build(id);
      this.#nodes.set(id, node);
      this.finished.push(node);
    }
    return node;
  }

  #build(id: PipelineId): PipelineNode {
    const signal = pipelineSignal(id);
    const { processors: names, exporters } = this.#config.service.pipelines[id]!;
    const branches: Consumer[] = [];
    const accounts: Account[] = [];
    const outputs: Output[] = [];
    for (const name of exporters) {
      if (Object.hasOwn(this.#config.connectors, name)) {
        for (const next of this.fedBy(name, signal).map((behind) => this.pipeline(behind))) {
          branches.push(next.entry);
          accounts.push(...next.accounts);
        }
      } else {
        const exporter = this.#exporter(name, signal);
        const account = new Account();
        outputs.push({ exporter, account });
        accounts.push(account);
        branches.push({ consume: (batch: Batch) => exporter.consume(batch, account) });
      }
    }
    const processors: Processor[] = [];
    let entry = createFanout(branches);
    for (const name of names.toReversed()) {
      const processor = this.#processor(name).attach({ pipeline: id, signal, next: entry, accounts });
      processors.unshift(processor);
      entry = processor;
    }
    return { id, signal, entry, accounts, outputs, processors };
  }

  /** One instance per exporter and signal, however many pipelines end in it. */
  #exporter(id: ComponentId, signal: Signal): SendingExporter {
    const key = `${id} ${signal}`;
    let sending = this.exporters.get(key);
    if (sending === undefined) {
      const { deps, registry, stdout, credentials } = this.#options;
      const factory = registry.exporters[componentType(id)]!;
      const settings = settingsOf(this.#config.exporters[id], factory.schema);
      const shared = <T>(make: () => T) => this.#sharedBy(id, make);
      const exporter = factory.create(settings, { id, signal, deps, stdout, shared, credentials, resumed: false });
      sending = new SendingExporter(exporter, { id, signal, deps });
      this.exporters.set(key, sending);
    }
    return sending;
  }

  #sharedBy<T>(id: ComponentId, make: () => T): T {
    if (!this.#shared.has(id)) this.#shared.set(id, make());
    return this.#shared.get(id) as T;
  }

  #processor(id: ComponentId): ProcessorInstance {
    let instance = this.processors.get(id);
    if (instance === undefined) {
      const factory = this.#options.registry.processors[componentType(id)]!;
      const settings = settingsOf(this.#config.processors[id], factory.schema);
      instance = factory.create(settings, { id, deps: this.#options.deps });
      this.processors.set(id, instance);
    }
    return instance;
  }
}
