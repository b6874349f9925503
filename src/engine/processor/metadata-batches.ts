import type { Account } from '../../flow/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';
import { type Batch, refuse, type Verdict } from '../batch.ts';
import type { Processor } from '../component.ts';

export interface MetadataBatchesOptions {
  /** In lower case. */
  readonly keys: readonly string[];
  /** 0: none. */
  readonly limit: number;
  readonly accounts: readonly Account[];
  /** Whether the stages that are created do. */
  readonly borrows: boolean;
  /** What batches the requests of one combination; what it passes on carries that metadata and no other. */
  createStage(metadata: RequestMetadata): Processor;
  onCombination(): void;
}

/**
 * Batches requests apart that differ in the values of some headers; a header that is missing differs from an empty one. A
 * combination is never forgotten, so their number is limited. Source: batchprocessor batch_processor.go at 0.149.
 */
export class MetadataBatches implements Processor {
  readonly answersSenders = true;
  readonly borrows: boolean;
  readonly #options: MetadataBatchesOptions;
  readonly #stages = new Map<string, Processor>();

  constructor(options: MetadataBatchesOptions) {
    this.borrows = options.borrows;
    this.#options = options;
  }

  consume(batch: Batch): Verdict | Promise<Verdict> {
    const { keys, limit, accounts } = this.#options;
    const sent = batch.metadata ?? {};
    const kept = Object.fromEntries(keys.filter((key) => Object.hasOwn(sent, key)).map((key) => [key, sent[key]!]));
    const name = JSON.stringify(keys.map((key) => kept[key] ?? null));
    let stage = this.#stages.get(name);
    if (stage === undefined) {
      if (limit > 0 && this.#stages.size >= limit) {
        const message = `there are more than ${limit} combinations of ${keys.join(', ')}`;
        return refuse(batch, accounts, { cause: 'invalid', retryable: false, afterMs: 0, message });
      }
      stage = this.#options.createStage(kept);
      this.#stages.set(name, stage);
      this.#options.onCombination();
    }
    return stage.consume(batch);
  }

  hasten(): void {
    for (const stage of this.#stages.values()) stage.hasten?.();
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#stages.values()].map((stage) => stage.flush?.()));
  }

  abandon(): void {
    for (const stage of this.#stages.values()) stage.abandon?.();
  }
}
