import { type Clock, CodedError, errorCode, errorMessage, sleep, type Timer } from '../lib/index.ts';
import { isAlreadyExists, isConflict, isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import type { KubeLog } from './log.ts';
import { microTime } from './micro-time.ts';
import type { KubeObject, ResourceType } from './object.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Of this candidate, unique among all. */
  readonly identity: string;
  /** How long the others wait for a leader that is silent; default 15 s. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it gives up; default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between two tries; default 2 s. */
  readonly retryPeriodMs?: number;
  /** In [0, 1); spreads the tries of candidates. */
  readonly random?: () => number;
  /** `signal` aborts when leadership is lost or given up: whoever writes must stop then. */
  onStartedLeading(signal: AbortSignal): void;
  /** When it is lost or given up; `stop` releases the Lease only after what this returns. */
  onStoppedLeading?(): void | Promise<void>;
}

export interface LeaderElector {
  readonly isLeader: boolean;
  /** Identity in the Lease when it was last seen. */
  readonly leader: string | undefined;
  start(): void;
  /** Gives leadership up, so that another can take over at once. */
  stop(): Promise<void>;
}

/** Source: client-go tools/leaderelection and component-base config/v1alpha1 defaults. */
const DEFAULTS = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 } as const;

/** Candidates wait up to 1 + this times the period, so that they do not all write at once. */
const JITTER_FACTOR = 1.2;

const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** Source: coordination.k8s.io/v1 Lease. Times are written for people and never read: clocks of others may be wrong. */
interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

type Settings = LeaderElectorOptions &
  Required<Pick<LeaderElectorOptions, 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs' | 'random'>>;

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = { ...DEFAULTS, ...options };
  if (!(leaseDurationMs > renewDeadlineMs && renewDeadlineMs > retryPeriodMs * JITTER_FACTOR)) {
    throw new Error('a lease lasts longer than the renew deadline, which is longer than 1.2 retry periods');
  }
  return new LeaseElector({ ...DEFAULTS, random: Math.random, ...options });
}

/**
 * Invariants: nobody leads for longer than `renewDeadlineMs` after the moment a renewal that succeeded was begun; the others wait
 * `leaseDurationMs` from when they saw the Lease change, by their own monotonic clock. So two never lead at once, whatever their
 * clocks of day say.
 */
class LeaseElector implements LeaderElector {
  readonly #options: Settings;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #leading: { readonly abort: AbortController; untilMs: number; deadline: Timer } | undefined;
  #stopping: Promise<void> = Promise.resolve();
  /** What was told last of what goes wrong, as its code. */
  #trouble: string | undefined;
  /** The Lease when it was last seen to change, and when that was. */
  #seen: { readonly lease: Lease; readonly atMs: number } | undefined;

  constructor(options: Settings) {
    this.#options = options;
  }

  get isLeader(): boolean {
    // A process that was paused finds its timers late.
    return this.#leading !== undefined && this.#options.clock.monotonicMs() < this.#leading.untilMs;
  }

  get leader(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity || undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    const wasLeader = this.isLeader;
    this.#stopped.abort(new CodedError('stopped', 'the leader elector was stopped'));
    this.#lose('it is stopped');
    await this.#running;
    await this.#stopping;
    if (wasLeader) await this.#inTime(this.#release());
  }

