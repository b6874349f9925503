/**
 * The accounts of every pipeline and what it ends in: exporters, and connectors that choose. They outlive configurations, so
 * that no figure ever falls or jumps: an output that is gone keeps its row, and goes on with it when it comes back.
 *
 * What is gone and settled is bounded: the oldest rows are folded into sums, those of a pipeline first into its own.
 */
import { Account, addRows, type EngineSnapshot, type LedgerRow, type PipelineSnapshot } from '../../flow/index.ts';
import type { MetricsRegistry } from '../../lib/index.ts';
import { type ComponentId, type PipelineId, pipelineSignal } from '../../otelcol/index.ts';
import type { SendingWay } from '../exporter/sending-way.ts';
import { observeLedger } from './self-telemetry.ts';

/** How many outputs that are gone are listed one by one. */
const LISTED = 64;

/** One exporter or connector as the end of one pipeline. */
export class Output {
  readonly pipeline: PipelineId;
  readonly id: ComponentId;
  readonly account: Account;
  /** Absent for a connector. */
  readonly exporter: SendingWay | undefined;

  constructor({ pipeline, id, exporter }: Wanted, account = new Account()) {
    this.pipeline = pipeline;
    this.id = id;
    this.exporter = exporter;
    this.account = account;
  }
}

type Wanted = Pick<Output, 'pipeline' | 'id' | 'exporter'>;

interface Entry {
  /** Another one of the same account when the exporter was gone for good and is made anew. */
  output: Output;
  retired: boolean;
}

class Book {
  readonly id: PipelineId;
  readonly entries = new Map<ComponentId, Entry>();
  folded: LedgerRow | undefined;

  constructor(id: PipelineId) {
    this.id = id;
  }

  get retired(): boolean {
    return [...this.entries.values()].every((entry) => entry.retired);
  }

  row(): LedgerRow {
    const rows = [...this.entries.values()].map(({ output }) => output.account.row());
    return addRows(this.folded === undefined ? rows : [this.folded, ...rows]);
  }
}

export class Books {
  readonly #metrics: MetricsRegistry;
  readonly #books = new Map<PipelineId, Book>();
  /** Outputs that are gone, oldest first. */
  readonly #gone = new Set<Entry>();
  #folded: LedgerRow | undefined;

  constructor(metrics: MetricsRegistry) {
    this.#metrics = metrics;
  }

  /** The output that runs or ran, with its account; else a new one, which is shown when it is adopted. */
  output(wanted: Wanted): Output {
    const known = this.#books.get(wanted.pipeline)?.entries.get(wanted.id)?.output;
    return known !== undefined && known.exporter === wanted.exporter ? known : new Output(wanted, known?.account);
  }

  /** These are in use from here on, and no others. */
  adopt(outputs: ReadonlySet<Output>): void {
    for (const output of outputs) this.#enter(output);
    for (const { entries } of this.#books.values()) {
      for (const entry of entries.values()) {
        if (outputs.has(entry.output) || entry.retired) continue;
        entry.retired = true;
        this.#gone.add(entry);
      }
    }
  }

  /** Keeps the newest of those that are gone; `isSettled`: nothing can reach the output any more. Returns what is listed nowhere now. */
  fold(isSettled: (output: Output) => boolean): ComponentId[] {
    const folded: ComponentId[] = [];
    for (const entry of this.#gone) {
      if (this.#gone.size <= LISTED) break;
      const { output } = entry;
      if (!isSettled(output)) continue;
      this.#gone.delete(entry);
      folded.push(output.id);
      const book = this.#books.get(output.pipeline)!;
      book.entries.delete(output.id);
      book.folded = addRows([...(book.folded === undefined ? [] : [book.folded]), output.account.row()]);
      if (book.entries.size > 0) continue;
      this.#folded = addRows([...(this.#folded === undefined ? [] : [this.#folded]), book.folded]);
      this.#books.delete(book.id);
      this.#metrics.forget({ pipeline: book.id });
    }
    return folded.filter((id) => ![...this.#books.values()].some(({ entries }) => entries.has(id)));
  }

  snapshot(): Pick<EngineSnapshot, 'pipelines' | 'folded'> {
    const pipelines = [...this.#books.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(describe);
    return { pipelines, ...(this.#folded !== undefined && { folded: this.#folded }) };
  }

  #enter(output: Output): void {
    let book = this.#books.get(output.pipeline);
    if (book === undefined) {
      book = new Book(output.pipeline);
      this.#books.set(output.pipeline, book);
      const { id } = book;
      observeLedger(this.#metrics, id, () => this.#books.get(id)!.row());
    }
    const entry = book.entries.get(output.id);
    if (entry === undefined) {
      book.entries.set(output.id, { output, retired: false });
      return;
    }
    entry.output = output;
    entry.retired = false;
    this.#gone.delete(entry);
  }
}

function describe(book: Book): PipelineSnapshot {
  const entries = [...book.entries.values()];
  const newest = (times: (number | undefined)[]) => Math.max(...times.map((ms) => ms ?? Number.NEGATIVE_INFINITY));
  const lastReceivedMs = newest(entries.map(({ output }) => output.account.lastReceivedMs));
  const lastDeliveredMs = newest(entries.map(({ output }) => output.account.lastDeliveredMs));
  return {
    id: book.id,
    signal: pipelineSignal(book.id),
    ledger: book.row(),
    exporters: entries.flatMap(({ output: { exporter, account }, retired }) =>
      exporter === undefined
        ? []
        : [{ ...exporter.snapshot(), ledger: account.row(), ...(retired && { retired: true as const }) }],
    ),
    ...(Number.isFinite(lastReceivedMs) && { lastReceivedMs }),
    ...(Number.isFinite(lastDeliveredMs) && { lastDeliveredMs }),
    ...(book.retired && { retired: true as const }),
  };
}
