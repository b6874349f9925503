import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { Account } from '../../flow/index.ts';
import type { Timer } from '../../lib/index.ts';
import { Type } from '../../lib/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse, STOPPING, type Verdict } from '../batch.ts';
import { mergeBatches, splitBatch } from '../batches.ts';
import { type ComponentContext, defineProcessor, type Processor, type StageContext } from '../component.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { type BatchTelemetry, createBatchTelemetry } from './batch-telemetry.ts';
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

/** One pipeline's batch. Bounded by what follows: while a batch is not taken there, senders wait for their answer. */
class BatchStage implements Processor {
  readonly #options: BatchOptions;
  readonly #context: ComponentContext;
  readonly #next: Consumer;
  readonly #accounts: readonly Account[];
  readonly #telemetry: BatchTelemetry;
  #pending: Batch[] = [];
  #itemCount = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #waiting: { readonly batch: Batch; readonly resolve: (verdict: Verdict) => void }[] = [];
  #stopping = false;

  constructor(options: BatchOptions, context: ComponentContext, stage: StageContext, telemetry: BatchTelemetry) {
    this.#options = options;
    this.#context = context;
    this.#next = stage.next;
    this.#accounts = stage.accounts;
    this.#telemetry = telemetry;
  }

  consume(batch: Batch): Verdict | Promise<Verdict> {
    const mustWait = this.#sending !== undefined && this.#isFull(batch.itemCount);
    if (mustWait && this.#stopping && !batch.acknowledged) return refuse(batch, this.#accounts, STOPPING);
    this.#hold(batch);
    if (mustWait) return new Promise((resolve) => this.#waiting.push({ batch, resolve }));
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
    this.#pending = [];
    this.#itemCount = 0;
  }

  /** Whether there is enough for a batch, with `more` items. */
  #isFull(more = 0): boolean {
    const { timeoutMs, sendBatchSize } = this.#options;
    return timeoutMs === 0 || this.#itemCount + more >= sendBatchSize;
  }

  #hold(batch: Batch): void {
    this.#pending.push(batch);
    this.#itemCount += batch.itemCount;
    for (const account of this.#accounts) account.held += batch.itemCount;
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
      const batch = mergeBatches(this.#takeParts());
      this.#itemCount -= batch.itemCount;
      for (const account of this.#accounts) account.held -= batch.itemCount;
      this.#telemetry.sent(trigger, batch.itemCount);
      const verdict = this.#next.consume({ ...batch, acknowledged: true });
      if (verdict instanceof Promise) this.#sending = verdict.then(() => this.#resume());
    }
    if (this.#itemCount > 0) {
      this.#timer = this.#context.deps.clock.after(this.#options.timeoutMs, () => this.#send('timeout'));
    }
  }

  /** The requests of the next batch; only the one that crosses the maximum is cut, so that what stands before it is not copied twice. */
  #takeParts(): readonly Batch[] {
    const { sendBatchMaxSize } = this.#options;
    if (sendBatchMaxSize === 0 || this.#itemCount <= sendBatchMaxSize) return this.#pending.splice(0);
    let room = sendBatchMaxSize;
    const crossing = this.#pending.findIndex((part) => {
      if (part.itemCount > room) return true;
      room -= part.itemCount;
      return false;
    });
    if (room === 0) return this.#pending.splice(0, crossing);
    const cut = splitBatch(this.#pending[crossing]!, { maxItems: sendBatchMaxSize, firstMaxItems: room });
    this.#pending.splice(crossing, 1, ...cut);
    return this.#pending.splice(0, crossing + 1);
  }

  #resume(): void {
    this.#sending = undefined;
    if (this.#isFull()) this.#send('size');
    if (this.#sending !== undefined) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve(ACCEPTED);
  }
}
