import { type PeerHost, type PeerHosts, SHARE } from './peer-hosts.ts';

/** Bytes of request bodies held at once, over all connections of a server, and each host's share of them. */
export class ByteBudget {
  readonly limitBytes: number;
  readonly #hosts: PeerHosts;
  #heldBytes = 0;

  constructor(limitBytes: number, hosts: PeerHosts) {
    this.limitBytes = limitBytes;
    this.#hosts = hosts;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Nothing is taken when it would pass the limit, or the host's share of it. A `weight` below 1 makes that share smaller, and is one
   * for a host that is alone, too. A request that is larger than the share is taken while its host holds nothing else.
   */
  reserve(host: PeerHost, sizeBytes: number, weight: number): 'reserved' | 'full' | 'over_share' {
    const free = this.limitBytes - this.#heldBytes;
    if (sizeBytes > free) return 'full';
    const shares = weight < 1 || this.#hosts.count > 1;
    if (shares && host.heldBytes > 0 && host.heldBytes + sizeBytes > SHARE * weight * free) return 'over_share';
    this.#heldBytes += sizeBytes;
    host.heldBytes += sizeBytes;
    return 'reserved';
  }

  release(host: PeerHost, sizeBytes: number): void {
    this.#heldBytes -= sizeBytes;
    host.heldBytes -= sizeBytes;
    this.#hosts.settle(host);
  }
}
