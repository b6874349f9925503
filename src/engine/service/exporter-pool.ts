import { isDeepStrictEqual } from 'node:util';
import type { UnownedBacklog } from '../../flow/index.ts';
import { errorMessage } from '../../lib/index.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import type { RequestCredentials } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { EngineDeps, Exporter, ExporterFactory } from '../component.ts';
import type { BacklogOwners } from '../exporter/backlog-owners.ts';
import { DeadLetterStore } from '../exporter/dead-letters/store.ts';
import { DurableExporter } from '../exporter/durable.ts';
import { SendingExporter } from '../exporter/sending.ts';
import type { SendingWay } from '../exporter/sending-way.ts';
import type { QueueFiles } from '../queue/disk/files.ts';
import type { OpenDiskQueue } from '../queue/disk/open-disk-queue.ts';
import { type QueueStorage, queueDirectory } from '../queue/queue-storage.ts';
import { findUnownedBacklogs } from '../queue/unowned-backlogs.ts';

/** A queue on disk with something in it that no exporter has: it is left as it is. */
export const UNOWNED_LOG = 'a queue on disk has data and no exporter sends it';
/** What an exporter holds in memory may take so long to be delivered before it leaves its directory to another. */
const LEAVE_MS = 3000;

/** What all signals of one exporter id have in common. */
interface ExporterGroup {
  readonly settings: ComponentConfig;
  /** How its queue is kept; absent: in memory, as the exporter says. */
  readonly storage: QueueStorage | undefined;
  readonly shared: { value?: unknown };
}

/** One exporter and signal: the way there, which lives as long as anything is on it, and the instance that is to send. */
export interface ExporterSlot {
  /** The same as long as it is the same way: one with another directory goes beside the one before. */
  readonly key: string;
  readonly id: ComponentId;
  readonly signal: Signal;
  /** Of its queue on disk. */
  readonly directory: string | undefined;
  readonly group: ExporterGroup;
  readonly sending: SendingWay;
  readonly exporter: Exporter;
}

export interface ExporterRequest {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly factory: ExporterFactory;
  readonly settings: ComponentConfig;
  readonly storage: QueueStorage | undefined;
  credentials(extension: ComponentId): RequestCredentials | undefined;
}

export interface ExporterPoolOptions {
  readonly deps: EngineDeps;
  readonly stdout: (text: string) => void;
  readonly openQueue: OpenDiskQueue;
  readonly files: QueueFiles;
}

/** Every exporter that runs or still delivers what it holds, so that one that comes back goes on where it was. */
export class ExporterPool {
  readonly #options: ExporterPoolOptions;
  readonly #slots = new Map<string, ExporterSlot>();
  readonly #everRan = new Set<ComponentId>();
  /** Queues on disk that are being closed, by directory. */
  readonly #closing = new Map<string, Promise<void>>();
  /** Those that leave their directory to another, until they have. */
  readonly #leaving = new Map<ExporterSlot, Promise<void>>();
  /** By directory: whose it is what those that have left did not deliver, until somebody has it. */
  readonly #left = new Map<string, BacklogOwners>();
  /** As found at the start. */
  #unowned: readonly UnownedBacklog[] = [];
  /** By directory: one writer for each, as long as this runs. */
  readonly #letters = new Map<string, DeadLetterStore>();

  constructor(options: ExporterPoolOptions) {
    this.#options = options;
  }

  get slots(): Iterable<ExporterSlot> {
    return this.#slots.values();
  }

