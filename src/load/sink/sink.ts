import type { Clock, Timer } from '../../lib/index.ts';
import {
  createOtlpServer,
  defaultGrpcAccept,
  defaultHttpAccept,
  GRPC_CODE,
  type GrpcCode,
  type IngestAttempt,
  type OtlpRequest,
  type OtlpResponse,
  type OtlpServer,
} from '../../otlp/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { createRandom } from '../random.ts';
import { Arrivals } from './arrivals.ts';
import { scanItems } from './item-scan.ts';
import { holdsPoison } from './poison.ts';
import { formatSinkMode, type RefusalStatus, type SinkMode } from './sink-mode.ts';
import { newTallies, type SignalTally, type SinkStats } from './sink-stats.ts';

export interface SinkOptions {
  readonly host: string;
  /** gRPC and HTTP on one port; 0 takes a free one. */
  readonly port: number;
  readonly mode?: SinkMode;
  /** Decides which requests a share meets. */
  readonly seed?: number;
  /** How many of the last accepted requests `stored()` keeps. */
  readonly store?: number;
  /** Counts items without telling duplicates apart; saves the sink about half of its CPU. */
  readonly countOnly?: boolean;
  /** Notes when requests of so many items each arrived; not with `countOnly`. */
  readonly arrivalsOf?: { readonly itemsPerRequest: number };
  /** Sees each accepted request before it is answered. */
  readonly onAccepted?: (request: OtlpRequest) => void;
}

/** An OTLP backend for tests: counts what it takes and fails on demand. */
export interface Sink {
  readonly address: { readonly host: string; readonly port: number };
  readonly mode: SinkMode;
  /** Takes effect with the next request; `drop` closes the port before this resolves, any other mode opens it again. */
  setMode(mode: SinkMode): Promise<void>;
  stats(): SinkStats;
  /** Wall clock of the first item of each request, ms, by run of a generator and number of the request; empty without `arrivalsOf`. */
  arrivals(): ReadonlyMap<number, readonly (number | undefined)[]>;
  /** Forgets counts, seen items, arrivals and stored requests. */
  clear(): void;
  /** The last accepted requests, oldest first. */
  stored(): readonly OtlpRequest[];
  close(): Promise<void>;
}

export const defaultSinkPort = 14317;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** A sink that hangs holds what it was sent; it must not start refusing because of that. */
const LIMITS = { maxInFlightBytes: 2 ** 31, requestTimeoutMs: 600_000 };

const GRPC_CODE_OF: Readonly<Record<RefusalStatus, GrpcCode>> = {
  400: GRPC_CODE.invalidArgument,
  401: GRPC_CODE.unauthenticated,
  403: GRPC_CODE.permissionDenied,
  404: GRPC_CODE.unimplemented,
  429: GRPC_CODE.resourceExhausted,
  500: GRPC_CODE.internal,
  503: GRPC_CODE.unavailable,
};
/** What a throttling backend asks senders to wait. */
const THROTTLE_MS = 1000;
const SENTENCE = 'test backend';

/** Rejects with Node's error (`EADDRINUSE`) when the port cannot be had. */
export async function createSink(options: SinkOptions, { clock }: { readonly clock: Clock }): Promise<Sink> {
  const sink = new TestBackend(options, clock);
  await sink.open();
  return sink;
}

class TestBackend implements Sink {
  readonly #options: SinkOptions;
  readonly #clock: Clock;
  readonly #random;
  #mode: SinkMode = { kind: 'accept' };
  #server: OtlpServer | undefined;
  #address: { readonly host: string; readonly port: number };
  #reopen: Timer | undefined;
  #startedMs: number;
  #tallies = newTallies();
  #arrivals: Arrivals | undefined;
  #answers = new Map<string, number>();
  #invalid: { requests: number; lastMessage?: string } = { requests: 0 };
  #stored: OtlpRequest[] = [];
  /** Ends the wait of requests that hang or are slow. */
  readonly #waits = new Set<() => void>();

  constructor(options: SinkOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#random = createRandom(options.seed ?? 1);
    this.#address = { host: options.host, port: options.port };
    this.#startedMs = clock.monotonicMs();
    this.#arrivals = this.#newArrivals();
  }

  get address() {
    return this.#address;
  }

  get mode() {
    return this.#mode;
  }

