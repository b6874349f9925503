import type { BackendFailure } from '../../flow/index.ts';
import type { KubeLog } from '../../kube/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import type { AskBackend, ObservedBackend } from './observed-pipeline.ts';

/** How long one question may take. */
const ANSWER_MS = 8_000;
/** How often a backend that is in trouble is asked. */
const AGAIN_MS = 30_000;
/** Questions at once, over all pipelines. */
const MOST_AT_ONCE = 8;

interface Watched {
  askedMs: number;
  isAsking: boolean;
  failure: BackendFailure | undefined;
}

export interface BackendWatchOptions {
  readonly clock: Clock;
  readonly askBackend: AskBackend;
  readonly log: KubeLog;
  readonly signal: AbortSignal;
  /** Tells that an answer came. */
  readonly onAnswer: () => void;
}

/** Asks backends whose pipelines are in trouble, and remembers what they said until the trouble is over. */
export class BackendWatch {
  readonly #options: BackendWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #asking = 0;
  readonly #running = new Set<Promise<void>>();

  constructor(options: BackendWatchOptions) {
    this.#options = options;
  }

  /** Asks if it is time to. */
  look(key: string, backend: ObservedBackend): void {
    const { clock } = this.#options;
    const watched = this.#watched.get(key) ?? { askedMs: -Infinity, isAsking: false, failure: undefined };
    this.#watched.set(key, watched);
    if (watched.isAsking || this.#asking >= MOST_AT_ONCE || clock.nowMs() - watched.askedMs < AGAIN_MS) return;
    watched.askedMs = clock.nowMs();
    const asking = this.#ask(watched, backend).finally(() => this.#running.delete(asking));
    this.#running.add(asking);
  }

  /** The trouble is over, or the pipeline gone. */
  forget(key: string): void {
    this.#watched.delete(key);
  }

  failureOf(key: string): BackendFailure | undefined {
    return this.#watched.get(key)?.failure;
  }

  keys(): readonly string[] {
    return [...this.#watched.keys()];
  }

  async stopped(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  async #ask(watched: Watched, backend: ObservedBackend): Promise<void> {
    const { clock, askBackend, log, signal, onAnswer } = this.#options;
    const late = new AbortController();
    const timer = clock.after(ANSWER_MS, () => late.abort());
    watched.isAsking = true;
    this.#asking += 1;
    try {
      watched.failure = await askBackend(backend, { signal: AbortSignal.any([signal, late.signal]) });
    } catch (error) {
      if (signal.aborted) return;
      if (late.signal.aborted) watched.failure = { kind: 'timeout', message: 'no answer in time' };
      // A question that cannot be asked is a bug; what is known of the flow stands without it. The cause may hold an address.
      else
        log.error('a backend could not be asked', { exporter: backend.exporter, error: errorCode(error) ?? 'unknown' });
    } finally {
      timer.cancel();
      watched.isAsking = false;
      this.#asking -= 1;
    }
    onAnswer();
  }
}
