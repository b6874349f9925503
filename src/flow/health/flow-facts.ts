import type { Signal } from '../../pdata/index.ts';

/** How soon a queue is full; so coarse that it does not change all the time. */
export const TIMES_TO_FULL = ['minutes', 'hour', 'hours', 'days'] as const;
export type TimeToFull = (typeof TIMES_TO_FULL)[number];

export interface FillingQueue {
  /** Milliseconds, as it looks now; undefined while it does not grow. */
  readonly fullInMs?: number;
  /** Nothing at all gets out of it, in contrast to too little. */
  readonly isStuck: boolean;
  /** When it is full, senders are refused and nothing is dropped. */
  readonly refuses: boolean;
}

/** What is true at one moment of all Pods that do the same for a pipeline: its gateways, or its agents. */
export interface GroupFacts {
  /** Pods that should answer, and those that did lately. */
  readonly podCount: number;
  readonly answeringCount: number;
  /** Of what came in the last 5 minutes. */
  readonly loss: 'none' | 'some' | 'all';
  /** The one Pod that loses what it gets, while others deliver. */
  readonly losingPod?: string;
  readonly filling?: FillingQueue;
  /** The one Pod whose queue fills, while those of others do not. */
  readonly fillingPod?: string;
  /** Logs are read and none was delivered for a while. */
  readonly isUndelivered: boolean;
  /** Chunks pile up on disk. */
  readonly isBufferInUse: boolean;
  /** Something reached the backend since these processes run. */
  readonly hasDelivered: boolean;
  /** Wall clock, ms. */
  readonly lastActiveMs?: number;
}

/** What is true of a pipeline at one moment. */
export interface FlowFacts {
  readonly signal: Signal;
  /** Absent where it has none; both absent: it is not part of what runs. */
  readonly gateway?: GroupFacts;
  readonly agent?: GroupFacts;
  /** A gateway, or what is in front of it, refused senders of the signal in the last 5 minutes. */
  readonly throttled?: 'limiter' | 'disk' | 'unknown';
  /** Some sender reaches the gateway with this signal. */
  readonly isSignalArriving: boolean;
  readonly agentIsFluentBit: boolean;
}
