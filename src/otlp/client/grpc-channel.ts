import { lookup as lookupName } from 'node:dns/promises';
import type { ClientHttp2Session } from 'node:http2';
import { isIP } from 'node:net';

import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import type { TlsOptions } from './client-tls.ts';
import type { Endpoint } from './endpoint.ts';
import { connectionFailure, refusedFailure } from './failure.ts';
import { GrpcConnection } from './grpc-connection.ts';

/** All addresses of a name; rejects with Node's error (`ENOTFOUND`, `EAI_AGAIN`). */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface GrpcChannelOptions {
  readonly endpoint: Endpoint;
  readonly balancer: 'pick_first' | 'round_robin';
  readonly tls: (() => TlsOptions) | undefined;
  readonly lookup: Lookup | undefined;
  readonly clock: Clock;
}

/** A connection that takes a call now. */
export interface Pick {
  readonly session: ClientHttp2Session;
  /** The call went unanswered. */
  suspect(): void;
}

interface Backend {
  readonly address: string;
  readonly connection: GrpcConnection;
  /** While another answers, this one isn't asked before then. */
  notBeforeMs: number;
  failures: number;
}

/** As grpc-go: the least time between two resolutions, and the first and longest waits before a dead address is tried again. */
const RESOLVE_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 120_000;

/**
 * The connections to all addresses of one name.
 * - The name is looked up for the first call, and after a connection was lost, at most every 30 s; a failed lookup is not remembered.
 * - `round_robin`: one connection to each address, calls in turn over those that are up. `pick_first`: one connection, to the first that answers.
 * - A call waits only when no address is up, and fails only when none answers.
 */
export class GrpcChannel {
  readonly #options: GrpcChannelOptions;
  #backends: readonly Backend[] = [];
  #resolving: Promise<void> | undefined;
  #resolvedAtMs = Number.NEGATIVE_INFINITY;
  #isStale = true;
  #turn = 0;
  #closed = false;

  constructor(options: GrpcChannelOptions) {
    this.#options = options;
  }

  /** Synchronous where it can be: the hot path creates no promise. Rejects with a BackendFailure. */
  pick(): Pick | Promise<Pick> {
    const resolving = this.#refresh();
    return resolving === undefined ? this.#choose() : resolving.then(() => this.#choose());
  }

  #choose(): Pick | Promise<Pick> {
    const all = this.#backends;
    const isInTurn = this.#options.balancer === 'round_robin';
    const up = all.flatMap(({ connection }) => (connection.ready === undefined ? [] : [connection]));
    if (isInTurn && up.length < all.length) this.#wake(all, up.length > 0);
    const chosen = isInTurn ? up[this.#turn++ % up.length] : up[0];
    if (chosen?.ready !== undefined) return pickOf(chosen, chosen.ready);
    return isInTurn ? this.#firstOf(all) : this.#inOrder(all);
  }

  /** Connects to what is down, in the background. */
  #wake(all: readonly Backend[], othersAreUp: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const backend of all) {
      if (backend.connection.ready !== undefined || (othersAreUp && backend.notBeforeMs > nowMs)) continue;
      this.#open(backend).catch(() => {}); // remembered in `backend`, and told to a call when no other is up
    }
  }

  async #firstOf(backends: readonly Backend[]): Promise<Pick> {
    try {
      return await Promise.any(backends.map(async (backend) => pickOf(backend.connection, await this.#open(backend))));
    } catch (error) {
      throw this.#failureOf((error as AggregateError).errors, backends);
    }
  }

  async #inOrder(backends: readonly Backend[]): Promise<Pick> {
    const failures: unknown[] = [];
    for (const backend of backends) {
      try {
        return pickOf(backend.connection, await this.#open(backend));
      } catch (failure) {
        failures.push(failure);
      }
    }
    throw this.#failureOf(failures, backends);
  }

  /** One sentence for all addresses: if not all are refused, the first that fails otherwise says more. */
  #failureOf(failures: readonly unknown[], backends: readonly Backend[]): BackendFailure {
    const { endpoint } = this.#options;
    const others = (failures as BackendFailure[]).filter(({ kind }) => kind !== 'refused');
    if (others.length === 0) {
      return refusedFailure(
        endpoint,
        backends.map(({ address }) => address),
      );
    }
    return others.find(({ kind }) => kind !== 'unavailable') ?? (others[0] as BackendFailure);
  }

  async #open(backend: Backend): Promise<ClientHttp2Session> {
    try {
      const session = await backend.connection.open();
      backend.failures = 0;
      backend.notBeforeMs = 0;
      return session;
    } catch (failure) {
      this.#isStale = true;
      const nowMs = this.#options.clock.monotonicMs();
      if (backend.notBeforeMs <= nowMs) {
        backend.notBeforeMs = nowMs + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** backend.failures++);
      }
      throw failure;
    }
  }

  #refresh(): Promise<void> | undefined {
    if (!this.#isStale) return undefined;
    if (this.#resolving !== undefined) return this.#backends.length > 0 ? undefined : this.#resolving;
    const isSoon = this.#options.clock.monotonicMs() - this.#resolvedAtMs < RESOLVE_EVERY_MS;
    if (isSoon && this.#backends.length > 0) return undefined;
    const resolving = this.#resolve().finally(() => {
      this.#resolving = undefined;
    });
    this.#resolving = resolving;
    if (this.#backends.length === 0) return resolving;
    resolving.catch(() => {}); // the addresses that are known stay in use
    return undefined;
  }

  async #resolve(): Promise<void> {
    const { endpoint, clock, lookup = lookUp } = this.#options;
    const isAddress = isIP(endpoint.host) !== 0 || endpoint.isPassthrough;
    let addresses: readonly string[];
    try {
      addresses = isAddress ? [endpoint.host] : await lookup(endpoint.host);
      if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
    } catch (error) {
      throw connectionFailure(errorCode(error) === undefined ? { code: 'EAI_AGAIN' } : error, endpoint);
    }
    if (this.#closed) return;
    this.#resolvedAtMs = clock.monotonicMs();
    this.#isStale = false;
    this.#use([...new Set(addresses)]);
  }

  #use(addresses: readonly string[]): void {
    const known = new Map(this.#backends.map((backend) => [backend.address, backend]));
    this.#backends = addresses.map((address) => known.get(address) ?? this.#create(address));
    for (const [address, { connection }] of known) if (!addresses.includes(address)) connection.retire();
  }

  #create(address: string): Backend {
    const { endpoint, tls, clock } = this.#options;
    const onLost = () => {
      this.#isStale = true;
    };
    const connection = new GrpcConnection({ endpoint, address, tls, clock, onLost });
    return { address, connection, notBeforeMs: 0, failures: 0 };
  }

  close(): void {
    this.#closed = true;
    for (const { connection } of this.#backends) connection.close();
  }
}

function pickOf(connection: GrpcConnection, session: ClientHttp2Session): Pick {
  return { session, suspect: () => connection.suspect() };
}

async function lookUp(host: string): Promise<readonly string[]> {
  return (await lookupName(host, { all: true })).map(({ address }) => address);
}
