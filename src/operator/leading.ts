import { PIPELINE_KINDS } from '../apis/index.ts';
import {
  type Controller,
  createEventRecorder,
  createWorkQueue,
  type EventRecorder,
  isNotFound,
  type KubeClient,
  runController,
  type WorkQueue,
} from '../kube/index.ts';
import type { Timer } from '../lib/index.ts';
import { reconcileLogParser } from './controllers/log-parser-controller.ts';
import { reconcilePipeline } from './controllers/pipeline-controller.ts';
import { reconcileTelemetry } from './controllers/telemetry-controller.ts';
import { workloadEvents } from './controllers/workload-events.ts';
import { type RunningCluster, Workloads } from './controllers/workloads.ts';
import type { FlowHealth } from './flow-health/flow-health.ts';
import { storedHashKey } from './kept/hash-key.ts';
import { createKeptStore } from './kept/kept-store.ts';
import type { OperatorMetrics } from './operator-metrics.ts';
import type { OperatorOptions } from './options.ts';
import type { WarmCluster } from './warm-cluster.ts';

export interface LeadingOptions {
  readonly operator: OperatorOptions;
  readonly warm: WarmCluster;
  readonly metrics: OperatorMetrics;
  readonly flow: Pick<FlowHealth, 'verdictOf' | 'samplesOf'>;
  /** By workload; where none is given, the topology's own figure. */
  readonly replicas: () => Readonly<Record<string, number>>;
  /** Names of Pods that are emptied before they are removed. */
  readonly draining: () => ReadonlySet<string>;
  /** Aborts when the Lease is lost: nothing may be written then. */
  readonly signal: AbortSignal;
}

/** The part of the operator that writes; it lives as long as the Lease is held. */
export interface Leading {
  readonly workloads: Workloads;
  /** Something that decides what runs changed. */
  inputChanged(): void;
  /** Something that was applied, or a Pod, or the number of replicas. */
  workloadChanged(): void;
  /** A resource's status, or what is known of its flow. */
  resourceChanged(kind: string, name: string): void;
  stop(): Promise<void>;
}

const WORKLOADS = 'workloads';
const TELEMETRY = 'Telemetry/default';
const STATUS_WORKERS = 4;
/** Of a key that fails: an API server that is back is to be used soon. */
const MAX_DELAY_MS = 30_000;
const HOUR_MS = 3_600_000;
/** Events of one change of many come one after the other. */
const GATHER_MS = 20;
/** Pods and their controllers change a lot during a rollout. */
const STATE_MS = 100;
/** Between two passes while edits come without a pause. */
const APART_MS = 400;

export async function startLeading(options: LeadingOptions): Promise<Leading> {
  const { operator, warm, metrics, replicas, draining, signal } = options;
  const { clock, log, namespace, identity } = operator;
  // Whoever lost the Lease must not write, nor send again what waits for a busy server: another one may have decided anew.
  const client = operator.client.until(signal);
  const keptStore = createKeptStore({ client, log, namespace });
  await keptStore.load();
  const hashKey = await storedHashKey(client, namespace);
  signal.throwIfAborted();
  const events = createEventRecorder({
    client: operator.client,
    clock,
    log,
    controller: 'telemetry-operator',
    instance: identity,
  });
  const passes = createWorkQueue({ clock, maxDelayMs: MAX_DELAY_MS });
  const statuses = createWorkQueue({ clock, maxDelayMs: MAX_DELAY_MS });
  const addAll = () => {
    for (const kind of [...PIPELINE_KINDS, 'LogParser'] as const) {
      for (const { metadata } of warm.watch.resources[kind].list()) statuses.add(`${kind}/${metadata.name}`);
    }
    statuses.add(TELEMETRY);
  };
  let health: RunningCluster['health'] | undefined;
  const tellWorkloads = (running: RunningCluster) => {
    const regarding = warm.watch.telemetry();
    const told = workloadEvents(health, running.health);
    health = running.health;
    if (regarding !== undefined) for (const event of told) events.record({ regarding, ...event });
  };
  const workloads = new Workloads({
    ...operator,
    client,
    events,
    hashKey,
    compiler: warm.compiler,
    watch: warm.watch,
    secrets: warm.secrets,
    keptStore,
    facts: () => warm.facts(),
    cluster: () => warm.cluster(),
    replicas,
    draining,
    samplesOf: (workload) => options.flow.samplesOf(workload),
    onPass: (running) => {
      tellWorkloads(running);
      addAll();
    },
  });
  const controllers = [
    runController({
      name: WORKLOADS,
      queue: passes,
      log,
      reconcile: () => metrics.measured(WORKLOADS, () => unlessLost(signal, () => workloads.pass(signal))),
    }),
    runController({
      name: 'statuses',
      queue: statuses,
      log,
      workers: STATUS_WORKERS,
      reconcile: (key) => reconcileStatus(key, { ...options, client, events, statuses, workloads }),
    }),
  ];
  let passedMs = Number.NEGATIVE_INFINITY;
  // The first of several edits is applied at once; those of a long list come together in a few rollouts.
  const inputChanged = () => {
    workloads.invalidate();
    const nowMs = clock.monotonicMs();
    const waitMs = Math.max(GATHER_MS, passedMs + APART_MS - nowMs);
    passedMs = Math.max(passedMs, nowMs);
    passes.addAfter(WORKLOADS, waitMs);
  };
  let tick: Timer | undefined;
  // Certificates expire without an event.
  const nextHour = () => {
    tick = clock.after(HOUR_MS - (clock.nowMs() % HOUR_MS), () => {
      inputChanged();
      nextHour();
    });
  };
  nextHour();
  passes.add(WORKLOADS);
  return {
    workloads,
    inputChanged,
    workloadChanged: () => passes.addAfter(WORKLOADS, STATE_MS),
    resourceChanged(kind, name) {
      statuses.add(`${kind}/${name}`);
      statuses.add(TELEMETRY);
    },
    async stop() {
      tick?.cancel();
      await Promise.all(controllers.map((one: Controller) => one.stop()));
      await events.stop();
    },
  };
}

/** That somebody else leads now is no failure. */
async function unlessLost<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  try {
    return await act();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

interface StatusContext extends LeadingOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly statuses: WorkQueue;
  readonly workloads: Workloads;
}

/** `Kind/name`: one controller for each kind, on one queue. */
async function reconcileStatus(key: string, context: StatusContext): Promise<void> {
  const { client, operator, warm, metrics, flow, events, workloads, signal } = context;
  const { clock, namespace } = operator;
  if (signal.aborted) return;
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const common = { client, clock, events, running: () => workloads.running };
  const reconcile = async () => {
    if (key === TELEMETRY) return reconcileTelemetry({ ...common, namespace, watch: warm.watch });
    if (key.startsWith('LogParser/')) {
      return reconcileLogParser(name, { ...common, store: warm.watch.resources.LogParser });
    }
    const kind = PIPELINE_KINDS.find((one) => key.startsWith(`${one}/`))!;
    const { verdictOf } = flow;
    return reconcilePipeline(name, {
      ...common,
      kind,
      store: warm.watch.resources[kind],
      verdictOf: (of, called) => verdictOf.call(flow, of, called),
    });
  };
  try {
    await metrics.measured(key.slice(0, slash), () => unlessLost(signal, reconcile));
  } catch (error) {
    // It was deleted meanwhile, and who is not there has no status.
    if (!isNotFound(error)) throw error;
  }
}
