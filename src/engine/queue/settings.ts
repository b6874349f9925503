/** What a queue's capacity, or the size of a batch, is measured in. */
export type Sizer = 'requests' | 'items' | 'bytes';

/** A parsed `sending_queue`. */
export interface QueueSettings {
  readonly numConsumers: number;
  readonly capacity: number;
  readonly sizer: Sizer;
  /** Full: wait for room instead of refusing. */
  readonly blockOnOverflow: boolean;
  /** The sender hears what became of its data, within the queue's bound. */
  readonly waitForResult: boolean;
  readonly batch?: BatchSettings;
}

/** A parsed `sending_queue.batch`. */
export interface BatchSettings {
  readonly flushTimeoutMs: number;
  readonly minSize: number;
  /** 0: no limit. */
  readonly maxSize: number;
  readonly sizer: Sizer;
}
