import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type Consumer, STOPPING, type Verdict } from '../batch.ts';

export type Entries = Partial<Record<Signal, Consumer>>;

/**
 * Where the receivers of one id hand data over, whatever pipelines stand behind that: they keep their connections while it is
 * changed, and a new instance takes the place of an old one without a request falling between.
 */
export class Inlets {
  /** The receivers' view; changes with `lead`. */
  readonly entries: Entries = {};
  readonly #held = new Map<Signal, { readonly opened: Promise<void>; readonly open: () => void }>();

  /** Lets data of signals wait that lead nowhere yet. */
  hold(signals: Iterable<Signal>): void {
    for (const signal of signals) {
      if (this.entries[signal] !== undefined) continue;
      let open = (): void => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#held.set(signal, { opened, open });
      this.entries[signal] = { consume: (batch) => opened.then(() => this.#target(signal).consume(batch)) };
    }
  }

  /** From here on data goes there; what was held, too. */
  lead(targets: Entries): void {
    for (const signal of SIGNALS) {
      const target = targets[signal];
      if (target === undefined) delete this.entries[signal];
      else this.entries[signal] = target;
    }
    this.#release();
  }

  /** What was held is refused, and leads nowhere as before. */
  cancel(): void {
    for (const signal of this.#held.keys()) delete this.entries[signal];
    this.#release();
  }

  #release(): void {
    for (const { open } of this.#held.values()) open();
    this.#held.clear();
  }

  #target(signal: Signal): Consumer {
    return this.entries[signal] ?? NOWHERE;
  }
}

const NOWHERE: Consumer = { consume: (): Verdict => ({ status: 'refused', ...STOPPING }) };
