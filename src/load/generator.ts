import { gzipSync } from 'node:zlib';
import { type Backoff, type BackoffOptions, type Clock, CodedError, createBackoff, sleep } from '../lib/index.ts';
import { encodeJson } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import { type Answer, type Connection, createGrpcConnection, createHttpConnection } from './connection/index.ts';
import { type GeneratorReport, GeneratorTally } from './generator-report.ts';
import { runOfSeed, traceIdText } from './identity.ts';
import type { Attributes } from './otlp-part.ts';
import { createRandom } from './random.ts';
import { type ShapeName, shapeTemplates } from './shape/index.ts';
import type { RequestTemplate } from './wire-template.ts';

export interface GeneratorOptions {
  readonly signal: Signal;
  readonly shape: ShapeName;
  /** The same seed sends the same items; runs that must not collide need seeds of their own. */
  readonly seed: number;
  readonly service?: string;
  readonly resource?: Attributes;
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    readonly tls?: boolean;
    /** The address to send from; the system chooses one. */
    readonly localAddress?: string;
  };
  /**
   * The same backend at other addresses, only with gRPC: connections are spread over all, and one that was lost is opened to
   * the next, as a Service does it.
   */
  readonly replicas?: readonly { readonly host: string; readonly port: number }[];
  readonly protocol: 'grpc' | 'http/protobuf' | 'http/json';
  readonly compression?: 'none' | 'gzip';
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests a second; 0 means as fast as `inFlight` allows. */
  readonly requestRate: number;
  /** Stops after so many requests. */
  readonly requestCount?: number;
  /** Stops starting requests after so long. */
  readonly durationMs?: number;
  readonly connections?: number;
  /** Requests without an answer at any moment, over all connections. */
  readonly inFlight?: number;
  readonly timeoutMs?: number;
  /** Sends a request again, with backoff, while its answer is retryable or missing. Off: the first answer counts. */
  readonly retry?: boolean;
  readonly retryBackoff?: BackoffOptions;
}

/** What is told of a request when its last answer is there. */
export interface SettledRequest {
  /** From 0, in the order in which they were started. */
  readonly request: number;
  /** When it was to be sent by the rate asked for, and was sent: later, where too many were still without an answer. Wall clock, ms. */
  readonly dueAtMs: number;
  readonly startedAtMs: number;
  readonly settledAtMs: number;
  readonly status: Answer['status'];
}

export interface GeneratorDeps {
  readonly clock: Clock;
  readonly onSettled?: (request: SettledRequest) => void;
}

export interface Generator {
  /** Sends until count, duration or `signal` ends it, then waits for the answers still missing. Call once. */
  run(options?: { readonly signal?: AbortSignal }): Promise<GeneratorReport>;
  /** Counts so far. */
  progress(): GeneratorReport;
}

const DEFAULT_BACKOFF: BackoffOptions = {
  initialIntervalMs: 100,
  maxIntervalMs: 5000,
  multiplier: 2,
  randomizationFactor: 0.2,
};
const DEFAULT_IN_FLIGHT = 64;
const DEFAULT_TIMEOUT_MS = 10_000;
/** How often requests that are due are started; also bounds how long one burst may hold the event loop. */
const TICK_MS = 2;
const MAX_BURST = 256;

/** Throws a CodedError `unknown_shape` when the shape does not have the signal. */
export function createGenerator(options: GeneratorOptions, deps: GeneratorDeps): Generator {
  const random = createRandom(options.seed);
  const templates = shapeTemplates(options.shape, options.signal, {
    random,
    service: options.service ?? 'sluice-gen',
    resource: options.resource ?? {},
  });
  if (templates === undefined)
    throw new CodedError('unknown_shape', `shape \`${options.shape}\` has no ${options.signal}`);
  return new TemplateGenerator(options, deps, templates);
}

/** A request under way, with the buffer it was written into. */
interface Flight {
  buffer: Uint8Array;
  bytes: Uint8Array;
  itemCount: number;
  connection: Connection;
  request: number;
  startedMs: number;
  startedAtMs: number;
  dueAtMs: number;
  backoff: Backoff | undefined;
}

