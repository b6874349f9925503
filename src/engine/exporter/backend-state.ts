import type { BackendFailure, ExporterSnapshot } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { EngineLog } from '../component.ts';

export type BackendStateSnapshot = Pick<ExporterSnapshot, 'state' | 'sinceMs' | 'failure' | 'failedTries'>;

/** What is known of a backend from its answers; logs only when that changes. */
export class BackendState {
  readonly #clock: Clock;
  readonly #log: EngineLog;
  readonly #exporter: string;
  #state: 'unknown' | 'ok' | 'failing' = 'unknown';
  #sinceMs: number;
  #failure: BackendFailure | undefined;
  #failedTries = 0;

  constructor(exporter: string, clock: Clock, log: EngineLog) {
    this.#exporter = exporter;
    this.#clock = clock;
    this.#log = log;
    this.#sinceMs = clock.nowMs();
  }

  /** Tries that failed since the last one that did not. */
  get failedTries(): number {
    return this.#failedTries;
  }

  succeeded(): void {
    if (this.#state === 'ok') return;
    if (this.#state === 'failing') {
      this.#log.warn('backend takes data again', { exporter: this.#exporter, failed_tries: this.#failedTries });
    }
    this.#enter('ok');
  }

  failed(failure: BackendFailure): void {
    if (this.#state !== 'failing') {
      this.#enter('failing');
      this.#log.warn('backend does not take data', {
        exporter: this.#exporter,
        kind: failure.kind,
        error: failure.message,
      });
    }
    this.#failedTries++;
    this.#failure = failure;
  }

  /** Another backend, or another way to it: nothing is known yet. */
  reset(): void {
    this.#enter('unknown');
  }

  snapshot(): BackendStateSnapshot {
    return {
      state: this.#state,
      sinceMs: this.#sinceMs,
      failedTries: this.#failedTries,
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
  }

  #enter(state: 'unknown' | 'ok' | 'failing'): void {
    this.#state = state;
    this.#sinceMs = this.#clock.nowMs();
    this.#failedTries = 0;
    this.#failure = undefined;
  }
}
