import type { Signal } from '../pdata/index.ts';
import type { Answer } from './connection/index.ts';
import { createLatencyRecorder } from './latency.ts';

/**
 * What became of one run. Every item sent is in exactly one of accepted, rejected, refused and failed once the run is over:
 * accepted: acknowledged. rejected: named by a partial success. refused: answered with an error and given up.
 * failed: no answer, so nobody knows whether the backend has it.
 */
export interface GeneratorReport {
  readonly signal: Signal;
  readonly shape: string;
  readonly seed: number;
  /** Id of the run's first trace, in hex; only of traces. */
  readonly firstTraceId?: string;
  readonly requests: number;
  readonly retries: number;
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
  readonly failed: number;
  /** Encoded request bytes before compression, each request once. */
  readonly bytes: number;
  /** Answers by `OK`, gRPC status name, HTTP status or error code; retried answers are in here too. */
  readonly answers: Readonly<Record<string, number>>;
  /** The first sentence that came with an answer other than OK. */
  readonly firstMessage?: string;
  readonly seconds: number;
  /** From handing a request to the connection to its answer, first attempts only; null before the first answer. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number } | null;
}

export class GeneratorTally {
  requests = 0;
  retries = 0;
  sent = 0;
  accepted = 0;
  rejected = 0;
  refused = 0;
  failed = 0;
  bytes = 0;
  readonly latency = createLatencyRecorder();
  readonly #answers = new Map<string, number>();
  #firstMessage: string | undefined;

  answered(answer: Answer): void {
    const key = answer.status === 'ok' ? 'OK' : answer.code;
    this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
    if (this.#firstMessage === undefined && answer.message) this.#firstMessage = answer.message;
  }

  /** The last answer for a request of `itemCount` items. */
  settled(answer: Answer, itemCount: number): void {
    if (answer.status === 'refused') this.refused += itemCount;
    else if (answer.status === 'failed') this.failed += itemCount;
    else {
      const rejected = Math.min(answer.rejectedCount, itemCount);
      this.rejected += rejected;
      this.accepted += itemCount - rejected;
    }
  }

  report(
    identity: Pick<GeneratorReport, 'signal' | 'shape' | 'seed' | 'firstTraceId'>,
    seconds: number,
  ): GeneratorReport {
    const { requests, retries, sent, accepted, rejected, refused, failed, bytes, latency } = this;
    const counts = { requests, retries, sent, accepted, rejected, refused, failed, bytes };
    const quantiles = {
      p50: latency.quantileMs(0.5),
      p95: latency.quantileMs(0.95),
      p99: latency.quantileMs(0.99),
      max: latency.maxMs(),
    };
    return {
      ...identity,
      ...counts,
      answers: Object.fromEntries([...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1))),
      ...(this.#firstMessage === undefined ? {} : { firstMessage: this.#firstMessage }),
      seconds,
      latencyMs: latency.count === 0 ? null : quantiles,
    };
  }
}
