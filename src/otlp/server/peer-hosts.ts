/**
 * Who shares a server: the hosts that have connections or requests here, each with what it takes of what is limited.
 *
 * Of a limit that several hosts share, one may take at most SHARE times what all of them leave free, so that a host that floods finds
 * the limit before the others do: the more it has, the less is free for it, while those with little stay below. A host that is alone
 * has everything. Source: Choudhury and Hahne, Dynamic queue length thresholds for shared-memory packet switches, 1998.
 */
export const SHARE = 4;

export class PeerHost {
  /** Without the port. */
  readonly address: string;
  connections = 0;
  /** Of requests received and not yet answered. */
  heldBytes = 0;

  constructor(address: string) {
    this.address = address;
  }
}

export class PeerHosts {
  readonly #hosts = new Map<string, PeerHost>();
  #connections = 0;

  /** Hosts with connections, or with requests whose connections are gone. */
  get count(): number {
    return this.#hosts.size;
  }

  /** Counts a connection; undefined, and nothing counted, when the host has more than its share of `maxConnections`. */
  connect(address: string, maxConnections: number): PeerHost | undefined {
    const host = this.#hosts.get(address) ?? new PeerHost(address);
    // The limit itself stands, also for one that is alone: whoever comes next must be able to connect.
    if (host.connections + 1 > Math.max(1, SHARE * (maxConnections - this.#connections))) return undefined;
    host.connections++;
    this.#connections++;
    this.#hosts.set(address, host);
    return host;
  }

  /** Forgets a host that has nothing here any more. */
  settle(host: PeerHost): void {
    if (host.connections === 0 && host.heldBytes === 0) this.#hosts.delete(host.address);
  }

  disconnect(host: PeerHost): void {
    host.connections--;
    this.#connections--;
    this.settle(host);
  }
}
