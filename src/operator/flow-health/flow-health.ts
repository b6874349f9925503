import {
  type FlowVerdict,
  FlowWindow,
  flowVerdict,
  type JudgedFlow,
  type MetricsSample,
  type ObservedFlow,
} from '../../flow/index.ts';
import type { KubeLog } from '../../kube/index.ts';
import { type Clock, sleep } from '../../lib/index.ts';
import type { PipelineKind } from '../../pipeline/index.ts';
import { BackendWatch } from './backend-watch.ts';
import { observedFlow, takesData } from './observed-flow.ts';
import type { AskBackend, FlowRole, ObservedPipeline } from './observed-pipeline.ts';
import { SampleHistory } from './sample-history.ts';
import { scrape } from './scrape.ts';

/** Where one Pod serves its metrics. */
export interface MetricsEndpoint {
  readonly pod: string;
  /** Name of the workload in the topology: `otlp-gateway`. */
  readonly workload: string;
  readonly role: FlowRole;
  /** `http://10.0.0.7:8888/metrics`, Fluent Bit: `http://10.0.0.7:2020/api/v2/metrics/prometheus`. */
  readonly url: string;
  /** It delivers what is left on disk, so its samples are kept whatever its role. */
  readonly drains?: boolean;
}

export interface FlowHealthOptions {
  readonly clock: Clock;
  /** In [0, 1); spreads the rounds. */
  readonly random: () => number;
  /** Receives no secret. */
  readonly log: KubeLog;
  /** Pods that run, those that are not ready too; asked before every round. */
  readonly endpointsOf: () => readonly MetricsEndpoint[];
  /** Every pipeline resource, in every round. */
  readonly pipelines: () => readonly ObservedPipeline[];
  /** Absent: failures of backends are told without their cause. */
  readonly askBackend?: AskBackend;
  /** From the start of a round to the start of the next. */
  readonly intervalMs?: number;
}

export interface PipelineName {
  readonly kind: PipelineKind;
  readonly name: string;
}

/** What the last round took. */
export interface RoundFigures {
  readonly podCount: number;
  readonly silentCount: number;
  readonly tookMs: number;
}

/** Reads the collectors' own metrics round by round and judges whether the data of each pipeline flows. */
export interface FlowHealth {
  /** Undefined before the first judgement of the pipeline. */
  verdictOf(kind: PipelineKind, name: string): FlowVerdict | undefined;
  /** Tells of every pipeline whose verdict became another one; answers with the way to stop that. */
  onChange(listener: (pipeline: PipelineName) => void): () => void;
  /** Of the last minutes, newest last, one list for each Pod of the workload that still runs; empty for agents that drain nothing. */
  samplesOf(workload: string): Readonly<Record<string, readonly MetricsSample[]>>;
  /** Called after every round. */
  onRound(listener: (round: RoundFigures) => void): () => void;
  /** Ends when the round that runs has ended. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 10_000;
/** Half a round: a Pod that hangs must not make the round late. */
const TIMEOUT_MS = 4_000;
const MOST_AT_ONCE = 20;
/** Later in a round no Pod is asked that was silent before, so that the others are asked again in time, whatever a network swallows. */
const LATEST_MS = INTERVAL_MS - TIMEOUT_MS;
/** A Pod that starts answers later than it is seen; until then nothing is said. */
const GRACE_MS = 60_000;

export function startFlowHealth(options: FlowHealthOptions): FlowHealth {
  return new RunningFlowHealth(options);
}

interface Judged extends PipelineName {
  readonly state: JudgedFlow;
}

class RunningFlowHealth implements FlowHealth {
  readonly #options: FlowHealthOptions;
  readonly #stop = new AbortController();
  readonly #window = new FlowWindow();
  readonly #history = new SampleHistory();
  readonly #backends: BackendWatch | undefined;
  readonly #judged = new Map<string, Judged>();
  /** By Pod, when it was asked last, in the time of the clock that only grows. */
  readonly #asked = new Map<string, { readonly atMs: number; readonly isSilent: boolean }>();
  /** When each pipeline was seen first. */
  readonly #sinceMs = new Map<string, number>();
  readonly #changeListeners = new Set<(pipeline: PipelineName) => void>();
  readonly #roundListeners = new Set<(round: RoundFigures) => void>();
  readonly #rounds: Promise<void>;

