/**
 * Sends consignments to one backend: limits the tries under way, waits between them, divides what is too large, and settles
 * every consignment it has begun exactly once. Source: exporterhelper retry_sender.go at 0.149, for when to wait and how long.
 *
 * A consignment that waits for its next try keeps its room in the queue but no consumer. Upstream's consumers sleep through
 * the wait, so that behind a dead backend new data waits for old; the queue's capacity is the bound either way. So that a
 * dead backend does not cost a try for each that waits, they share what they learn of it (outage.ts). When the backend is back,
 * fresh and waiting consignments take turns.
 *
 * The exporter can be replaced while it runs. Tries under way end at the old instance; what it did not take, whatever the
 * reason, is the new one's to try, ahead of everything else.
 */
import type { DropCause } from '../../flow/index.ts';
import { type ExportOutcome, GRPC_CODE } from '../../otlp/index.ts';
import { compactBatch, halveBatch } from '../batches.ts';
import type { EngineDeps, Exporter } from '../component.ts';
import { Fifo } from '../queue/fifo.ts';
import { attempt } from './attempt.ts';
import { type BackendState, partialRejection } from './backend-state.ts';
import { Backlog, createRetry, type Failed, type Retry } from './backlog.ts';
import type { TryResult } from './concurrency.ts';
import { type Consignment, splitConsignment } from './consignment.ts';
import { type Division, Divisions } from './division.ts';
import { Line, senderWaits } from './line.ts';
import { Outage } from './outage.ts';
import type { TimeAside } from './set-aside.ts';
import type { Failure, Settlement } from './settlement.ts';

/** Tries that fail in a row while the engine stops, before the backend is taken for dead. */
const LAST_TRIES = 10;
/** The longest wait between two tries while the engine stops. */
const STOPPING_DELAY_MS = 100;
/** A delay that a backend asks for is taken for no longer than this, whatever it says. */
const LONGEST_ASKED_MS = 300_000;
/** How long a try may go on at an instance that was replaced; most have a timeout of their own that is shorter. */
const FORMER_MS = 30_000;
/** The same while the engine stops: there must be time left for the instance in use. */
const FORMER_STOPPING_MS = 1000;

