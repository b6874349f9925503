/**
 * Runs one configuration after the other in one process.
 *
 * - A configuration is planned and its new components are opened while everything runs as before; then one synchronous step
 *   puts it in place, so that no request falls between. Whatever fails before that step is undone, and nothing has changed.
 * - What is equal is kept: a component by its settings, a pipeline by its parts and everything behind it. A receiver keeps
 *   its sockets whatever becomes of the pipelines behind it, an exporter its queue, its tries under way and what it knows of
 *   its backend. A new authenticator needs no new exporters or receivers.
 * - An exporter with other settings takes over what the old one holds (exporter/sending.ts); nothing is dropped for it.
 * - A receiver that needs an address of the one it replaces is opened as soon as that is closed, which cuts new connections
 *   off for a moment. If it cannot be opened, the old one is opened again.
 * - What is gone takes nothing new. Requests under way at its receivers are answered, its stages flush, its exporters deliver
 *   until they are empty or give up by their own rules; an exporter that comes back meanwhile goes on where it is.
 * - Rows of the ledger outlive all this (books.ts).
 */
import type { EngineSnapshot, StatementSnapshot } from '../../flow/index.ts';
import { CodedError, errorMessage } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Admission } from '../admission/admission.ts';
import { authReferences } from '../check/check-authenticators.ts';
import type { EngineDeps, EngineListener, Extension, ProcessorInstance } from '../component.ts';
import type { SendingWay } from '../exporter/sending-way.ts';
import type { Books, Output } from './books.ts';
import { compareParts } from './changes.ts';
import type { Opening } from './component.ts';
import { createEntry } from './entry.ts';
import { discardExporters, type ExporterPool, type ExporterSlot } from './exporter-pool.ts';
import type { Entries } from './inlets.ts';
import { flushAll, stopAll } from './lifecycle.ts';
import { openAll } from './open-all.ts';
import { endsIn, leadsTo, type PipelineNode } from './pipeline-node.ts';
import { NOTHING, type Plan, type ReceiverPart } from './plan.ts';
import type { Retries } from './retries.ts';
import { observeStatements } from './self-telemetry.ts';

/** How long requests under way at a receiver that is gone may take. */
const RECEIVER_GRACE_MS = 10_000;

type Undo = (() => void | Promise<void>)[];

/** What a configuration left behind that is not done yet. */
interface Remainder {
  readonly nodes: readonly PipelineNode[];
  readonly processors: readonly ProcessorInstance[];
  /** Processors that the configuration after it did not have. */
  readonly names: readonly ComponentId[];
  readonly openings: readonly Opening[];
}

export interface ReloaderOptions {
  readonly deps: EngineDeps;
  readonly pool: ExporterPool;
  readonly books: Books;
  readonly retries: Retries;
  readonly admission: Admission;
}

export interface Changes {
  readonly listeners: readonly EngineListener[];
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  readonly kept: number;
}

export class Reloader {
  readonly #deps: EngineDeps;
  readonly #pool: ExporterPool;
  readonly #books: Books;
  readonly #retries: Retries;
  readonly #admission: Admission;
  readonly #offered: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };
  readonly #extensions = new Map<ComponentId, Opening<Extension>>();
  readonly #remainders = new Map<Remainder, Promise<void>>();
  /** Receivers that are gone and answer requests that are under way. */
  readonly #closing = new Set<Promise<void>>();
  /** Exporters that are gone and not empty. */
  readonly #draining = new Set<SendingWay>();
  #running: Plan = NOTHING;
  /** What is being put in place. */
  #coming: Plan | undefined;
  #stopping = false;

