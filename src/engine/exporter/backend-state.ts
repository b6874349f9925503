import type { BackendFailure, ExporterSnapshot } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { Batch } from '../batch.ts';
import type { EngineLog } from '../component.ts';

export type BackendStateSnapshot = Pick<
  ExporterSnapshot,
  'state' | 'sinceMs' | 'failure' | 'rejection' | 'failedTries'
>;

/** Messages about changes of a backend's state. */
export const BACKEND_LOG = { failing: 'backend does not take data', again: 'backend takes data again' } as const;

/** A backend that fails now and then would fill the log with its changes. */
const TELL_EVERY_MS = 10_000;

/** What is known of a backend from its answers; logs only when that changes, and not more often than people can read. */
export class BackendState {
  readonly #clock: Clock;
  readonly #log: EngineLog;
  readonly #exporter: string;
  #state: 'unknown' | 'ok' | 'failing' = 'unknown';
  #sinceMs: number;
  #failure: BackendFailure | undefined;
  #rejection: BackendFailure | undefined;
  #failedTries = 0;
  /** The log says that it fails. */
  #told = false;
  #toldMs = Number.NEGATIVE_INFINITY;

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
    if (this.#told) {
      this.#told = false;
      this.#log.warn(BACKEND_LOG.again, { exporter: this.#exporter, failed_tries: this.#failedTries });
    }
    this.#enter('ok');
  }

  failed(failure: BackendFailure): void {
    if (this.#state !== 'failing') this.#enter('failing');
    if (!this.#told) this.#tell(failure);
    this.#failedTries++;
    this.#failure = failure;
  }

  /** Items were given up because of this; the log of drops tells it. */
  rejected(rejection: BackendFailure): void {
    this.#rejection = rejection;
  }

  /** Another backend, or another way to it: nothing is known yet. */
  reset(): void {
    this.#rejection = undefined;
    this.#told = false;
    this.#toldMs = Number.NEGATIVE_INFINITY;
    this.#enter('unknown');
  }

  snapshot(): BackendStateSnapshot {
    return {
      state: this.#state,
      sinceMs: this.#sinceMs,
      failedTries: this.#failedTries,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ...(this.#rejection !== undefined && { rejection: this.#rejection }),
    };
  }

  #tell({ kind, message }: BackendFailure): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#told = true;
    this.#toldMs = nowMs;
    this.#log.warn(BACKEND_LOG.failing, { exporter: this.#exporter, kind, error: message });
  }

  #enter(state: 'unknown' | 'ok' | 'failing'): void {
    this.#state = state;
    this.#sinceMs = this.#clock.nowMs();
    this.#failedTries = 0;
    this.#failure = undefined;
  }
}

/** What a partial success says, as the failure that it is for some of the items. */
export function partialRejection(
  { signal, itemCount }: Batch,
  { rejectedCount, message, cause }: Extract<ExportOutcome, { status: 'delivered' }>,
): BackendFailure {
  const rejected = Math.min(rejectedCount, itemCount);
  if (cause === 'unsupported') return { kind: 'rejected', message: message ?? 'the protocol has no place for them' };
  const why = message === undefined ? ', and does not say why' : `: ${message}`;
  return {
    kind: 'rejected',
    message: `the backend rejected ${rejected} of ${itemCount} ${ITEM_NOUN[signal].people}${why}`,
  };
}
