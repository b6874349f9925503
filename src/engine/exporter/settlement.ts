import type { DropCause } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { ExportOutcome, GrpcCode } from '../../otlp/index.ts';
import type { Verdict } from '../batch.ts';
import { apportion, type Consignment } from './consignment.ts';
import type { DeadLetterReason, DeadLetters } from './dead-letters.ts';
import type { DropLog } from './drop-log.ts';
import type { ExporterTelemetry } from './telemetry.ts';

/** Why a consignment was given up; `retryable` is for a sender that still waits for the answer. */
export interface Failure {
  readonly cause: DropCause;
  readonly retryable: boolean;
  readonly message: string;
  /** The delay that the backend asked for. */
  readonly afterMs?: number;
  /** What the backend answered. */
  readonly code?: GrpcCode;
}

type Delivered = Omit<Extract<ExportOutcome, { readonly status: 'delivered' }>, 'cause'> & {
  readonly cause?: DropCause;
};

/** When a sender may try again whose backend did not say. */
const RETRY_AFTER_MS = 1000;

export interface SettlementOptions {
  readonly telemetry: ExporterTelemetry;
  readonly drops: DropLog;
  readonly clock: Clock;
}

/** Books what became of a consignment: in the ledger of everyone who has items in it, in the metrics and in the log. */
export class Settlement {
  readonly #options: SettlementOptions;
  #deadLetters: DeadLetters | undefined;
  /** Letters that are being written. */
  readonly #keeping = new Set<Promise<void>>();

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  /** Where what the backend rejects for good is kept from here on; undefined: nowhere. */
  keepIn(deadLetters: DeadLetters | undefined): void {
    this.#deadLetters = deadLetters;
  }

  /** The backend took it, but for `rejectedCount` items, of which nobody says which they are. */
  delivered(
    { batch, shares }: Consignment,
    { rejectedCount, message, cause = 'rejected_by_backend' }: Delivered,
  ): void {
    const rejected = Math.min(rejectedCount, batch.itemCount);
    const { telemetry, drops, clock } = this.#options;
    const nowMs = clock.nowMs();
    telemetry.sent.add(batch.itemCount - rejected);
    if (rejected === 0) {
      for (const { origin, itemCount } of shares) origin.delivered(itemCount, nowMs);
      return;
    }
    telemetry.sendFailed.add(rejected);
    drops.add(cause, rejected, message ?? 'partial success');
    apportion(shares, rejected).forEach((lost, i) => {
      const { origin, itemCount } = shares[i]!;
      if (lost > 0) origin.rejected(lost, cause);
      if (itemCount > lost) origin.delivered(itemCount - lost, nowMs);
    });
  }

  /** Given up for good. */
  failed({ batch, shares }: Consignment, failure: Failure): void {
    const { cause, retryable, message, afterMs = RETRY_AFTER_MS, code } = failure;
    this.#options.telemetry.sendFailed.add(batch.itemCount);
    this.#options.drops.add(cause, batch.itemCount, message);
    const keeping = !retryable && isKept(cause) ? this.#keep({ batch, cause, message }) : undefined;
    const refusal: Verdict = {
      status: 'refused',
      retryable,
      afterMs: retryable ? afterMs : 0,
      message,
      ...(code !== undefined && { code }),
    };
    for (const { origin, itemCount } of shares) origin.failed(itemCount, cause, refusal, keeping);
  }

  /** Resolves when no letter is being written. */
  async kept(): Promise<void> {
    await Promise.all(this.#keeping);
  }

  #keep({ batch, cause, message }: Pick<Consignment, 'batch'> & Omit<DeadLetterReason, 'rejectedMs'>) {
    const keeping = this.#deadLetters?.add(batch, { cause, message, rejectedMs: this.#options.clock.nowMs() });
    if (keeping === undefined) return undefined;
    this.#keeping.add(keeping);
    void keeping.then(() => this.#keeping.delete(keeping));
    return keeping;
  }
}

/** What the backend would reject as often as it is sent; what it had no time for is no dead letter. */
function isKept(cause: DropCause): cause is DeadLetterReason['cause'] {
  return cause === 'rejected_by_backend' || cause === 'too_large';
}
