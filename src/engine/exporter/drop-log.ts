import type { DropCause } from '../../flow/index.ts';
import type { EngineDeps } from '../component.ts';

/** Losses are told at once, then summed up at most this often. */
const REPEAT_MS = 10_000;

/** Tells of lost items without a line per request, however fast they are lost. */
export class DropLog {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #deps: Pick<EngineDeps, 'clock' | 'log'>;
  readonly #pending = new Map<DropCause, { itemCount: number; reason: string }>();
  readonly #toldMs = new Map<DropCause, number>();

  constructor(fields: Readonly<Record<string, unknown>>, deps: Pick<EngineDeps, 'clock' | 'log'>) {
    this.#fields = fields;
    this.#deps = deps;
  }

  add(cause: DropCause, itemCount: number, reason: string): void {
    const pending = this.#pending.get(cause);
    this.#pending.set(cause, { itemCount: (pending?.itemCount ?? 0) + itemCount, reason });
    const nowMs = this.#deps.clock.monotonicMs();
    const toldMs = this.#toldMs.get(cause);
    if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) return;
    this.#toldMs.set(cause, nowMs);
    this.#tell(cause);
  }

  /** Tells what has not been told; on shutdown. */
  flush(): void {
    for (const cause of this.#pending.keys()) this.#tell(cause);
  }

  #tell(cause: DropCause): void {
    const { itemCount, reason } = this.#pending.get(cause)!;
    this.#pending.delete(cause);
    this.#deps.log.error('items dropped', { ...this.#fields, cause, items: itemCount, reason });
  }
}
