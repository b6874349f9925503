import { isDeepStrictEqual } from 'node:util';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import type { EngineListener } from '../component.ts';

/** A component that runs, with the settings it was made from. */
export interface Component<T> {
  readonly id: ComponentId;
  readonly settings: ComponentConfig;
  readonly made: T;
}

/** The component as it is when its settings are equal; else a new one. */
export function keepOrMake<T>(
  running: Component<T> | undefined,
  { id, settings, make }: { readonly id: ComponentId; readonly settings: ComponentConfig; make(): T },
): Component<T> {
  if (running !== undefined && isDeepStrictEqual(running.settings, settings)) return running;
  return { id, settings, made: make() };
}

interface Listening {
  start(): Promise<readonly EngineListener[]>;
  shutdown(graceMs: number): Promise<void>;
}

/** A component with listeners: a receiver, an extension, the metrics endpoint. One that is stopped can be opened again. */
export class Opening<T extends Listening = Listening> {
  readonly id: ComponentId;
  readonly settings: ComponentConfig;
  readonly #make: () => T;
  #made: T;
  #used = false;
  #listeners: readonly EngineListener[] = [];

  constructor({ id, settings, make }: { readonly id: ComponentId; readonly settings: ComponentConfig; make(): T }) {
    this.id = id;
    this.settings = settings;
    this.#make = make;
    this.#made = make();
  }

  get made(): T {
    return this.#made;
  }

  /** Where it listens; empty while it does not. */
  get listeners(): readonly EngineListener[] {
    return this.#listeners;
  }

  /** When an address cannot be had, nothing of it stays open. */
  async open(): Promise<void> {
    if (this.#used) this.#made = this.#make();
    this.#used = true;
    const { made } = this;
    try {
      this.#listeners = await made.start();
    } catch (error) {
      await made.shutdown(0);
      throw error;
    }
  }

  /** Listeners close at once; resolves when what is under way is done, or cut off after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#listeners = [];
    await this.#made.shutdown(graceMs);
  }
}
