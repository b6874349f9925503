/**
 * What of a refused request was taken, so that a retry of the same bytes by the same peer, with the same headers where the
 * receiver keeps them, is not given again to those that had taken it.
 *
 * - A branch is named by the way to it (pipelines, connectors, exporter), never by an object: a reload keeps what is known of
 *   pipelines that stay, and what is known of others is never asked for.
 * - A request is remembered when its sender is told to try again and at least one branch took it; only then is it digested.
 *   Requests are looked up only while something is remembered, and digested only where one of the same length is.
 * - It is known by what its sender sent, not by what stages made of it: those may make something else of it the next time.
 * - Bounded in bytes, and in time from the first try. What is forgotten too early is a duplicate, as with the Collector; never a loss, since only
 *   what a branch has accepted is kept from it.
 * - A retry that arrives while the first try is under way finds nothing: its sender gave up waiting and asks for a duplicate.
 */
import { hash } from 'node:crypto';
import type { Clock, Counter, MetricsRegistry } from '../../lib/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';
import type { Batch, Verdict } from '../batch.ts';

/** From the first try on: senders retry for minutes (the Collector for 5), and wait less than one between tries. */
const KEEP_MS = 5 * 60_000;
const MAX_BYTES = 4 * 2 ** 20;
/** Memory of one request, and of one more branch of it; measured, rounded up. */
const REQUEST_BYTES = 320;
const BRANCH_BYTES = 32;

/** 128 bits of SHA-256: a retry that is mistaken for another would be a loss, also where somebody tries to bring it about. */
const DIGEST_CHARS = 32;

/** Headers that a sender writes anew for each try. */
const HEADERS_OF_ONE_TRY: ReadonlySet<string> = new Set([
  'date',
  'grpc-previous-rpc-attempts',
  'grpc-timeout',
  'traceparent',
  'tracestate',
]);

interface Remembered {
  readonly key: string;
  readonly length: number;
  readonly untilMs: number;
  readonly taken: Set<string>;
}

/** One try of a request, from its entry until its verdict. */
export interface Attempt {
  readonly batch: Batch;
  /** As the entry found it: the branches that had taken the request before. */
  readonly before: Remembered | undefined;
  /** Branches that took it in this try, beside others that refused it. */
  readonly taken: string[];
  /** Made early where the bytes will be written over. */
  key: string | undefined;
}

export interface RetriesOptions {
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly maxBytes?: number;
}

export class Retries {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #skipped: Counter;
  readonly #forgotten: Readonly<Record<'expired' | 'evicted', Counter>>;
  /** Oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #lengths = new Map<number, number>();
  #bytes = 0;
  /** The request that is on its way through the pipelines in this turn. */
  #batch: Batch | undefined;
  #lent = false;
  #before: Remembered | undefined;
  #attempt: Attempt | undefined;