  constructor(options: FlowHealthOptions) {
    this.#options = options;
    const { clock, log, askBackend } = options;
    if (askBackend !== undefined) {
      this.#backends = new BackendWatch({
        clock,
        log,
        askBackend,
        signal: this.#stop.signal,
        onAnswer: () => this.#judge(),
      });
    }
    this.#rounds = this.#run();
  }

  verdictOf(kind: PipelineKind, name: string): FlowVerdict | undefined {
    return this.#judged.get(keyOf({ kind, name }))?.state.verdict;
  }

  onChange(listener: (pipeline: PipelineName) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onRound(listener: (round: RoundFigures) => void): () => void {
    this.#roundListeners.add(listener);
    return () => this.#roundListeners.delete(listener);
  }

  samplesOf(workload: string): Readonly<Record<string, readonly MetricsSample[]>> {
    return this.#history.of(workload);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#rounds;
    await this.#backends?.stopped();
  }

  async #run(): Promise<void> {
    const { clock, random, log, intervalMs = INTERVAL_MS } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        await this.#round();
        // Several managers and many Pods that started together are not to meet at the same moments.
        const pauseMs = intervalMs * (0.95 + 0.1 * random()) - (clock.monotonicMs() - startedMs);
        await sleep(clock, Math.max(0, pauseMs), signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error('a round of flow health failed', { error: String(error) });
        await sleep(clock, intervalMs, signal).catch(() => {});
      }
    }
  }

  async #round(): Promise<void> {
    const { clock, endpointsOf, log } = this.#options;
    const endpoints = endpointsOf();
    const startedMs = clock.monotonicMs();
    this.#window.expect(
      endpoints.map(({ pod, workload, role }) => ({ pod, workload, takesData: takesData(role) })),
      clock.nowMs(),
    );
    this.#history.expect(endpoints.map(({ pod }) => pod));
    let silentCount = 0;
    await forEach(this.#inOrder(endpoints), MOST_AT_ONCE, async (endpoint) => {
      const { signal } = this.#stop;
      const atMs = clock.monotonicMs();
      if (this.#asked.get(endpoint.pod)?.isSilent !== false && atMs - startedMs > LATEST_MS) {
        silentCount += 1;
        return;
      }
      const scraped = await scrape(endpoint.url, { clock, timeoutMs: TIMEOUT_MS, signal });
      this.#asked.set(endpoint.pod, { atMs, isSilent: scraped.status === 'silent' });
      if (scraped.status === 'silent') silentCount += 1;
      else this.#take(endpoint, scraped.sample);
    });
    if (silentCount > 0) log.info('pods did not tell their metrics', { silentCount, podCount: endpoints.length });
    this.#judge();
    const tookMs = clock.monotonicMs() - startedMs;
    for (const listener of this.#roundListeners) listener({ podCount: endpoints.length, silentCount, tookMs });
  }

  /** Those that answered first; of the others, whom a round may not reach, whoever waits longest. */
  #inOrder(endpoints: readonly MetricsEndpoint[]): readonly MetricsEndpoint[] {
    const running = new Set(endpoints.map(({ pod }) => pod));
    for (const pod of this.#asked.keys()) if (!running.has(pod)) this.#asked.delete(pod);
    const placeOf = ({ pod, role }: MetricsEndpoint) => {
      const asked = this.#asked.get(pod);
      if (asked === undefined) return takesData(role) ? -2 : -1;
      return asked.isSilent ? asked.atMs : -3;
    };
    return endpoints
      .map((endpoint) => ({ endpoint, place: placeOf(endpoint) }))
      .sort((a, b) => a.place - b.place)
      .map(({ endpoint }) => endpoint);
  }

  #take({ pod, workload, role, drains = false }: MetricsEndpoint, sample: MetricsSample): void {
    this.#window.add(pod, sample);
    // Agents are as many as nodes, and nobody scales them.
    if (takesData(role) || drains) this.#history.add(workload, pod, sample);
  }

  #judge(): void {
    const nowMs = this.#options.clock.nowMs();
    const pipelines = this.#options.pipelines();
    this.#forgetOthers(new Set(pipelines.map(keyOf)));
    for (const pipeline of pipelines) this.#judgeOne(pipeline, nowMs);
  }

  #judgeOne(pipeline: ObservedPipeline, nowMs: number): void {
    const key = keyOf(pipeline);
    const flow = observedFlow(pipeline);
    const sinceMs = this.#sinceMs.get(key) ?? nowMs;
    this.#sinceMs.set(key, sinceMs);
    this.#watchBackend(key, pipeline, flow, nowMs);
    const facts = this.#window.factsOf(flow, nowMs);
    const previous = this.#judged.get(key)?.state;
    const isSilent = [facts.gateway, facts.agent].some((group) => group?.answeringCount === 0);
    if (previous === undefined && isSilent && nowMs - sinceMs < GRACE_MS) return;
    const failure = this.#backends?.failureOf(key)?.kind;
    const state = flowVerdict({ facts, nowMs, failure, previous });
    this.#judged.set(key, { kind: pipeline.kind, name: pipeline.name, state });
    if (isSame(previous?.verdict, state.verdict)) return;
    for (const listener of this.#changeListeners) listener({ kind: pipeline.kind, name: pipeline.name });
  }

  #watchBackend(key: string, { backend }: ObservedPipeline, flow: ObservedFlow, nowMs: number): void {
    if (this.#backends === undefined) return;
    if (backend !== undefined && this.#window.isSuspicious(flow, nowMs)) this.#backends.look(key, backend);
    else this.#backends.forget(key);
  }

  #forgetOthers(known: ReadonlySet<string>): void {
    for (const key of this.#sinceMs.keys()) {
      if (known.has(key)) continue;
      this.#sinceMs.delete(key);
      this.#judged.delete(key);
      this.#backends?.forget(key);
    }
  }
}

function keyOf({ kind, name }: PipelineName): string {
  return `${kind}/${name}`;
}

function isSame(a: FlowVerdict | undefined, b: FlowVerdict): boolean {
  return a !== undefined && a.reason === b.reason && a.status === b.status && a.message === b.message;
}

/** Runs `act` for each item, so many at a time; rejects with the first error when all that began have ended. */
async function forEach<T>(items: readonly T[], mostAtOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(mostAtOnce, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