  async #run(): Promise<void> {
    const { clock, retryPeriodMs, random } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // Who lost the Lease and gets it back has stopped its work first.
      await this.#stopping;
      await this.#tryInTime();
      const waitMs = this.isLeader ? retryPeriodMs : retryPeriodMs * (1 + JITTER_FACTOR * random());
      await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  /** Half the deadline, so that there is time for another try. */
  async #inTime(work: Promise<void>): Promise<void> {
    const { clock, renewDeadlineMs } = this.#options;
    const given = new AbortController();
    await Promise.race([work, sleep(clock, renewDeadlineMs / 2, given.signal).catch(() => {})]);
    given.abort();
  }

  /** A try that hangs is left behind: if it succeeds late, the next one meets its own name. */
  async #tryInTime(): Promise<void> {
    const given = new AbortController();
    const stopped = Promise.withResolvers<void>();
    const onStop = () => stopped.resolve();
    this.#stopped.signal.addEventListener('abort', onStop);
    const attempt = this.#acquireOrRenew(given.signal).catch((error: unknown) => this.#tell(error));
    await this.#inTime(Promise.race([attempt, stopped.promise]));
    this.#stopped.signal.removeEventListener('abort', onStop);
    given.abort();
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<void> {
    const { client, clock, identity, namespace, name } = this.#options;
    const known = this.isLeader ? this.#seen?.lease : undefined;
    const lease = known ?? (await client.get<Lease>(LEASES, { namespace, name }));
    if (signal.aborted) return;
    if (known === undefined && lease !== undefined) this.#see(lease);
    if (lease !== undefined && !this.#isFree(lease)) {
      if (this.isLeader) this.#lose('another one holds the Lease');
      return;
    }
    const beganMs = clock.monotonicMs();
    const wanted = this.#claimed(lease, identity);
    let written: Lease;
    try {
      written = await (lease === undefined ? client.create(LEASES, wanted) : client.update(LEASES, wanted));
    } catch (error) {
      const isGone = isNotFound(error) && lease !== undefined;
      if (!isConflict(error) && !isAlreadyExists(error) && !isGone) throw error;
      // Somebody else wrote, or a try of ours that was left behind: what is true now decides at the next try.
      const now = await client.get<Lease>(LEASES, { namespace, name });
      if (now !== undefined && !signal.aborted) this.#see(now);
      if (this.isLeader && now?.spec?.holderIdentity !== identity) this.#lose('another one holds the Lease');
      return;
    }
    if (signal.aborted) return;
    this.#trouble = undefined;
    this.#see(written);
    this.#lead(beganMs);
  }

  /** Ours, nobody's, or not renewed for its duration as we saw it. */
  #isFree({ spec }: Lease): boolean {
    const { clock, identity, leaseDurationMs } = this.#options;
    const holder = spec?.holderIdentity;
    if (!holder || holder === identity) return true;
    const durationMs = spec.leaseDurationSeconds === undefined ? leaseDurationMs : spec.leaseDurationSeconds * 1000;
    return clock.monotonicMs() - this.#seen!.atMs >= durationMs;
  }

  #see(lease: Lease): void {
    if (this.#seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#seen = { lease, atMs: this.#options.clock.monotonicMs() };
  }

  #claimed(lease: Lease | undefined, holderIdentity: string): Lease {
    const { clock, namespace, name, leaseDurationMs } = this.#options;
    const now = microTime(clock.nowMs());
    const { spec } = lease ?? {};
    const isRenewal = spec?.holderIdentity === holderIdentity;
    return {
      ...(lease ?? { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } }),
      spec: {
        ...spec,
        holderIdentity,
        leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
        acquireTime: (isRenewal && spec?.acquireTime) || now,
        renewTime: now,
        leaseTransitions: (spec?.leaseTransitions ?? 0) + (isRenewal || lease === undefined ? 0 : 1),
      },
    };
  }

  /** `sinceMs`: when the request that succeeded was begun; the server took it later than that. */
  #lead(sinceMs: number): void {
    const { clock, renewDeadlineMs, identity, log } = this.#options;
    const untilMs = sinceMs + renewDeadlineMs;
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0 || this.#stopped.signal.aborted) return;
    const deadline = clock.after(leftMs, () => this.#lose('the Lease could not be renewed in time'));
    if (this.#leading !== undefined) {
      this.#leading.deadline.cancel();
      Object.assign(this.#leading, { deadline, untilMs });
      return;
    }
    const abort = new AbortController();
    this.#leading = { abort, untilMs, deadline };
    log.info('leading', { identity });
    this.#options.onStartedLeading(abort.signal);
  }

  #lose(why: string): void {
    if (this.#leading === undefined) return;
    const { abort, deadline } = this.#leading;
    this.#leading = undefined;
    deadline.cancel();
    this.#options.log.info('no longer leading', { identity: this.#options.identity, why });
    abort.abort(new CodedError('not_leader', `no longer the leader: ${why}`));
    this.#stopping = Promise.resolve(this.#options.onStoppedLeading?.()).catch((error: unknown) => {
      this.#options.log.error('stopping after lost leadership failed', { error: errorMessage(error) });
    });
  }

  /** An empty holder lets the next one in at once. That it fails costs the others the rest of the lease. */
  async #release(): Promise<void> {
    const { client, identity, namespace, name } = this.#options;
    try {
      const lease = await client.get<Lease>(LEASES, { namespace, name });
      if (lease?.spec?.holderIdentity !== identity) return;
      const { spec, ...rest } = lease;
      const now = microTime(this.#options.clock.nowMs());
      await client.update<Lease>(LEASES, {
        ...rest,
        spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now },
      });
    } catch (error) {
      this.#tell(error);
    }
  }

  /** Once for each kind of trouble, though it is tried every few seconds. */
  #tell(error: unknown): void {
    const trouble = errorCode(error) ?? 'unknown';
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#options.log.warn('the Lease cannot be read or written', { error: errorMessage(error) });
  }
}
