import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { Account } from '../../flow/index.ts';
import type { Timer } from '../../lib/index.ts';
import { Type } from '../../lib/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse, STOPPING, type Verdict } from '../batch.ts';
import { splitBatch } from '../batches.ts';
import { type ComponentContext, defineProcessor, type Processor, type StageContext } from '../component.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { type BatchTelemetry, createBatchTelemetry } from './batch-telemetry.ts';
import { GatheredRequests } from './gathered-requests.ts';
import { MetadataBatches } from './metadata-batches.ts';

const BatchConfig = settingsObject({
  timeout: Duration,
  send_batch_size: Count,
  send_batch_max_size: Count,
  metadata_keys: Type.Array(Type.String()),
  metadata_cardinality_limit: Count,
});

/** Source: batchprocessor factory.go at 0.149. */
const defaultBatch = { timeoutMs: 200, sendBatchSize: 8192, sendBatchMaxSize: 0 };
const defaultCardinalityLimit = 1000;
type BatchOptions = typeof defaultBatch;

/** Gathers items of many requests into one. Takes over their delivery: senders have their answer before the batch goes on. */
export const batchProcessor = defineProcessor({
  schema: BatchConfig,
  check: checkBatch,
  create(settings, context) {
    const options = parseBatch(settings);
    const telemetry = createBatchTelemetry(context.deps.metrics, context.id);
    const keys = (settings.metadata_keys ?? []).map((key) => key.toLowerCase());
    const limit = settings.metadata_cardinality_limit ?? defaultCardinalityLimit;
    const createStage = (stage: StageContext, metadata?: RequestMetadata) =>
      new BatchStage(options, context, withMetadata(stage, metadata), telemetry);
    if (keys.length === 0) {
      telemetry.combination();
      return { attach: (stage) => createStage(stage) };
    }
    return {
      attach: (stage) =>
        new MetadataBatches({
          keys,
          limit,
          borrows: gathers(options),
          accounts: stage.accounts,
          createStage: (metadata) => createStage(stage, metadata),
          onCombination: () => telemetry.combination(),
        }),
    };
  },
});

function parseBatch(settings: Static<typeof BatchConfig>): BatchOptions {
  return {
    timeoutMs: durationMs(settings.timeout, defaultBatch.timeoutMs),
    sendBatchSize: settings.send_batch_size ?? defaultBatch.sendBatchSize,
    sendBatchMaxSize: settings.send_batch_max_size ?? defaultBatch.sendBatchMaxSize,
  };
}

/** Else every request goes out by itself. */
function gathers({ timeoutMs, sendBatchSize }: BatchOptions): boolean {
  return timeoutMs > 0 && sendBatchSize > 0;
}

/** What leaves has the headers of all its requests, or none. */
function withMetadata(stage: StageContext, metadata: RequestMetadata | undefined): StageContext {
  const consume = ({ metadata: _, ...batch }: Batch) =>
    stage.next.consume(metadata === undefined ? batch : { ...batch, metadata });
  return { ...stage, next: { consume } };
}

function checkBatch(settings: Static<typeof BatchConfig>): Issue[] {
  const { sendBatchSize, sendBatchMaxSize } = parseBatch(settings);
  const keys = (settings.metadata_keys ?? []).map((key) => key.toLowerCase());
  const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i);
  if (twice >= 0) {
    const message = `\`metadata_keys\` names \`${keys[twice]}\` twice; upper and lower case are the same`;
    return [{ code: 'SL0105', severity: 'error', message, path: ['metadata_keys', twice] }];
  }
  if (sendBatchMaxSize === 0 || sendBatchMaxSize >= sendBatchSize) return [];
  const message = `\`send_batch_max_size\` (${sendBatchMaxSize}) must not be less than \`send_batch_size\` (${sendBatchSize})`;
  return [{ code: 'SL0105', severity: 'error', message, path: ['send_batch_max_size'] }];
}

/**
 * One pipeline's batch. Bounded by what follows: while a batch is not taken there, senders wait for their answer.
 * - What was taken is copied at once into the batch that it goes out with, and what waits into memory of its own: requests are borrowed.
 * - Where every request goes out by itself there is nothing to gather; those are passed on as they are, and not borrowed.
 */
class BatchStage implements Processor {
  readonly answersSenders = true;
  readonly borrows: boolean;
  readonly #options: BatchOptions;
  readonly #context: ComponentContext;
  readonly #next: Consumer;
  readonly #accounts: readonly Account[];
  readonly #telemetry: BatchTelemetry;
  readonly #gathered: GatheredRequests;
  /** What comes after the gathered: requests that wait, and what was cut off one that crossed the maximum. */
  #pending: Batch[] = [];
  /** Of all that it holds. */
  #itemCount = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #waiting: { readonly batch: Batch; readonly resolve: (verdict: Verdict) => void }[] = [];
  #stopping = false;