export interface DispatcherOptions {
  readonly exporter: Exporter;
  readonly deps: EngineDeps;
  readonly state: BackendState;
  readonly settlement: Settlement;
  /** The next consignment that was not tried yet, if one is ready. */
  readonly fresh: () => Consignment | undefined;
  /** A consignment was divided: the parts take its place. */
  readonly onDivided: (whole: Consignment, parts: readonly Consignment[]) => void;
  /** A consignment is settled. */
  readonly onSettled: (consignment: Consignment) => void;
  /**
   * A consignment that fails for a reason of its own is to wait for its next try. True: it waits elsewhere and comes again as
   * fresh; nothing of it is left here.
   */
  readonly setAside?: (consignment: Consignment, time: TimeAside) => boolean;
  /** An instance that was replaced has no try under way any more. */
  readonly onUnused: (exporter: Exporter) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #backlog: Backlog;
  readonly #divisions = new Divisions<Consignment>();
  /** Where tries begin, and instances that were replaced and have tries under way. */
  #line: Line;
  readonly #former = new Set<Line>();
  /** What a replaced instance did not take. */
  readonly #returned = new Fifo<Consignment>();
  #outage: Outage;
  #pumping = false;
  #backlogFirst = false;
  #stopping = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#line = new Line(options.exporter, options.deps.clock);
    this.#backlog = new Backlog(options.deps.clock, {
      isOrdered: () => this.#line.exporter.ordered === true,
      onDue: () => this.pump(),
    });
    this.#outage = this.#createOutage();
  }

  /** Whether a consignment that comes now has to wait. A single consumer keeps the order, also from one instance to the next. */
  get isBusy(): boolean {
    const { isFull, consumers } = this.#line;
    return isFull || !this.#outage.mayTry || (consumers === 1 && this.#former.size > 0);
  }

  /** How many tries may be under way. */
  get concurrency(): number {
    return this.#line.concurrency;
  }

  /** Tries that no answer has come to. */
  get tryCount(): number {
    return [this.#line, ...this.#former].reduce((sum, { tries }) => sum + tries.size, 0);
  }

  /** The caller settles it. False: it is under a try, and only the backend decides. */
  withdraw(consignment: Consignment): boolean {
    if ([this.#line, ...this.#former].some(({ tries }) => tries.has(consignment))) return false;
    consignment.withdrawn = true;
    this.#forget(consignment);
    this.#backlog.onWithdrawn();
    return true;
  }

  /** What is left of one that was withdrawn: it is tried in its place. */
  resume(consignment: Consignment): void {
    this.#backlog.addDue([consignment]);
    this.pump();
  }

  /** Tries begin at another instance from here on. Returns what waited for one, in no order; the caller brings it again, as fresh. */
  replace(exporter: Exporter): Consignment[] {
    const former = this.#line;
    this.#line = new Line(exporter, this.#options.deps.clock);
    this.#outage.ignore();
    this.#outage = this.#createOutage();
    if (this.#stopping) this.#outage.ignore();
    this.#divisions.clear();
    if (former.tries.size === 0) this.#options.onUnused(former.exporter);
    else {
      this.#former.add(former);
      this.#takeBackAfter(former, this.#stopping ? FORMER_STOPPING_MS : FORMER_MS);
    }
    return [...this.#returned.clear(), ...this.#backlog.takeAll()];
  }

  /** Begins as many tries as there are free consumers and ready consignments. */
  pump(): void {
    // A synchronous exporter settles inside #try, and settling pumps: the loop below goes on instead of the stack growing.
    if (this.#pumping || this.#line.ended) return;
    this.#pumping = true;
    while (!this.isBusy) {
      const next = this.#next();
      if (next === undefined) break;
      this.#try(next);
    }
    if (!this.#outage.mayTry) this.#putAside();
    this.#pumping = false;
  }

  /** From here on waits are short, and a backend that fails without exception is given up. */
  hasten(): void {
    if (!this.#stopping) for (const former of this.#former) this.#takeBackAfter(former, FORMER_STOPPING_MS);
    this.#stopping = true;
    this.#outage.ignore();
    this.#backlog.hasten({ throttled: true });
    this.pump();
  }

  /** Ends every try and every wait; whatever is not settled is the caller's again. */
  abort(): void {
    for (const line of [this.#line, ...this.#former]) line.end();
    this.#former.clear();
    this.#outage.ignore();
    this.#returned.clear();
    this.#backlog.takeAll();
  }

  #createOutage(): Outage {
    const { exporter, consumers } = this.#line;
    const { clock, random } = this.#options.deps;
    return new Outage({ consumers, retry: exporter.retry, clock, random, onOpen: () => this.#probe() });
  }

  #next(): Consignment | undefined {
    let next = this.#pick();
    while (next?.withdrawn === true) next = this.#pick();
    return next;
  }

  #pick(): Consignment | undefined {
    const returned = this.#returned.take();
    if (returned !== undefined) return returned;
    if (this.#line.exporter.ordered === true) {
      return this.#backlog.isWaiting ? undefined : (this.#backlog.take() ?? this.#options.fresh());
    }
    this.#backlogFirst = !this.#backlogFirst;
    if (this.#backlogFirst) return this.#backlog.take() ?? this.#options.fresh();
    return this.#options.fresh() ?? this.#backlog.take();
  }

  /** What comes while the backend is down is backlog by the time it is back. */
  #putAside(): void {
    for (let next = this.#options.fresh(); next !== undefined; next = this.#options.fresh()) {
      this.#backlog.addUntried(next);
    }
  }

  /** Some tries may begin, to see whether the backend is back. */
  #probe(): void {
    for (const [consignment, outcome] of this.#backlog.takeExpired())
      this.#fail(consignment, 'retries_exhausted', outcome);
    this.pump();
  }

  #answered(): void {
    if (this.#outage.answered()) this.#backlog.hasten({ throttled: false });
  }

  #try(consignment: Consignment): void {
    const line = this.#line;
    line.tries.add(consignment);
    const tried = line.limit.begin(line.tries.size);
    this.#outage.tried();
    const outcome = attempt(line.exporter, consignment.batch, line.signal);
    const conclude = (result: ExportOutcome) => {
      if (line.ended) return;
      line.tries.delete(consignment);
      // What a request fails for a reason of its own is no sign of load.
      if (!consignment.alone) line.limit.conclude(tried, resultOf(result));
      if (line === this.#line) this.#conclude(consignment, result, tried.startedMs);
      else this.#concludeFormer(line, consignment, result);
      this.pump();
    };
    if (outcome instanceof Promise) void outcome.then(conclude);
    else conclude(outcome);
  }

  /** What an instance that was replaced answers says nothing about the backend of the one in use. */
  #concludeFormer(line: Line, consignment: Consignment, outcome: ExportOutcome): void {
    if (outcome.status === 'delivered') {
      this.#options.settlement.delivered(consignment, outcome);
      this.#settled(consignment);
    } else this.#returned.push(this.#compact(consignment));
    if (line.tries.size === 0) this.#takeBack(line);
  }

  #takeBackAfter(former: Line, delayMs: number): void {
    former.timer?.cancel();
    former.timer = this.#options.deps.clock.after(delayMs, () => this.#takeBack(former));
  }

  /** An instance that was replaced is done, or had its time. */
  #takeBack(line: Line): void {
    if (!this.#former.delete(line)) return;
    for (const consignment of line.tries) this.#returned.push(this.#compact(consignment));
    line.end();
    this.#options.onUnused(line.exporter);
    this.pump();
  }

  #conclude(consignment: Consignment, outcome: ExportOutcome, startedMs: number): void {
    const { state, settlement } = this.#options;
    if (outcome.status === 'delivered') {
      state.succeeded();
      this.#answered();
      this.#divisions.taken(consignment);
      if (outcome.rejectedCount > 0) state.rejected(partialRejection(consignment.batch, outcome));
      settlement.delivered(consignment, outcome);
      this.#settled(consignment);
      return;
    }
    state.failed(outcome.failure);
    if (outcome.status !== 'permanent') {
      const failures = (this.#backlog.retryOf(consignment)?.failures ?? 0) + 1;
      const isToldAlone = outcome.status !== 'throttled' || consignment.alone || this.#outage.isOfItsOwn(failures);
      if (!isToldAlone && senderWaits(this.#line.exporter)) this.#answered();
      else if (!consignment.alone || this.#outage.isSilent) this.#outage.failed(isToldAlone ? 0 : askedMs(outcome));
      this.#retry(consignment, outcome, startedMs);
      return;
    }
    this.#answered();
    if (!this.#divide(consignment, outcome)) {
      state.rejected(outcome.failure);
      this.#fail(consignment, outcome.failure.kind === 'too_large' ? 'too_large' : 'rejected_by_backend', outcome);
    }
  }

  #retry(tried: Consignment, outcome: Failed, startedMs: number): void {
    const { exporter } = this.#line;
    const consignment = this.#compact(tried);
    if (exporter.retry === undefined) {
      this.#fail(consignment, 'retries_exhausted', outcome);
      return;
    }
    const { clock, random } = this.#options.deps;
    const tookMs = clock.monotonicMs() - startedMs;
    const retry = this.#backlog.retryOf(consignment) ?? createRetry(exporter.retry, { startedMs, outcome, random });
    retry.outcome = outcome;
    const next = this.#nextDelay(retry, outcome, consignment.alone === true);
    if (typeof next !== 'number') this.#fail(consignment, next, outcome);
    else if (this.#setAside(consignment, retry, { delayMs: next, tookMs })) this.#forget(consignment);
    else this.#backlog.defer(consignment, retry, next);
  }

  /** What has a last moment to be tried keeps its room until then: elsewhere nobody would remember. */
  #setAside(consignment: Consignment, { failures, lastTryMs }: Retry, time: TimeAside): boolean {
    if (this.#stopping || lastTryMs !== Number.POSITIVE_INFINITY || this.#line.exporter.ordered === true) return false;
    const isOfItsOwn = consignment.alone ? !this.#outage.isDown : this.#outage.isOfItsOwn(failures);
    return isOfItsOwn && this.#options.setAside?.(consignment, time) === true;
  }

  /** What waits for its next try keeps no memory but its own. */
  #compact(consignment: Consignment): Consignment {
    const batch = compactBatch(consignment.batch);
    if (batch === consignment.batch) return consignment;
    const compact = { ...consignment, batch };
    this.#options.onDivided(consignment, [compact]);
    const division: Division | undefined = this.#divisions.of(consignment);
    this.#forget(consignment);
    if (division !== undefined) this.#divisions.add(compact, division);
    return compact;
  }

  /** Milliseconds until the next try, or why there is none. */
  #nextDelay(retry: Retry, outcome: Failed, isAlone: boolean): number | DropCause {
    retry.failures++;
    const isThrottled = outcome.failure.kind === 'throttled';
    const soonerMs = isThrottled || isAlone ? undefined : this.#outage.soonerDelayMs(retry.failures);
    const backoffMs = soonerMs ?? retry.backoff.nextDelayMs();
    const delayMs = outcome.status === 'throttled' ? Math.max(backoffMs, askedMs(outcome)) : backoffMs;
    if (this.#options.deps.clock.monotonicMs() + delayMs > retry.lastTryMs) return 'retries_exhausted';
    if (!this.#stopping) return delayMs;
    if (this.#options.state.failedTries >= LAST_TRIES) return 'shutdown';
    return outcome.status === 'throttled' ? delayMs : Math.min(delayMs, STOPPING_DELAY_MS);
  }

  /** Halves a request that holds something the backend does not take, so that only that is lost. */
  #divide(consignment: Consignment, outcome: Failed): boolean {
    const kind = reasonInData(outcome);
    if (kind === undefined || consignment.batch.itemCount < 2) return false;
    const division = this.#divisions.next(consignment, kind);
    if (division === undefined) return false;
    const parts = splitConsignment(consignment, halveBatch(consignment.batch));
    this.#options.onDivided(consignment, parts);
    this.#forget(consignment);
    for (const part of parts) this.#divisions.add(part, division);
    this.#backlog.addDue(parts);
    return true;
  }

  #fail(consignment: Consignment, cause: DropCause, outcome: Failed): void {
    const { failure, code } = outcome;
    const failed: Failure = {
      cause: failure.kind === 'disk' ? 'write_failed' : cause,
      retryable: outcome.status !== 'permanent',
      message: failure.message,
      ...(outcome.status === 'throttled' && { afterMs: outcome.afterMs }),
      // Over HTTP, what gRPC answers to a message that is too large would mean: again, later.
      ...(code !== undefined && failure.kind !== 'too_large' && { code }),
    };
    this.#options.settlement.failed(consignment, failed);
    this.#settled(consignment);
  }

  #settled(consignment: Consignment): void {
    this.#forget(consignment);
    this.#options.onSettled(consignment);
  }

  #forget(consignment: Consignment): void {
    this.#backlog.forget(consignment);
    this.#divisions.forget(consignment);
  }
}

/** Whether a part of the same data might be taken: any other answer is the same for each. */
function reasonInData({ failure: { kind }, code }: Failed): 'rejected' | 'too_large' | undefined {
  if (kind === 'too_large') return kind;
  return kind === 'rejected' && code === GRPC_CODE.invalidArgument ? kind : undefined;
}

/** The delay that a backend asks for, as far as it is heeded. */
function askedMs({ afterMs }: { readonly afterMs: number }): number {
  return Math.min(afterMs, LONGEST_ASKED_MS);
}

/** What a try says of the load on the backend. */
function resultOf(outcome: ExportOutcome): TryResult {
  if (outcome.status === 'delivered' || outcome.status === 'permanent') return 'answered';
  const { kind } = outcome.failure;
  return kind === 'throttled' || kind === 'timeout' ? 'congested' : 'failed';
}
