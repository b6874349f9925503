import { isDeepStrictEqual } from 'node:util';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import type { RequestCredentials } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { EngineDeps, Exporter, ExporterFactory } from '../component.ts';
import { SendingExporter } from '../exporter/sending.ts';

/** What all signals of one exporter id have in common. */
interface ExporterGroup {
  readonly settings: ComponentConfig;
  readonly shared: { value?: unknown };
}

/** One exporter and signal: the way there, which lives as long as anything is on it, and the instance that is to send. */
export interface ExporterSlot {
  readonly key: string;
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly group: ExporterGroup;
  readonly sending: SendingExporter;
  readonly exporter: Exporter;
}

export interface ExporterRequest {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly factory: ExporterFactory;
  readonly settings: ComponentConfig;
  credentials(extension: ComponentId): RequestCredentials | undefined;
}

/** Every exporter that runs or still delivers what it holds, so that one that comes back goes on where it was. */
export class ExporterPool {
  readonly #deps: EngineDeps;
  readonly #stdout: (text: string) => void;
  readonly #slots = new Map<string, ExporterSlot>();
  readonly #everRan = new Set<ComponentId>();

  constructor(deps: EngineDeps, stdout: (text: string) => void) {
    this.#deps = deps;
    this.#stdout = stdout;
  }

  get slots(): Iterable<ExporterSlot> {
    return this.#slots.values();
  }

  /** Begins a plan: nothing changes before `adopt`. */
  plan(): ExporterPlan {
    return new ExporterPlan(this.#slots, {
      deps: this.#deps,
      stdout: this.#stdout,
      hasRun: (id) => this.#everRan.has(id),
    });
  }

  /** The planned ones run from here on; those that are not planned are left as they are. */
  adopt(planned: Iterable<ExporterSlot>): void {
    for (const slot of planned) {
      this.#slots.set(slot.key, slot);
      this.#everRan.add(slot.id);
      if (slot.sending.exporter !== slot.exporter) slot.sending.replace(slot.exporter);
    }
  }

  remove(key: string): void {
    this.#slots.delete(key);
  }
}

/** What was made for a plan that is not adopted. */
export async function discardExporters(made: readonly ExporterSlot[]): Promise<void> {
  // One that was to replace another is not that way's own yet, which goes on.
  for (const { exporter, sending } of made) {
    await (sending.exporter === exporter ? sending.close() : exporter.shutdown?.());
  }
}

interface PlanOptions {
  readonly deps: EngineDeps;
  stdout(text: string): void;
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
    const key = `${request.id} ${request.signal}`;
    const planned = this.#slots.get(key);
    if (planned !== undefined) return planned;
    const slot = this.#make(key, request);
    this.#slots.set(key, slot);
    return slot;
  }

  #make(key: string, { id, signal, factory, settings, credentials }: ExporterRequest): ExporterSlot {
    const { deps, stdout, hasRun } = this.#options;
    const group = this.#group(id, settings);
    const running = this.#running.get(key);
    if (running?.group === group) return running;
    const shared = <T>(make: () => T): T => {
      if (!('value' in group.shared)) group.shared.value = make();
      return group.shared.value as T;
    };
    const context = { id, signal, deps, stdout, shared, credentials, resumed: hasRun(id) };
    const exporter = factory.create(settings, context);
    const sending = running?.sending ?? new SendingExporter(exporter, { id, signal, deps });
    return { key, id, signal, group, sending, exporter };
  }

  #group(id: ComponentId, settings: ComponentConfig): ExporterGroup {
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const running = [...this.#running.values()].find(
      (slot) => slot.id === id && isDeepStrictEqual(slot.group.settings, settings),
    );
    const group = running?.group ?? { settings, shared: {} };
    this.#groups.set(id, group);
    return group;
  }
}
