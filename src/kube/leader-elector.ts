import type { Clock } from '../lib/index.ts';
import type { KubeClient } from './client.ts';
import type { KubeLog } from './log.ts';

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
  onStoppedLeading?(): void;
}

export interface LeaderElector {
  readonly isLeader: boolean;
  /** Identity in the Lease when it was last seen. */
  readonly leader: string | undefined;
  start(): void;
  /** Gives leadership up, so that another can take over at once. */
  stop(): Promise<void>;
}

export function createLeaderElector(_options: LeaderElectorOptions): LeaderElector {
  throw new Error('comes in one of the next commits');
}
