import type { Clock, MetricsRegistry } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';

/** What is left of the limit after a throttled or timed-out try. */
const CUT = 0.7;
/** Answers are as fast as ever up to this multiple of the fastest round. */
const LATENCY_TOLERANCE = 2;
/** How much the fastest round is forgotten with every round, so that a backend that became slower for good is no exception for long. */
const FORGETTING = 1.02;
/** The limit grew to some use if a round brought this much more than the one before. */
const GOODPUT_GROWTH = 1.05;
/** After so many rounds without growth one more try is allowed whatever the latency: what was learnt may be out of date. */
const PATIENCE_ROUNDS = 10;

/** One try, as the limit sees it. */
export interface LimitedTry {
  readonly round: number;
  readonly startedMs: number;
}

/** `answered`: taken or rejected; `congested`: throttled or timed out; `failed`: anything else says nothing of the load. */
export type TryResult = 'answered' | 'congested' | 'failed';

/**
 * How many tries may be under way at one backend: additive increase, multiplicative decrease. It begins at its maximum, the
 * exporter's `num_consumers`, so that a backend that never complains is served as by the Collector. A round is as many tries
 * as the limit: one that was made full use of adds one, if answers are still about as fast as the fastest or more of them
 * come; a throttled or timed-out try takes three tenths away, once a round, as the others of it began before that was known.
 * Slowness alone takes nothing away: requests differ in size by orders of magnitude.
 * Forms it was compared with: Vector's adaptive request concurrency, Netflix's concurrency-limits (AIMDLimit).
 *
 * Invariant: 1 <= current <= max
 */
export class ConcurrencyLimit {
  readonly #max: number;
  readonly #clock: Clock;
  #limit: number;
  #round = 0;
  #startedMs: number;
  #concluded = 0;
  #answered = 0;
  #latencySumMs = 0;
  #full = false;
  #fastestMs = Number.POSITIVE_INFINITY;
  #goodput = 0;
  #roundsWithoutGrowth = 0;

  /** `max` may be infinite: then there is no limit. */
  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
    this.#limit = max;
    this.#startedMs = clock.monotonicMs();
  }

  get current(): number {
    return Math.floor(this.#limit);
  }

  /** A try begins; `underWay` counts it. */
  begin(underWay: number): LimitedTry {
    if (underWay >= this.current) this.#full = true;
    return { round: this.#round, startedMs: this.#clock.monotonicMs() };
  }

  conclude(tried: LimitedTry, result: TryResult): void {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    if (result === 'congested') {
      if (tried.round === this.#round) this.#cut();
      return;
    }
    this.#concluded++;
    if (result === 'answered') {
      this.#answered++;
      this.#latencySumMs += this.#clock.monotonicMs() - tried.startedMs;
    }
    if (this.#concluded >= this.current) this.#endRound();
  }

  #cut(): void {
    this.#limit = Math.max(1, this.#limit * CUT);
    this.#round++;
    this.#roundsWithoutGrowth = 0;
    this.#beginCounting();
  }

  #endRound(): void {
    if (this.#answered > 0 && this.#limit < this.#max) this.#mayGrow();
    this.#beginCounting();
  }

  #mayGrow(): void {
    const latencyMs = this.#latencySumMs / this.#answered;
    const seconds = Math.max(this.#clock.monotonicMs() - this.#startedMs, 1) / 1000;
    const goodput = this.#answered / seconds;
    this.#fastestMs = Math.min(latencyMs, this.#fastestMs * FORGETTING);
    const isFast = latencyMs <= this.#fastestMs * LATENCY_TOLERANCE + 1;
    const grew = goodput > this.#goodput * GOODPUT_GROWTH;
    this.#goodput = goodput;
    if (!this.#full) return;
    if (isFast || grew || ++this.#roundsWithoutGrowth >= PATIENCE_ROUNDS) {
      this.#limit = Math.min(this.#max, this.#limit + 1);
      this.#roundsWithoutGrowth = 0;
    }
  }

  #beginCounting(): void {
    this.#startedMs = this.#clock.monotonicMs();
    this.#concluded = 0;
    this.#answered = 0;
    this.#latencySumMs = 0;
    this.#full = false;
  }
}

/** Shows how many tries may be under way. */
export function observeConcurrency(
  metrics: MetricsRegistry,
  { id, signal, current }: { readonly id: ComponentId; readonly signal: Signal; current(): number },
): void {
  const help =
    'Requests that may be under way to the backend at once: at most num_consumers, less while it is overloaded.';
  metrics.observe({ name: 'sluice_exporter_concurrency', help }, { exporter: id, data_type: signal }, current);
}