  constructor(options: BatchOptions, context: ComponentContext, stage: StageContext, telemetry: BatchTelemetry) {
    this.borrows = gathers(options);
    this.#options = options;
    this.#context = context;
    this.#next = stage.next;
    this.#accounts = stage.accounts;
    this.#telemetry = telemetry;
    this.#gathered = new GatheredRequests(stage.signal);
  }

  consume(batch: Batch): Verdict | Promise<Verdict> {
    const mustWait = this.#sending !== undefined && this.#isFull(batch.itemCount);
    if (mustWait && this.#stopping && !batch.acknowledged) return refuse(batch, this.#accounts, STOPPING);
    this.#itemCount += batch.itemCount;
    for (const account of this.#accounts) account.held += batch.itemCount;
    if (mustWait) return this.#wait(batch);
    this.#pending.push(batch);
    if (this.borrows) this.#gather();
    if (!this.#isFull()) {
      this.#timer ??= this.#context.deps.clock.after(this.#options.timeoutMs, () => this.#send('timeout'));
      return ACCEPTED;
    }
    this.#send('size');
    return ACCEPTED;
  }

  hasten(): void {
    this.#stopping = true;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ batch }) => batch.acknowledged);
    for (const { batch, resolve } of waiting) {
      if (!batch.acknowledged) resolve(this.#withdraw(batch) ? refuse(batch, this.#accounts, STOPPING) : ACCEPTED);
    }
  }

  async flush(): Promise<void> {
    while (this.#sending !== undefined || this.#itemCount > 0) {
      if (this.#sending === undefined) this.#send('timeout');
      await this.#sending;
    }
  }

  abandon(): void {
    this.#timer?.cancel();
    for (const account of this.#accounts) {
      account.held -= this.#itemCount;
      if (this.#itemCount > 0) account.drop('shutdown', this.#itemCount);
    }
    this.#gathered.clear();
    this.#pending = [];
    this.#itemCount = 0;
  }

  /** Whether there is enough for a batch, with `more` items. */
  #isFull(more = 0): boolean {
    return !this.borrows || this.#itemCount + more >= this.#options.sendBatchSize;
  }

  #wait(batch: Batch): Promise<Verdict> {
    const kept = this.borrows ? { ...batch, bytes: new Uint8Array(batch.bytes) } : batch;
    this.#pending.push(kept);
    return new Promise((resolve) => this.#waiting.push({ batch: kept, resolve }));
  }

  /** Gives a request back to its sender; false when some of it was passed on. */
  #withdraw(batch: Batch): boolean {
    const at = this.#pending.indexOf(batch);
    if (at < 0) return false;
    this.#pending.splice(at, 1);
    this.#itemCount -= batch.itemCount;
    for (const account of this.#accounts) account.held -= batch.itemCount;
    return true;
  }

  /** Sends as long as there is a batch to send and the next stage takes it at once. */
  #send(trigger: 'size' | 'timeout'): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#sending === undefined && this.#itemCount > 0 && (trigger === 'timeout' || this.#isFull())) {
      const batch = this.#take();
      this.#itemCount -= batch.itemCount;
      for (const account of this.#accounts) account.held -= batch.itemCount;
      this.#telemetry.sent(trigger, batch.itemCount);
      const verdict = this.#next.consume(batch);
      if (verdict instanceof Promise) this.#sending = verdict.then(() => this.#resume());
    }
    // Where every request goes out by itself, the next one does as soon as this one was taken.
    if (this.#itemCount > 0 && this.borrows) {
      this.#timer = this.#context.deps.clock.after(this.#options.timeoutMs, () => this.#send('timeout'));
    }
  }

  #take(): Batch {
    const [only] = this.#pending;
    if (!this.borrows && this.#pending.length === 1 && this.#gathered.itemCount === 0 && only!.itemCount <= this.#max) {
      this.#pending = [];
      return { ...only!, acknowledged: true };
    }
    this.#gather();
    return this.#gathered.take();
  }

  get #max(): number {
    return this.#options.sendBatchMaxSize || Number.POSITIVE_INFINITY;
  }

  /** Fills the next batch from what is pending; only the request that crosses the maximum is cut, into memory of its own. */
  #gather(): void {
    while (this.#pending.length > 0) {
      const room = this.#max - this.#gathered.itemCount;
      if (room === 0) return;
      const part = this.#pending.shift()!;
      if (part.itemCount <= room) this.#gathered.add(part);
      else {
        const [first, ...rest] = splitBatch(part, { maxItems: this.#max, firstMaxItems: room });
        this.#gathered.add(first!);
        this.#pending.unshift(...rest);
      }
    }
  }

  #resume(): void {
    this.#sending = undefined;
    if (this.#isFull()) this.#send('size');
    if (this.#sending !== undefined) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve(ACCEPTED);
  }
}