  constructor({ deps, pool, books, retries, admission }: ReloaderOptions) {
    this.#deps = deps;
    this.#pool = pool;
    this.#books = books;
    this.#retries = retries;
    this.#admission = admission;
    observeStatements(deps.metrics, () => this.#statements());
  }

  get running(): Plan {
    return this.#running;
  }

  /** Of the configuration that runs, or of one that is gone, as long as an exporter needs it. */
  extension(id: ComponentId): Extension | undefined {
    return this.#extensions.get(id)?.made;
  }

  snapshot(): EngineSnapshot {
    const statements = this.#statements();
    const { unowned } = this.#pool;
    const filtered = made(this.#running.processors).flatMap((processor) => processor.filtered?.() ?? []);
    return {
      takenAtMs: this.#deps.clock.nowMs(),
      offered: { ...this.#offered },
      ...this.#books.snapshot(),
      ...(unowned.length > 0 && { unowned }),
      ...(statements.length > 0 && { statements }),
      ...(filtered.length > 0 && { filtered }),
    };
  }

  #statements(): StatementSnapshot[] {
    return made(this.#running.processors).flatMap((processor) => processor.statements?.() ?? []);
  }

  /** Must not be called again before it has settled. */
  async run(plan: Plan): Promise<Changes> {
    const before = this.#running;
    const changes = compareParts(before, plan);
    const undo: Undo = [];
    this.#coming = plan;
    try {
      await this.#open(before, plan, undo);
      if (this.#stopping) throw new CodedError('engine_stopping', 'the engine is stopping');
    } catch (error) {
      this.#coming = undefined;
      await this.#undo(undo);
      this.#drainAll();
      throw error;
    }
    this.#coming = undefined;
    this.#commit(plan);
    this.#retire(before, plan);
    const openings = openingsOf(plan);
    return { ...changes, listeners: openings.flatMap((opening) => opening.listeners) };
  }

  /** A configuration that is being put in place is given up. */
  stop(): void {
    this.#stopping = true;
  }

  /** After `stop`, when no `run` is under way. */
  async shutdown(graceMs: number): Promise<void> {
    const { graph, processors, receivers } = this.#running;
    const left = [...this.#remainders.keys()];
    await stopAll(
      {
        pipelines: [...left.flatMap(({ nodes }) => nodes), ...graph.pipelines],
        exporters: [...this.#pool.slots].map((slot) => slot.sending),
        receivers: [
          ...left.flatMap(({ openings }) => openings),
          ...[...receivers.values()].map(({ opening }) => opening),
        ],
        processors: [...left.flatMap((remainder) => remainder.processors), ...made(processors)],
        extensions: [...this.#running.endpoints.values(), ...this.#extensions.values()],
      },
      { graceMs, clock: this.#deps.clock },
    );
    await this.#pool.close();
  }

  async #undo(steps: Undo): Promise<void> {
    for (const step of steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        this.#deps.log.error('cannot go back to the previous configuration', { error: errorMessage(error) });
      }
    }
  }

  async #open(before: Plan, plan: Plan, undo: Undo): Promise<void> {
    const leaving = openingsOf(before).filter((opening) => !openingsOf(plan).includes(opening));
    const extensions = [...plan.endpoints.values(), ...plan.extensions.values()];
    const isNew = (opening: Opening) => !openingsOf(before).includes(opening);
    undo.push(() => discardExporters(plan.exporters.made));
    await openAll(extensions.filter(isNew), { leaving, undo });
    for (const { exporter } of plan.exporters.made) await exporter.start?.();
    await openQueues(plan);
    for (const processor of made(plan.processors)) {
      if (made(before.processors).includes(processor)) continue;
      undo.push(() => processor.shutdown?.());
      await processor.start?.();
    }
    const receivers = [...plan.receivers.values()];
    for (const { inlets, signals } of receivers) {
      undo.push(() => inlets.cancel());
      inlets.hold(signals);
    }
    await openAll(receivers.map(({ opening }) => opening).filter(isNew), { leaving, undo });
  }

  /** Synchronous: a snapshot and a request come before it or after it. */
  #commit(plan: Plan): void {
    this.#running = plan;
    this.#admission.configure(plan.admission);
    for (const [id, extension] of plan.extensions) {
      const replaced = this.#extensions.get(id);
      if (replaced !== undefined && replaced !== extension) void replaced.close(0);
      this.#extensions.set(id, extension);
    }
    for (const [id, { inlets }] of plan.receivers) inlets.lead(this.#entries(plan, id));
    this.#books.adopt(new Set(plan.graph.pipelines.flatMap((node) => node.outputs)));
    this.#pool.adopt(plan.exporters.slots);
    for (const node of plan.graph.pipelines)
      for (const { exporter, account } of node.outputs) exporter?.belongsTo?.(account);
  }

  #entries(plan: Plan, receiver: ComponentId): Entries {
    const entries: Entries = {};
    for (const [signal, pipelines] of Object.entries(plan.graph.fed.get(receiver)!)) {
      const options = { clock: this.#deps.clock, offered: this.#offered, retries: this.#retries };
      entries[signal as Signal] = createEntry(pipelines, options);
    }
    return entries;
  }

  #retire(before: Plan, plan: Plan): void {
    const isKept = (opening: Opening) => openingsOf(plan).includes(opening);
    const receivers = [...before.receivers.values()].map(({ opening }) => opening);
    const remainder: Remainder = {
      nodes: before.graph.pipelines.filter((node) => !plan.graph.pipelines.includes(node)),
      processors: made(before.processors).filter((processor) => !made(plan.processors).includes(processor)),
      names: [...before.processors.keys()].filter((id) => !plan.processors.has(id)),
      openings: receivers.filter((opening) => !isKept(opening)),
    };
    for (const endpoint of before.endpoints.values()) if (!isKept(endpoint)) void endpoint.close(0);
    const settling = this.#settle(remainder).finally(() => this.#remainders.delete(remainder));
    this.#remainders.set(remainder, settling);
    this.#drainAll();
    this.#endExtensions();
    const forgotten = this.#books.fold((output) => this.#isSettled(output));
    for (const exporter of forgotten) this.#deps.metrics.forget({ exporter });
  }

  #closeReceiver(opening: Opening): void {
    const closing = opening.close(RECEIVER_GRACE_MS).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /**
   * What stages hold goes on at once, before anything that came later; then what receivers were still reading, and what stages
   * of an earlier configuration could not pass on yet.
   */
  async #settle({ openings, nodes, processors, names }: Remainder): Promise<void> {
    const earlier = [...this.#remainders].filter(([other]) =>
      other.nodes.some((from) => nodes.some((to) => leadsTo(from, to))),
    );
    for (const opening of openings) this.#closeReceiver(opening);
    const sources = [...this.#closing, ...earlier.map(([, settled]) => settled)];
    await flushAll(nodes);
    if (sources.length > 0) {
      await Promise.all(sources);
      await flushAll(nodes);
    }
    if (this.#stopping) return;
    for (const processor of processors) processor.shutdown?.();
    for (const processor of names) {
      if (this.#hasProcessor(processor)) continue;
      this.#deps.metrics.forget({ processor });
      // The label that the Collector's filter processor has for its id.
      this.#deps.metrics.forget({ filter: processor });
    }
  }

  #hasProcessor(id: ComponentId): boolean {
    return this.#running.processors.has(id) || this.#coming?.processors.has(id) === true;
  }

  #drainAll(): void {
    for (const slot of [...this.#pool.slots]) {
      if (this.#isPlanned(slot.key)) continue;
      void this.#drain(slot);
      if (this.#isSucceeded(slot)) void this.#handOver(slot);
    }
  }

  /** Whether an exporter of another name has its directory now. */
  #isSucceeded({ directory, sending }: ExporterSlot): boolean {
    const { slots } = this.#running.exporters;
    return directory !== undefined && slots.some((one) => one.directory === directory && one.sending !== sending);
  }

  /** Once nothing comes any more; whatever it holds. */
  async #handOver(slot: ExporterSlot): Promise<void> {
    await Promise.all(this.#sourcesOf(slot));
    if (this.#stopping || this.#isPlanned(slot.key) || !this.#isSucceeded(slot)) return;
    await this.#pool.handOver(slot);
    this.#endExtensions();
  }

  #sourcesOf({ sending }: ExporterSlot): Promise<void>[] {
    return [...this.#closing, ...this.#remaindersTo((output) => output.exporter === sending)];
  }

  async #drain(slot: ExporterSlot): Promise<void> {
    const { key, sending } = slot;
    if (this.#draining.has(sending)) return;
    this.#draining.add(sending);
    for (;;) {
      const sources = this.#sourcesOf(slot);
      if (sources.length === 0 && sending.isIdle) break;
      await Promise.all(sources);
      await sending.idle();
    }
    this.#draining.delete(sending);
    if (this.#stopping || this.#isPlanned(key) || !this.#pool.has(slot)) return;
    const closing = this.#pool.retire(slot);
    this.#endExtensions();
    await closing;
  }

  /** An authenticator that the configuration no longer has stays as long as an exporter that is not empty names it. */
  #endExtensions(): void {
    const named = new Set(
      [...this.#pool.slots].flatMap((slot) => authReferences(slot.group.settings)).map((one) => one.extension),
    );
    for (const [id, extension] of this.#extensions) {
      if (this.#running.extensions.has(id) || named.has(id)) continue;
      this.#extensions.delete(id);
      void extension.close(0);
    }
  }

  #isPlanned(key: string): boolean {
    const slots = [...this.#running.exporters.slots, ...(this.#coming?.exporters.slots ?? [])];
    return slots.some((slot) => slot.key === key);
  }

  #isSettled({ account }: Output): boolean {
    if (account.held > 0 || this.#closing.size > 0) return false;
    return this.#remaindersTo((output) => output.account === account).length === 0;
  }

  /** What is not done yet and may still bring something to an output. */
  #remaindersTo(isIt: (output: Output) => boolean): Promise<void>[] {
    const remainders = [...this.#remainders].filter(([{ nodes }]) => nodes.some((node) => endsIn(node, isIt)));
    return remainders.map(([, settled]) => settled);
  }
}

/** All at once, as a long backlog takes its time; when one cannot be had, the others are open by then, to be closed. */
async function openQueues({ exporters }: Plan): Promise<void> {
  const opened = await Promise.allSettled(exporters.made.map(({ sending }) => sending.open?.()));
  for (const one of opened) if (one.status === 'rejected') throw one.reason;
}

function made<T>(components: ReadonlyMap<unknown, { readonly made: T }>): T[] {
  return [...components.values()].map((component) => component.made);
}

function openingsOf({ endpoints, extensions, receivers }: Plan): Opening[] {
  const parts: ReceiverPart[] = [...receivers.values()];
  return [...endpoints.values(), ...extensions.values(), ...parts.map(({ opening }) => opening)];
}
