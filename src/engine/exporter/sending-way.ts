import type { Account, ExporterSnapshot } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Batch, Verdict } from '../batch.ts';
import type { Exporter } from '../component.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import type { BacklogOwners } from './backlog-owners.ts';
import type { DeadLetters } from './dead-letters.ts';

/** The way of an exporter and signal from the pipelines to the backend; a queue in memory or on disk is part of it. */
export interface SendingWay {
  readonly id: ComponentId;
  readonly signal: Signal;
  /** The instance in use. */
  readonly exporter: Exporter;
  /** Whether it holds nothing, on disk either. */
  readonly isIdle: boolean;
  /**
   * What its queue holds and may hold, in one unit, bytes on disk where it is there; asked at every request, by which senders
   * share it. 0 and infinity: there is no queue.
   */
  readonly queueSize: number;
  readonly queueCapacity: number;
  /** A full queue refuses nobody: it drops. */
  readonly dropsWhenFull: boolean;
  /** Resolves as soon as it holds nothing. */
  idle(): Promise<void>;
  /** Before anything else; rejects when the queue cannot be had. Nothing happens when it is open already. */
  open?(): Promise<void>;
  /** The account of the pipeline that ends in it: what was found on disk is booked there, the first time. */
  belongsTo?(account: Account): void;
  /**
   * Everything goes on with another instance, which was started, and with what its storage says; its directory is the same.
   * The old instance is shut down after its last try.
   */
  replace(exporter: Exporter, storage?: QueueStorage): void;
  /** Where what the backend rejects for good is kept from here on; undefined: nowhere. */
  keepRejectedIn(deadLetters: DeadLetters | undefined): void;
  /** Shows its queue among the metrics. */
  observe(): void;
  /** Takes a batch over for a pipeline. */
  consume(batch: Batch, account: Account): Verdict | Promise<Verdict>;
  /** The engine stops: nobody is made to wait from here on. */
  hasten(): void;
  /** Takes nothing more, and delivers what it holds in memory, until `deadlineMs` of the monotonic clock. */
  drain(deadlineMs: number): Promise<void>;
  /**
   * Takes nothing more, delivers what it holds in memory until `deadlineMs`, and leaves the rest in its directory to whoever opens
   * that next. Returns whose it is; undefined: it never had the directory. To be closed then.
   */
  leave?(deadlineMs: number): Promise<BacklogOwners | undefined>;
  close(): Promise<void>;
  snapshot(): Omit<ExporterSnapshot, 'ledger' | 'retired'>;
}
