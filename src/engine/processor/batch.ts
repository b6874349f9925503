import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { Account } from '../../flow/index.ts';
import type { Timer } from '../../lib/index.ts';
import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';
import { mergeBatches, splitBatch } from '../batches.ts';
import { type ComponentContext, defineProcessor, type Processor, type StageContext } from '../component.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { type BatchTelemetry, createBatchTelemetry } from './batch-telemetry.ts';

const BatchConfig = settingsObject({ timeout: Duration, send_batch_size: Count, send_batch_max_size: Count });

/** Source: batchprocessor factory.go at 0.149. */
const defaultBatch = { timeoutMs: 200, sendBatchSize: 8192, sendBatchMaxSize: 0 };
type BatchOptions = typeof defaultBatch;

/** Gathers items of many requests into one. Takes over their delivery: senders have their answer before the batch goes on. */
export const batchProcessor = defineProcessor({
  schema: BatchConfig,
  check: checkBatch,
  create(settings, context) {
    const options = parseBatch(settings);
    const telemetry = createBatchTelemetry(context.deps.metrics, context.id);
    return { attach: (stage) => new BatchStage(options, context, stage, telemetry) };
  },
});

function parseBatch(settings: Static<typeof BatchConfig>): BatchOptions {
  return {
    timeoutMs: durationMs(settings.timeout, defaultBatch.timeoutMs),
    sendBatchSize: settings.send_batch_size ?? defaultBatch.sendBatchSize,
    sendBatchMaxSize: settings.send_batch_max_size ?? defaultBatch.sendBatchMaxSize,
  };
}

function checkBatch(settings: Static<typeof BatchConfig>): Issue[] {
  const { sendBatchSize, sendBatchMaxSize } = parseBatch(settings);
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
  #waiting: ((verdict: Verdict) => void)[] = [];

  constructor(options: BatchOptions, context: ComponentContext, stage: StageContext, telemetry: BatchTelemetry) {
    this.#options = options;
    this.#context = context;
    this.#next = stage.next;
    this.#accounts = stage.accounts;
    this.#telemetry = telemetry;
  }

  consume(batch: Batch): Verdict | Promise<Verdict> {
    this.#hold(batch);
    if (!this.#isFull()) {
      this.#timer ??= this.#context.deps.clock.after(this.#options.timeoutMs, () => this.#send('timeout'));
      return ACCEPTED;
    }
    if (this.#sending === undefined) {
      this.#send('size');
      return ACCEPTED;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
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

  #isFull(): boolean {
    const { timeoutMs, sendBatchSize } = this.#options;
    return timeoutMs === 0 || this.#itemCount >= sendBatchSize;
  }

  #hold(batch: Batch): void {
    this.#pending.push(batch);
    this.#itemCount += batch.itemCount;
    for (const account of this.#accounts) account.held += batch.itemCount;
  }

  /** Sends what is pending, or as much of it as batches of the maximum size take; stops when one has to wait. */
  #send(trigger: 'size' | 'timeout'): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#sending !== undefined || this.#itemCount === 0) return;
    const merged = mergeBatches(this.#pending);
    this.#pending = [];
    const { sendBatchMaxSize } = this.#options;
    const batches =
      sendBatchMaxSize > 0 && merged.itemCount > sendBatchMaxSize
        ? splitBatch(merged, { maxItems: sendBatchMaxSize })
        : [merged];
    this.#pass(batches, trigger);
  }

  #pass(batches: readonly Batch[], trigger: 'size' | 'timeout'): void {
    for (let i = 0; i < batches.length; i++) {
      const batch = batches[i]!;
      // The rest of a split waits for company, unless it was its time that ran out or nothing ever waits.
      const { timeoutMs, sendBatchSize } = this.#options;
      const mayWait = trigger === 'size' && timeoutMs > 0;
      const isRest = i > 0 && i === batches.length - 1 && mayWait && batch.itemCount < sendBatchSize;
      if (isRest) {
        this.#keep([batch]);
        return;
      }
      this.#itemCount -= batch.itemCount;
      for (const account of this.#accounts) account.held -= batch.itemCount;
      this.#telemetry.sent(trigger, batch.itemCount);
      const verdict = this.#next.consume({ ...batch, acknowledged: true });
      if (verdict instanceof Promise) {
        this.#keep(batches.slice(i + 1));
        this.#sending = verdict.then(() => this.#resume());
        return;
      }
    }
  }

  #keep(batches: readonly Batch[]): void {
    this.#pending.unshift(...batches);
    if (this.#itemCount > 0) {
      this.#timer ??= this.#context.deps.clock.after(this.#options.timeoutMs, () => this.#send('timeout'));
    }
  }

  #resume(): void {
    this.#sending = undefined;
    if (this.#isFull() && this.#itemCount > 0) this.#send('size');
    if (this.#sending !== undefined) return;
    for (const resolve of this.#waiting.splice(0)) resolve(ACCEPTED);
  }
}