class TemplateGenerator implements Generator {
  readonly #options: GeneratorOptions;
  readonly #clock: Clock;
  readonly #onSettled: GeneratorDeps['onSettled'];
  readonly #templates: readonly RequestTemplate[];
  readonly #connections: readonly Connection[];
  readonly #tally = new GeneratorTally();
  readonly #run: number;
  /** Flights that are free; each keeps its buffer, so a run allocates only at its start. */
  readonly #idle: Flight[] = [];
  readonly #retryStop = new AbortController();
  #underWay = 0;
  #nextTrace = 0;
  #nextSpan = 0;
  #nextItem = 0;
  #startedMs = 0;
  #startTimeNs = 0n;
  #endedMs: number | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor(options: GeneratorOptions, deps: GeneratorDeps, templates: readonly RequestTemplate[]) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#onSettled = deps.onSettled;
    this.#templates = templates;
    this.#run = runOfSeed(options.seed);
    this.#connections = Array.from({ length: options.connections ?? 1 }, (_, index) => openConnection(options, index));
  }

  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<GeneratorReport> {
    this.#startedMs = this.#clock.monotonicMs();
    this.#startTimeNs = BigInt(this.#clock.nowMs()) * 1_000_000n;
    const stop = () => {
      this.#stopping = true;
      this.#retryStop.abort(signal?.reason);
      this.#wake?.();
    };
    // The clock's timers don't hold the process, and between two requests nothing else would.
    const holdProcess = setInterval(() => {}, 60_000);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    while (!this.#finishedSending()) {
      this.#startDue();
      if (!this.#finishedSending()) await this.#pause();
    }
    while (this.#underWay > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#endedMs = this.#clock.monotonicMs();
    signal?.removeEventListener('abort', stop);
    clearInterval(holdProcess);
    for (const connection of this.#connections) connection.close();
    return this.progress();
  }

  progress(): GeneratorReport {
    const { signal, shape, seed } = this.#options;
    const seconds = ((this.#endedMs ?? this.#clock.monotonicMs()) - this.#startedMs) / 1000;
    const firstTrace = signal === 'traces' ? { firstTraceId: traceIdText(this.#run, 0) } : {};
    return this.#tally.report({ signal, shape, seed, ...firstTrace }, seconds);
  }

  #finishedSending(): boolean {
    const { requestCount, durationMs } = this.#options;
    if (this.#stopping) return true;
    if (requestCount !== undefined && this.#tally.requests >= requestCount) return true;
    return durationMs !== undefined && this.#clock.monotonicMs() - this.#startedMs >= durationMs;
  }

  /** Starts what is due by now; a generator that fell behind catches up only as far as `inFlight` lets it. */
  #startDue(): void {
    const { requestRate, requestCount = Number.POSITIVE_INFINITY, inFlight = DEFAULT_IN_FLIGHT } = this.#options;
    const elapsedMs = this.#clock.monotonicMs() - this.#startedMs;
    const due = requestRate === 0 ? Number.POSITIVE_INFINITY : Math.floor((elapsedMs * requestRate) / 1000) + 1;
    const goal = Math.min(due, requestCount, this.#tally.requests + MAX_BURST);
    while (this.#tally.requests < goal && this.#underWay < inFlight) this.#start();
  }

  /** Until the next tick, or, without a rate, until an answer frees a place. */
  #pause(): Promise<void> {
    const { requestRate, inFlight = DEFAULT_IN_FLIGHT, durationMs } = this.#options;
    return new Promise((resolve) => {
      if (requestRate === 0 && this.#underWay < inFlight) return void setImmediate(resolve);
      const waitMs = requestRate === 0 ? (durationMs ?? 1000) : Math.max(TICK_MS, Math.min(1000 / requestRate, 250));
      const timer = this.#clock.after(waitMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #start(): void {
    const tally = this.#tally;
    const round = tally.requests++;
    const template = this.#templates[round % this.#templates.length]!;
    const flight = this.#idle.pop() ?? this.#newFlight();
    flight.connection = this.#connections[round % this.#connections.length]!;
    if (flight.buffer.length < template.sizeBytes) flight.buffer = new Uint8Array(template.sizeBytes);
    template.write(flight.buffer, this.#stamp(round));
    const { stride, sizeBytes } = template;
    this.#nextTrace += stride.traces;
    this.#nextSpan += stride.spans;
    this.#nextItem += stride.items;
    flight.bytes = this.#encode(flight.buffer.subarray(0, sizeBytes));
    flight.itemCount = stride.items;
    flight.backoff = undefined;
    flight.request = round;
    flight.startedMs = this.#clock.monotonicMs();
    flight.startedAtMs = this.#clock.nowMs();
    flight.dueAtMs = flight.startedAtMs - this.#lateByMs(round, flight.startedMs);
    tally.sent += stride.items;
    tally.bytes += sizeBytes;
    this.#underWay++;
    this.#send(flight);
  }

  /** Without a rate, a request is due when there is room for it. */
  #lateByMs(round: number, nowMs: number): number {
    const { requestRate } = this.#options;
    return requestRate === 0 ? 0 : Math.max(0, nowMs - this.#startedMs - (round * 1000) / requestRate);
  }

  #stamp(round: number) {
    return {
      run: this.#run,
      round,
      firstTrace: this.#nextTrace,
      firstSpan: this.#nextSpan,
      firstItem: this.#nextItem,
      // Requests of one millisecond differ in their nanoseconds, so that (series, time) is unique.
      timeNs: BigInt(this.#clock.nowMs()) * 1_000_000n + BigInt(round % 1_000_000),
      startTimeNs: this.#startTimeNs,
    };
  }

  #encode(bytes: Uint8Array): Uint8Array {
    const { protocol, signal, compression = 'none' } = this.#options;
    const encoded = protocol === 'http/json' ? Buffer.from(encodeJson(signal, bytes)) : bytes;
    return compression === 'gzip' ? gzipSync(encoded, { level: 1 }) : encoded;
  }

  #newFlight(): Flight {
    const empty = new Uint8Array(0);
    return {
      buffer: empty,
      bytes: empty,
      itemCount: 0,
      connection: this.#connections[0]!,
      request: 0,
      startedMs: 0,
      startedAtMs: 0,
      dueAtMs: 0,
      backoff: undefined,
    };
  }

  #send(flight: Flight): void {
    flight.connection.send(this.#options.signal, flight.bytes, (answer) => this.#onAnswer(flight, answer));
  }

  #onAnswer(flight: Flight, answer: Answer): void {
    this.#tally.answered(answer);
    if (flight.backoff === undefined) this.#tally.latency.record(this.#clock.monotonicMs() - flight.startedMs);
    if (this.#mayRetry(answer)) void this.#retryLater(flight, answer);
    else this.#settle(flight, answer);
  }

  #mayRetry(answer: Answer): boolean {
    if (!this.#options.retry || this.#retryStop.signal.aborted || answer.status === 'ok') return false;
    return answer.status === 'failed' || answer.retryable;
  }

  async #retryLater(flight: Flight, answer: Answer): Promise<void> {
    flight.backoff ??= createBackoff(this.#options.retryBackoff ?? DEFAULT_BACKOFF, Math.random);
    const asked = answer.status === 'refused' ? (answer.retryAfterMs ?? 0) : 0;
    try {
      await sleep(this.#clock, Math.max(asked, flight.backoff.nextDelayMs()), this.#retryStop.signal);
    } catch {
      // The run was stopped while waiting: the answer we have is the last one.
      this.#settle(flight, answer);
      return;
    }
    this.#tally.retries++;
    this.#send(flight);
  }

  #settle(flight: Flight, answer: Answer): void {
    this.#tally.settled(answer, flight.itemCount);
    if (this.#onSettled !== undefined) {
      const { request, dueAtMs, startedAtMs } = flight;
      this.#onSettled({ request, dueAtMs, startedAtMs, settledAtMs: this.#clock.nowMs(), status: answer.status });
    }
    this.#underWay--;
    this.#idle.push(flight);
    const unpaced = this.#options.requestRate === 0;
    if (this.#underWay === 0 || unpaced) this.#wake?.();
  }
}

function openConnection(options: GeneratorOptions, index: number): Connection {
  const { host, port, localAddress } = options.endpoint;
  const addresses = [{ host, port }, ...(options.replicas ?? [])];
  const first = index % addresses.length;
  const connectionOptions = {
    host: options.endpoint.host,
    port: options.endpoint.port,
    ...(localAddress !== undefined && { localAddress }),
    tls: options.endpoint.tls ?? false,
    headers: options.headers ?? {},
    compression: options.compression ?? 'none',
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  } as const;
  if (options.protocol === 'grpc') {
    const turned = [...addresses.slice(first), ...addresses.slice(0, first)];
    return createGrpcConnection(options.signal, connectionOptions, turned);
  }
  return createHttpConnection(options.protocol === 'http/json' ? 'json' : 'protobuf', connectionOptions);
}