  /** Begins a plan: nothing changes before `adopt`. */
  plan(): ExporterPlan {
    const { openQueue, files, deps } = this.#options;
    const { clock } = deps;
    return new ExporterPlan(this.#slots, {
      ...this.#options,
      openQueue: async (settings, { events, way }) => {
        await this.#closing.get(settings.directory);
        // An exporter that runs under another name, and is to go, leaves it.
        const waits = () => this.#hasAnother(settings.directory, way);
        return openQueue(settings, { clock, files, waits, events });
      },
      inherit: (directory) => {
        const left = this.#left.get(directory);
        this.#left.delete(directory);
        return left;
      },
      hasRun: (id) => this.#everRan.has(id),
    });
  }

  /** The planned ones run from here on; those that are not planned are left as they are. */
  adopt(planned: Iterable<ExporterSlot>): void {
    for (const slot of planned) {
      // Behind those that only deliver what they hold: what two say of one folder of dead letters is the planned one's to say.
      this.#slots.delete(slot.key);
      this.#slots.set(slot.key, slot);
      this.#everRan.add(slot.id);
      if (slot.sending.exporter !== slot.exporter) slot.sending.replace(slot.exporter, slot.group.storage);
    }
    this.#tendDeadLetters();
  }

  /** Looks for queues that nothing sends beside those that it has, and names them in the log. */
  async lookForUnowned(): Promise<void> {
    const { deps, files } = this.#options;
    const storages = [...this.#slots.values()].flatMap(({ group }) => group.storage ?? []);
    this.#unowned = await findUnownedBacklogs(storages, { used: this.#directories(), files });
    for (const { directory, bytes } of this.unowned) deps.log.warn(UNOWNED_LOG, { directory, bytes });
  }

  get unowned(): readonly UnownedBacklog[] {
    const used = this.#directories();
    return this.#unowned.filter(({ directory }) => !used.has(directory));
  }

  #directories(): ReadonlySet<string> {
    return new Set([...this.#slots.values()].flatMap(({ directory }) => directory ?? []));
  }

  #hasAnother(directory: string, way: SendingWay): boolean {
    const slots = [...this.#slots.values(), ...this.#leaving.keys()];
    return slots.some((slot) => slot.directory === directory && slot.sending !== way);
  }

  has({ key, sending }: ExporterSlot): boolean {
    return this.#slots.get(key)?.sending === sending;
  }

  /** One that is planned no more leaves its directory to one that is, with what it has not delivered. */
  async handOver(slot: ExporterSlot): Promise<void> {
    if (!this.has(slot) || slot.sending.leave === undefined) return;
    this.#slots.delete(slot.key);
    const leaving = this.#leave(slot).finally(() => this.#leaving.delete(slot));
    this.#leaving.set(slot, leaving);
    await leaving;
  }

  async #leave(slot: ExporterSlot): Promise<void> {
    const { clock, log } = this.#options.deps;
    const { id, signal, directory, sending } = slot;
    const left = await sending.leave!(clock.monotonicMs() + LEAVE_MS);
    if (left !== undefined) this.#left.set(directory!, left);
    log.info('an exporter leaves its queue on disk to another', { exporter: id, signal, directory });
    await this.retire(slot);
  }

  /** Closes one that holds nothing any more and is planned no more. */
  async retire(slot: ExporterSlot): Promise<void> {
    if (this.has(slot)) this.#slots.delete(slot.key);
    const { directory, id, signal } = slot;
    const closing = this.#close(slot);
    if (directory !== undefined) {
      this.#closing.set(directory, closing);
      void closing.then(() => this.#closing.delete(directory));
    }
    // Another way of the same exporter has the same names among the metrics.
    for (const other of this.#slots.values()) if (other.id === id && other.signal === signal) other.sending.observe();
    this.#tendDeadLetters();
    await closing;
  }

  /** What does not close as it should holds up nothing. */
  async #close({ id, signal, sending }: ExporterSlot): Promise<void> {
    try {
      await sending.close();
    } catch (error) {
      this.#options.deps.log.warn('an exporter did not shut down', {
        exporter: id,
        signal,
        error: errorMessage(error),
      });
    }
  }

  /** After the last exporter is closed. */
  async close(): Promise<void> {
    await Promise.all(this.#leaving.values());
    await Promise.all([...this.#letters.values()].map((letters) => letters.close()));
  }

  /** Leads whatever may still be rejected to the one store of its directory. */
  #tendDeadLetters(): void {
    const { deps } = this.#options;
    const used = new Set<DeadLetterStore>();
    for (const { id, group, sending } of this.#slots.values()) {
      const wanted = group.storage?.deadLetters;
      if (wanted === undefined) {
        sending.keepRejectedIn(undefined);
        continue;
      }
      const store = this.#letters.get(wanted.directory) ?? new DeadLetterStore({ ...wanted, deps });
      this.#letters.set(wanted.directory, store);
      store.limit(wanted.maxBytes);
      used.add(store);
      sending.keepRejectedIn(store.of(id));
    }
    for (const store of this.#letters.values()) if (!used.has(store)) void store.rest();
  }
}

/** What was made for a plan that is not adopted. */
export async function discardExporters(made: readonly ExporterSlot[]): Promise<void> {
  // One that was to replace another is not that way's own yet, which goes on.
  for (const { exporter, sending } of made) {
    await (sending.exporter === exporter ? sending.close() : exporter.shutdown?.());
  }
}

interface PlanOptions extends Pick<ExporterPoolOptions, 'deps' | 'stdout'> {
  readonly openQueue: ConstructorParameters<typeof DurableExporter>[1]['openQueue'];
  inherit(directory: string): BacklogOwners | undefined;
  hasRun(id: ComponentId): boolean;
}

export class ExporterPlan {
  readonly #running: ReadonlyMap<string, ExporterSlot>;
  readonly #options: PlanOptions;
  readonly #slots = new Map<string, ExporterSlot>();
  readonly #groups = new Map<ComponentId, ExporterGroup>();

  constructor(running: ReadonlyMap<string, ExporterSlot>, options: PlanOptions) {
    this.#running = running;
    this.#options = options;
  }

  get slots(): readonly ExporterSlot[] {
    return [...this.#slots.values()];
  }

  /** Those of a new instance, which is to be started. */
  get made(): readonly ExporterSlot[] {
    return this.slots.filter((slot) => this.#running.get(slot.key)?.exporter !== slot.exporter);
  }

  /** One per exporter and signal, however many pipelines end in it. */
  slot(request: ExporterRequest): ExporterSlot {
    const { id, signal, storage } = request;
    const directory = storage === undefined ? undefined : queueDirectory(storage, { id, signal });
    const key = directory === undefined ? `${id} ${signal}` : `${id} ${signal} ${directory}`;
    const planned = this.#slots.get(key);
    if (planned !== undefined) return planned;
    const slot = this.#make(key, directory, request);
    this.#slots.set(key, slot);
    return slot;
  }

  #make(key: string, directory: string | undefined, request: ExporterRequest): ExporterSlot {
    const { id, signal, factory, settings, storage, credentials } = request;
    const { deps, stdout, hasRun, openQueue, inherit } = this.#options;
    const group = this.#group(id, settings, storage);
    const running = this.#running.get(key);
    if (running?.group === group) return running;
    const shared = <T>(make: () => T): T => {
      if (!('value' in group.shared)) group.shared.value = make();
      return group.shared.value as T;
    };
    const context = { id, signal, deps, stdout, shared, credentials, resumed: hasRun(id) };
    const exporter = factory.create(settings, context);
    const options = { id, signal, deps, storage };
    const make = (): SendingWay =>
      storage === undefined || directory === undefined
        ? new SendingExporter(exporter, options)
        : new DurableExporter(exporter, {
            ...options,
            storage,
            directory,
            openQueue,
            inherit: () => inherit(directory),
          });
    return { key, id, signal, directory, group, exporter, sending: running?.sending ?? make() };
  }

  #group(id: ComponentId, settings: ComponentConfig, storage: QueueStorage | undefined): ExporterGroup {
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const running = [...this.#running.values()].find(
      ({ id: other, group }) => other === id && isDeepStrictEqual([group.settings, group.storage], [settings, storage]),
    );
    const group = running?.group ?? { settings, storage, shared: {} };
    this.#groups.set(id, group);
    return group;
  }
}