  constructor({ clock, metrics, maxBytes = MAX_BYTES }: RetriesOptions) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    const skipped = 'Items of retried requests that a pipeline had taken before and was not given again.';
    this.#skipped = metrics.counter({ name: 'sluice_retry_skipped_items_total', help: skipped });
    const forgotten = {
      name: 'sluice_retry_forgotten_requests_total',
      help: 'Partly refused requests whose retry did not come in time or would not be recognised, by cause.',
    };
    this.#forgotten = {
      expired: metrics.counter(forgotten, { cause: 'expired' }),
      evicted: metrics.counter(forgotten, { cause: 'evicted' }),
    };
    const bytes = 'Memory for requests that some pipelines took and others refused, in bytes.';
    metrics.observe({ name: 'sluice_retry_memory_bytes', help: bytes }, {}, () => this.#bytes);
  }

  /** A request enters; `lent`: its bytes are written over when `consume` has returned. */
  begin(batch: Batch, lent: boolean): void {
    this.#batch = batch;
    this.#lent = lent;
    this.#attempt = undefined;
    this.#before = this.#remembered.size === 0 ? undefined : this.#find(batch);
  }

  /** The try that is on its way in this turn; undefined for a batch that is no request of a known peer. */
  attempt(batch: Batch): Attempt | undefined {
    const request = this.#batch;
    if (request?.peer === undefined || batch.acknowledged) return undefined;
    this.#attempt ??= { batch: request, before: this.#before, taken: [], key: undefined };
    return this.#attempt;
  }

  /** Whether a branch had taken what is on its way in this turn. */
  get isRetry(): boolean {
    return this.#before !== undefined;
  }

  /** Items of the request that is on its way in this turn, as it came. */
  get receivedItems(): number {
    return this.#batch?.itemCount ?? 0;
  }

  hasTaken(branch: string): boolean {
    return this.#before?.taken.has(branch) === true;
  }

  /** Counts what a branch is not given again. */
  skip(itemCount: number): void {
    this.#skipped.add(itemCount);
  }

  /** The verdict of a try comes later: what it will be remembered by is kept while its bytes can be read. */
  later(attempt: Attempt): void {
    if (this.#lent) attempt.key ??= keyOf(attempt.batch);
  }

  /** The request has left the pipelines, with its verdict or the promise of one. */
  end(verdict: Verdict | Promise<Verdict>): Verdict | Promise<Verdict> {
    const request = this.#batch;
    const attempt = this.#before === undefined || request === undefined ? this.#attempt : this.attempt(request);
    this.#batch = undefined;
    this.#before = undefined;
    this.#attempt = undefined;
    if (attempt === undefined) return verdict;
    if (!(verdict instanceof Promise)) {
      this.#settle(attempt, verdict);
      return verdict;
    }
    return verdict.then((decided) => {
      this.#settle(attempt, decided);
      return decided;
    });
  }

  #settle(attempt: Attempt, verdict: Verdict): void {
    const { before, taken } = attempt;
    const willRetry = verdict.status === 'refused' && verdict.retryable;
    if (!willRetry) {
      if (before !== undefined) this.#forget(before);
      return;
    }
    if (before === undefined && taken.length === 0) return;
    const key = before?.key ?? attempt.key ?? keyOf(attempt.batch);
    const known = this.#remembered.get(key);
    if (known !== undefined) {
      this.#bytes -= memoryOf(known);
      for (const branch of taken) known.taken.add(branch);
      this.#bytes += memoryOf(known);
      this.#evict();
      return;
    }
    this.#remember({
      key,
      length: attempt.batch.bytes.length,
      untilMs: before?.untilMs ?? this.#clock.monotonicMs() + KEEP_MS,
      taken: new Set([...(before?.taken ?? []), ...taken]),
    });
  }

  #find(batch: Batch): Remembered | undefined {
    this.#expire();
    if (batch.peer === undefined || !this.#lengths.has(batch.bytes.length)) return undefined;
    const found = this.#remembered.get(keyOf(batch));
    return found !== undefined && found.untilMs > this.#clock.monotonicMs() ? found : undefined;
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const oldest of this.#remembered.values()) {
      if (oldest.untilMs > nowMs) return;
      this.#forget(oldest);
      this.#forgotten.expired.add(1);
    }
  }

  #remember(one: Remembered): void {
    this.#expire();
    this.#remembered.set(one.key, one);
    this.#lengths.set(one.length, (this.#lengths.get(one.length) ?? 0) + 1);
    this.#bytes += memoryOf(one);
    this.#evict();
  }

  #evict(): void {
    for (const oldest of this.#remembered.values()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#forget(oldest);
      this.#forgotten.evicted.add(1);
    }
  }

  #forget(one: Remembered): void {
    if (this.#remembered.get(one.key) !== one) return;
    this.#remembered.delete(one.key);
    this.#bytes -= memoryOf(one);
    const ofLength = this.#lengths.get(one.length)! - 1;
    if (ofLength === 0) this.#lengths.delete(one.length);
    else this.#lengths.set(one.length, ofLength);
  }
}

function keyOf({ signal, bytes, peer, metadata }: Batch): string {
  const sent = `${digestOf(bytes)} ${signal} ${peer}`;
  return metadata === undefined ? sent : `${sent} ${digestOf(lastingHeaders(metadata))}`;
}

function digestOf(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex').slice(0, DIGEST_CHARS);
}

/** Routes may depend on any of them, so that the same bytes with others are another request. */
function lastingHeaders(metadata: RequestMetadata): string {
  const lasting = Object.entries(metadata).filter(([name]) => !HEADERS_OF_ONE_TRY.has(name));
  return JSON.stringify(lasting.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names of branches are those of the configuration, and shared. */
function memoryOf({ key, taken }: Remembered): number {
  return REQUEST_BYTES + key.length + taken.size * BRANCH_BYTES;
}
