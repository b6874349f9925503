/**
 * Who may go on sending while the process is short of memory.
 *
 * Between the soft and the hard limit the senders together may send the less of what they sent in the last interval the nearer the
 * hard limit is, and that is shared by need: who sends less than an equal part sends on, the rest is shared by those who send more.
 * At the hard limit nobody sends. A signal's equal part is smaller by its weight.
 *
 * Invariant: at most MAX_SENDERS senders of a signal are told apart; all others are one.
 */
import { SIGNALS, type Signal } from '../../pdata/index.ts';

const MAX_SENDERS = 1000;
const OTHERS = '(others)';

interface Flow {
  readonly weight: number;
  /** In this interval, refused or not. */
  offered: number;
  admitted: number;
}

type Flows = Readonly<Record<Signal, Map<string, Flow>>>;

const emptyFlows = (): Flows => ({ traces: new Map(), metrics: new Map(), logs: new Map() });

export class MemoryShares {
  #weights: Readonly<Record<Signal, number>>;
  #flows = emptyFlows();
  /** Bytes that a flow of weight 1 may send in this interval. */
  #level = Number.POSITIVE_INFINITY;

  constructor(weights: Readonly<Record<Signal, number>>) {
    this.#weights = weights;
  }

  /** An interval begins; `pressure` 0 at the soft limit and below, 1 at the hard one. What the last one brought decides about it. */
  begin(pressure: number, weights = this.#weights): void {
    this.#weights = weights;
    const flows = SIGNALS.flatMap((signal) => [...this.#flows[signal].values()]);
    const offered = flows.reduce((sum, flow) => sum + flow.offered, 0);
    if (pressure <= 0) this.#level = Number.POSITIVE_INFINITY;
    // One that is alone has nobody to share with: it is refused, as everybody is in the Collector.
    else if (pressure >= 1 || this.#senderCount() < 2) this.#level = 0;
    else this.#level = levelOf(flows, offered * (1 - pressure));
    this.#flows = emptyFlows();
  }

  admits(sender: string, signal: Signal, sizeBytes: number): boolean {
    const flow = this.#flow(sender, signal);
    flow.offered += sizeBytes;
    const isFirst = flow.admitted === 0 && this.#level > 0;
    if (!isFirst && flow.admitted + sizeBytes > this.#level * flow.weight) return false;
    flow.admitted += sizeBytes;
    return true;
  }

  #senderCount(): number {
    const senders = new Set<string>();
    for (const signal of SIGNALS) for (const sender of this.#flows[signal].keys()) senders.add(sender);
    return senders.size;
  }

  #flow(sender: string, signal: Signal): Flow {
    const flows = this.#flows[signal];
    const known = flows.get(sender);
    if (known !== undefined) return known;
    const key = flows.size < MAX_SENDERS ? sender : OTHERS;
    const flow = flows.get(key) ?? { weight: this.#weights[signal], offered: 0, admitted: 0 };
    flows.set(key, flow);
    return flow;
  }
}

/** The level up to which flows are filled by `bytes` in all: max-min fairness by weight. */
function levelOf(flows: readonly Flow[], bytes: number): number {
  const byNeed = flows
    .map(({ offered, weight }) => ({ offered, weight, need: offered / weight }))
    .sort((a, b) => a.need - b.need);
  let left = bytes;
  let weight = byNeed.reduce((sum, flow) => sum + flow.weight, 0);
  for (const flow of byNeed) {
    if (flow.need * weight > left) return left / weight;
    left -= flow.offered;
    weight -= flow.weight;
  }
  return Number.POSITIVE_INFINITY;
}
