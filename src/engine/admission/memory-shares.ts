/**
 * Who may go on sending while the process is short of memory.
 *
 * Between the soft and the hard limit the senders together may send the less of what they have sent lately the nearer the
 * hard limit is, and that is shared by need: who sends less than an equal part sends on, the rest is shared by those who send more.
 * At the hard limit nobody sends. A signal's equal part is smaller by its weight.
 *
 * Invariant: at most MAX_SENDERS senders of a signal are told apart by name, and all others by their buckets.
 */
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { bucketOf, MAX_SENDERS } from './sender-bucket.ts';

/** Of what a sender sends in an interval, this part is the last one's, the rest that of those before. */
const NEWEST = 0.3;
/** A sender may save up what it did not use in so many intervals: nobody sends evenly. */
const SAVED_INTERVALS = 4;
/** Bytes an interval below which a sender is forgotten. */
const FORGOTTEN = 1;

interface Flow {
  readonly sender: string;
  readonly signal: Signal;
  /** Bytes an interval, refused or not. */
  rate: number;
  /** In this interval. */
  offered: number;
  /** What it may still send; a request that is larger is owed. */
  credit: number;
}

export class MemoryShares {
  #weights: Readonly<Record<Signal, number>>;
  readonly #flows: Readonly<Record<Signal, Map<string, Flow>>> = {
    traces: new Map(),
    metrics: new Map(),
    logs: new Map(),
  };
  /** Bytes that a flow of weight 1 may send in this interval. */
  #level = Number.POSITIVE_INFINITY;

  constructor(weights: Readonly<Record<Signal, number>>) {
    this.#weights = weights;
  }

  /** An interval begins; `pressure` 0 at the soft limit and below, 1 at the hard one. What was sent before decides about it. */
  begin(pressure: number, weights = this.#weights): void {
    this.#weights = weights;
    const flows = SIGNALS.flatMap((signal) => [...this.#flows[signal].values()]);
    for (const flow of flows) this.#measure(flow);
    this.#level = this.#levelAt(pressure, flows);
    if (this.#level === Number.POSITIVE_INFINITY) return;
    for (const flow of flows) {
      const share = this.#level * this.#weights[flow.signal];
      flow.credit = Math.min(flow.credit + share, SAVED_INTERVALS * share);
    }
  }

  admits(sender: string, signal: Signal, sizeBytes: number): boolean {
    const flow = this.#flow(sender, signal);
    flow.offered += sizeBytes;
    if (this.#level === Number.POSITIVE_INFINITY) return true;
    if (flow.credit <= 0) return false;
    flow.credit -= sizeBytes;
    return true;
  }

  #levelAt(pressure: number, flows: readonly Flow[]): number {
    if (pressure <= 0) return Number.POSITIVE_INFINITY;
    // One that is alone has nobody to share with: it is refused, as everybody is in the Collector.
    if (pressure >= 1 || new Set(flows.map(({ sender }) => sender)).size < 2) return 0;
    const weighted = flows.map(({ rate, signal }) => ({ rate, weight: this.#weights[signal] }));
    return levelOf(weighted, weighted.reduce((sum, { rate }) => sum + rate, 0) * (1 - pressure));
  }

  #measure(flow: Flow): void {
    flow.rate = flow.rate === 0 ? flow.offered : flow.rate * (1 - NEWEST) + flow.offered * NEWEST;
    flow.offered = 0;
    if (this.#level === Number.POSITIVE_INFINITY) flow.credit = 0;
    if (flow.rate < FORGOTTEN) this.#flows[flow.signal].delete(flow.sender);
  }

  #flow(sender: string, signal: Signal): Flow {
    const flows = this.#flows[signal];
    const known = flows.get(sender);
    if (known !== undefined) return known;
    const key = flows.size < MAX_SENDERS ? sender : bucketOf(sender);
    let flow = flows.get(key);
    if (flow === undefined) {
      const credit = this.#level === Number.POSITIVE_INFINITY ? 0 : this.#level * this.#weights[signal];
      flow = { sender: key, signal, rate: 0, offered: 0, credit };
      flows.set(key, flow);
    }
    return flow;
  }
}

/** The level up to which flows are filled by `bytes` in all: max-min fairness by weight. */
function levelOf(flows: readonly { readonly rate: number; readonly weight: number }[], bytes: number): number {
  const byNeed = flows
    .map(({ rate, weight }) => ({ rate, weight, need: rate / weight }))
    .sort((a, b) => a.need - b.need);
  let left = bytes;
  let weight = byNeed.reduce((sum, flow) => sum + flow.weight, 0);
  for (const flow of byNeed) {
    if (flow.need * weight > left) return left / weight;
    left -= flow.rate;
    weight -= flow.weight;
  }
  return Number.POSITIVE_INFINITY;
}
