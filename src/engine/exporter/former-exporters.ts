import { errorMessage } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { EngineLog, Exporter } from '../component.ts';

/** Instances of one exporter that were replaced and are being shut down, which nobody waits for until the way closes. */
export class FormerExporters {
  readonly #id: ComponentId;
  readonly #log: EngineLog;
  readonly #closing = new Set<Promise<void>>();

  constructor(id: ComponentId, log: EngineLog) {
    this.#id = id;
    this.#log = log;
  }

  /** No try of it is under way any more. One that fails is told of, and holds up nothing. */
  shutDown(former: Exporter): void {
    const closing = (async () => {
      try {
        await former.shutdown?.();
      } catch (error) {
        this.#log.warn('an exporter did not shut down', { exporter: this.#id, error: errorMessage(error) });
      }
    })();
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** Resolves when all that were given to it are shut down. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }
}