  async open(): Promise<void> {
    await this.#listen();
    await this.setMode(this.#options.mode ?? { kind: 'accept' });
  }

  async setMode(mode: SinkMode): Promise<void> {
    this.#mode = mode;
    this.#reopen?.cancel();
    if (mode.kind !== 'drop') return this.#listen();
    await this.#shut();
    if (mode.forMs === undefined) return;
    this.#reopen = this.#clock.after(mode.forMs, () => void this.setMode({ kind: 'accept' }));
  }

  stats(): SinkStats {
    const [traces, metrics, logs] = SIGNALS.map((signal) => this.#tallies[signal].stats());
    return {
      mode: formatSinkMode(this.#mode),
      seconds: (this.#clock.monotonicMs() - this.#startedMs) / 1000,
      connections: this.#server?.connectionCount ?? 0,
      signals: { traces: traces!, metrics: metrics!, logs: logs! },
      answers: Object.fromEntries([...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1))),
      invalid: { ...this.#invalid },
      uniqueIsExact: !this.#options.countOnly && SIGNALS.every((signal) => this.#tallies[signal].seen.exact),
    };
  }

  arrivals(): ReadonlyMap<number, readonly (number | undefined)[]> {
    return this.#arrivals?.byRun ?? new Map();
  }

  clear(): void {
    this.#tallies = newTallies();
    this.#arrivals = this.#newArrivals();
    this.#answers.clear();
    this.#invalid = { requests: 0 };
    this.#stored = [];
    this.#startedMs = this.#clock.monotonicMs();
  }

  stored(): readonly OtlpRequest[] {
    return this.#stored;
  }

  async close(): Promise<void> {
    this.#reopen?.cancel();
    await this.#shut();
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createOtlpServer(
      {
        accepts: {
          grpc: { ...defaultGrpcAccept, maxRecvMsgSizeBytes: MAX_MESSAGE_BYTES },
          http: { ...defaultHttpAccept, maxRequestBodySizeBytes: MAX_MESSAGE_BYTES },
        },
        clock: this.#clock,
        limits: LIMITS,
        onAttempt: (attempt) => this.#onAttempt(attempt),
      },
      (request) => this.#handle(request),
    );
    this.#server = server;
    this.#address = await server.listen(this.#address);
  }

  async #shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.shutdown({ graceMs: 0 });
    for (const end of [...this.#waits]) end();
  }

  #handle(request: OtlpRequest): OtlpResponse | Promise<OtlpResponse> {
    const mode = this.#mode;
    const tally = this.#tallies[request.signal];
    tally.requests++;
    switch (mode.kind) {
      case 'accept':
        return this.#accept(request, 0);
      case 'partial':
        return this.#accept(request, Math.round(request.itemCount * mode.share));
      case 'poison':
        return holdsPoison(request.signal, request.bytes, mode.share)
          ? this.#refuse(request, 400)
          : this.#accept(request, 0);
      case 'status':
        return this.#random.next() < mode.share ? this.#refuse(request, mode.status) : this.#accept(request, 0);
      case 'slow':
        return this.#answerLater(tally, mode.delayMs, () => this.#accept(request, 0));
      case 'hang':
        return this.#answerLater(tally, undefined, () => this.#refuse(request, 503));
      case 'drop':
        return this.#refuse(request, 503);
    }
  }

  #accept(request: OtlpRequest, rejectedCount: number): OtlpResponse {
    const tally = this.#tallies[request.signal];
    tally.accepted++;
    tally.bytes += request.bytes.length;
    tally.items += request.itemCount - rejectedCount;
    tally.rejected += rejectedCount;
    if (!this.#options.countOnly) {
      const visitor = this.#arrivals?.beside(tally.seen, this.#clock.nowMs()) ?? tally.seen;
      scanItems(request.signal, request.bytes, rejectedCount, visitor);
    }
    this.#options.onAccepted?.(request);
    this.#keep(request);
    this.#count(request, 200);
    if (rejectedCount === 0) return { status: 'ok' };
    return { status: 'ok', partial: { rejectedCount, message: `${SENTENCE} rejects ${rejectedCount} items` } };
  }

  #refuse(request: OtlpRequest, status: RefusalStatus): OtlpResponse {
    this.#tallies[request.signal].refused++;
    this.#count(request, status);
    return {
      status: 'error',
      code: GRPC_CODE_OF[status],
      message: `${SENTENCE} answers ${status}`,
      ...(status === 429 ? { retryAfterMs: THROTTLE_MS } : {}),
    };
  }

  /** Without a delay: only when the sink closes. */
  #answerLater(tally: SignalTally, delayMs: number | undefined, answer: () => OtlpResponse): Promise<OtlpResponse> {
    tally.waiting++;
    return new Promise((resolve) => {
      const end = () => {
        this.#waits.delete(end);
        timer?.cancel();
        tally.waiting--;
        resolve(answer());
      };
      const timer = delayMs === undefined ? undefined : this.#clock.after(delayMs, end);
      this.#waits.add(end);
    });
  }

  #newArrivals(): Arrivals | undefined {
    const { arrivalsOf } = this.#options;
    return arrivalsOf === undefined ? undefined : new Arrivals(arrivalsOf.itemsPerRequest);
  }

  #keep(request: OtlpRequest): void {
    const { store = 0 } = this.#options;
    if (store === 0) return;
    this.#stored.push(request);
    if (this.#stored.length > store) this.#stored.shift();
  }

  #count(request: OtlpRequest, status: number): void {
    const grpcCode = status === 200 ? GRPC_CODE.ok : GRPC_CODE_OF[status as RefusalStatus];
    const key = request.protocol === 'grpc' ? `grpc ${grpcCode}` : `http ${status}`;
    this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
  }

  #onAttempt(attempt: IngestAttempt): void {
    const ours = attempt.message?.includes(SENTENCE) === true;
    if (attempt.outcome === 'accepted' || ours) return;
    this.#invalid = { requests: this.#invalid.requests + 1, lastMessage: attempt.message ?? '' };
  }
}
