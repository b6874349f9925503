/**
 * Turns a checked configuration into connected components. Source: otelcol service/internal/graph/graph.go at 0.149.
 *
 * An account is kept for every exporter of every pipeline, and for every connector that chooses. Stages in front of a `forward`
 * connector serve the pipelines behind it, so what they hold, refuse or drop is booked in every account they lead to, once
 * for each way there.
 *
 * A pipeline that would be made of the same parts as one that runs is that one: its stages keep what they hold.
 */
import type { Account } from '../../flow/index.ts';
import { type ComponentId, type OtelcolConfig, type PipelineId, pipelineSignal } from '../../otelcol/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Admission } from '../admission/admission.ts';
import type { Batch, Consumer } from '../batch.ts';
import type { Connector, EngineDeps, Processor, ProcessorInstance } from '../component.ts';
import type { SendingWay } from '../exporter/sending-way.ts';
import { Scratch } from '../processor/scratch.ts';
import { sizeOf } from '../queue/sending-queue.ts';
import type { Books, Output } from './books.ts';
import { type Branch, createFanout } from './fanout.ts';
import { fusedStages } from './fused-stages.ts';
import type { PipelineNode } from './pipeline-node.ts';
import type { Retries } from './retries.ts';
import { createRouter } from './router.ts';

export interface Graph {
  /** Every pipeline after all that feed it. */
  readonly pipelines: readonly PipelineNode[];
  /** The pipelines each receiver feeds, by signal; what feeds nothing is absent. */
  readonly fed: ReadonlyMap<ComponentId, Partial<Record<Signal, readonly PipelineNode[]>>>;
}

export const EMPTY_GRAPH: Graph = { pipelines: [], fed: new Map() };

export interface GraphOptions {
  readonly deps: EngineDeps;
  readonly books: Books;
  readonly retries: Retries;
  readonly admission: Admission;
  readonly running: Graph;
  processor(id: ComponentId): ProcessorInstance;
  exporter(id: ComponentId, signal: Signal): SendingWay;
  /** Undefined for one that chooses nothing. */
  connector(id: ComponentId, signal: Signal, behind: readonly PipelineId[]): Connector | undefined;
}

export function buildGraph(config: OtelcolConfig, options: GraphOptions): Graph {
  const builder = new GraphBuilder(config, options);
  const ids = Object.keys(config.service.pipelines) as PipelineId[];
  for (const id of ids) builder.pipeline(id);
  const fed = new Map<ComponentId, Partial<Record<Signal, readonly PipelineNode[]>>>();
  for (const receiver of Object.keys(config.receivers) as ComponentId[]) {
    const entries: Partial<Record<Signal, readonly PipelineNode[]>> = {};
    for (const signal of SIGNALS) {
      const pipelines = builder.fedBy(receiver, signal).map((id) => builder.pipeline(id));
      if (pipelines.length > 0) entries[signal] = pipelines;
    }
    if (Object.keys(entries).length > 0) fed.set(receiver, entries);
  }
  return { pipelines: builder.finished.toReversed(), fed };
}

/** What a pipeline ends in, and what that is made of. */
interface Ends {
  readonly branches: Branch[];
  readonly accounts: Account[];
  readonly outputs: Output[];
  readonly behind: PipelineNode[];
  readonly parts: unknown[];
}

class GraphBuilder {
  /** Every pipeline before those that feed it. */
  readonly finished: PipelineNode[] = [];
  readonly #config: OtelcolConfig;
  readonly #scratch = new Scratch();
  readonly #options: GraphOptions;
  readonly #running: ReadonlyMap<PipelineId, PipelineNode>;
  readonly #nodes = new Map<PipelineId, PipelineNode>();

  constructor(config: OtelcolConfig, options: GraphOptions) {
    this.#config = config;
    this.#options = options;
    this.#running = new Map(options.running.pipelines.map((node) => [node.id, node]));
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
    const ends: Ends = { branches: [], accounts: [], outputs: [], behind: [], parts: [] };
    for (const name of exporters) {
      if (Object.hasOwn(this.#config.connectors, name)) this.#endInConnector(name, id, ends);
      else this.#endInExporter(name, id, ends);
    }
    const instances = names.map((name) => this.#options.processor(name));
    const parts = [...instances, null, ...ends.parts];
    const running = this.#running.get(id);
    if (running !== undefined && isSame(running.parts, parts)) return running;
    const { accounts, outputs, behind } = ends;
    const processors: Processor[] = [];
    const attachables = fusedStages(instances, signal);
    let entry = createFanout(ends.branches, this.#options.retries);
    for (const attachable of attachables.toReversed()) {
      const processor = attachable.attach({ pipeline: id, signal, next: entry, scratch: this.#scratch, accounts });
      processors.unshift(processor);
      entry = processor;
    }
    entry = this.#guardInFront(entry, processors, ends);
    return { id, signal, entry, accounts, outputs, processors, behind, parts };
  }

  /** Behind a stage that answers senders nobody knows any more whose data it is: they are told apart in front of it. */
  #guardInFront(entry: Consumer, processors: readonly Processor[], { outputs, accounts }: Ends): Consumer {
    if (!processors.some(({ answersSenders }) => answersSenders === true)) return entry;
    const queues = outputs.flatMap(({ exporter }) => exporter ?? []);
    // What leads on elsewhere, too, is not kept from there.
    if (queues.length === 0 || queues.length < outputs.length || outputs.length < accounts.length) return entry;
    const sizer = queues[0]!.exporter.queue?.sizer ?? 'bytes';
    const size = (batch: Batch) => sizeOf(batch, sizer);
    return this.#options.admission.guard(entry, { queues, accounts, size, drops: () => true });
  }

  #endInExporter(id: ComponentId, pipeline: PipelineId, ends: Ends): void {
    const { books, exporter: exporterOf } = this.#options;
    const exporter = exporterOf(id, pipelineSignal(pipeline));
    const output = books.output({ pipeline, id, exporter });
    const { account } = output;
    ends.outputs.push(output);
    ends.accounts.push(account);
    const taking = { consume: (batch: Batch) => exporter.consume(batch, account) };
    const consumer = this.#options.admission.guard(taking, {
      queues: [exporter],
      accounts: [account],
      size: (batch) => sizeOf(batch, exporter.exporter.queue?.sizer ?? 'bytes'),
      drops: () => exporter.dropsWhenFull,
    });
    ends.branches.push({ name: `${pipeline} ${id}`, consumer, accounts: [account] });
    ends.parts.push(output);
  }

  #endInConnector(id: ComponentId, pipeline: PipelineId, ends: Ends): void {
    const { books, deps, connector: connectorOf, retries } = this.#options;
    const signal = pipelineSignal(pipeline);
    const behind = this.fedBy(id, signal);
    const pipelines = behind.map((next) => this.pipeline(next));
    const connector = connectorOf(id, signal, behind);
    ends.behind.push(...pipelines);
    ends.parts.push(connector, ...pipelines);
    if (connector === undefined) {
      for (const { id: next, entry, accounts } of pipelines) {
        ends.branches.push({ name: `${pipeline} ${id} ${next}`, consumer: entry, accounts });
        ends.accounts.push(...accounts);
      }
      return;
    }
    const output = books.output({ pipeline, id, exporter: undefined });
    const { account } = output;
    ends.outputs.push(output);
    ends.accounts.push(account);
    ends.parts.push(output);
    const consumer = createRouter({ id, from: pipeline, signal, connector, pipelines, account, deps, retries });
    ends.branches.push({ name: `${pipeline} ${id}`, consumer, accounts: [account] });
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
