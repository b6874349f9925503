import type { MetricsRegistry } from '../../lib/index.ts';

/** Why a sender that has its share is refused, or its items dropped: what it has its share of. */
export const SHARED = ['queue', 'memory', 'in_flight', 'connections'] as const;
export type Shared = (typeof SHARED)[number];

const KEPT = 64;
const SHOWN = 10;

export interface RefusedSender {
  readonly sender: string;
  readonly shared: Shared;
  /** Requests, or connections. At most as many too high as the least of those kept. */
  readonly count: number;
}

/**
 * Counts what senders were refused because they had their share, and names those with most of it: the Space-Saving algorithm of
 * Metwally, Agrawal and El Abbadi, so that no number of senders makes it larger.
 */
export class RefusedSenders {
  readonly #counts = new Map<string, { readonly sender: string; readonly shared: Shared; count: number }>();
  readonly #add: Readonly<Record<Shared, (n: number) => void>>;

  constructor(metrics: MetricsRegistry) {
    const requests = {
      name: 'sluice_admission_over_share_total',
      help: 'Requests and connections of senders that had their share already, by what they had their share of.',
    };
    const adders = SHARED.map((shared) => {
      const counter = metrics.counter(requests, { shared });
      return [shared, (n: number) => counter.add(n)] as const;
    });
    this.#add = Object.fromEntries(adders) as Record<Shared, (n: number) => void>;
    const top = {
      name: 'sluice_admission_over_share_sender',
      help: 'Requests and connections refused to the ten senders that were refused most.',
    };
    metrics.collect(top, 'gauge', () =>
      this.top().map(({ sender, shared, count }) => [{ sender, shared }, count] as const),
    );
  }

  add(sender: string, shared: Shared): void {
    this.#add[shared](1);
    const key = `${shared} ${sender}`;
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    let count = 1;
    if (this.#counts.size >= KEPT) {
      const [leastKey, least] = [...this.#counts].reduce((a, b) => (b[1].count < a[1].count ? b : a));
      this.#counts.delete(leastKey);
      count = least.count + 1;
    }
    this.#counts.set(key, { sender, shared, count });
  }

  /** Those refused most, most first. */
  top(): readonly RefusedSender[] {
    return [...this.#counts.values()]
      .sort((a, b) => b.count - a.count || (a.sender < b.sender ? -1 : 1))
      .slice(0, SHOWN);
  }
}
