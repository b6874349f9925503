import { createLeaderElector, type KubeObject } from '../kube/index.ts';
import { CodedError, createBackoff, errorMessage, sleep } from '../lib/index.ts';
import { objectName, workloadOf } from '../render/index.ts';
import { diskQueues } from '../topology/index.ts';
import { type Autoscaler, startAutoscaler } from './autoscaler/autoscaler.ts';
import { runningReplicas } from './autoscaler/running-replicas.ts';
import { type FlowHealth, type MetricsEndpoint, startFlowHealth } from './flow-health/flow-health.ts';
import { observedPipelines } from './flow-health/observed-pipelines.ts';
import { type Leading, startLeading } from './leading.ts';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { createOperatorMetrics } from './operator-metrics.ts';
import type { OperatorOptions, RunningOperator } from './options.ts';
import { carriersOf } from './rollout/carriers.ts';
import { scaledWorkloads } from './scaling/scaled-workloads.ts';
import { startWarmCluster, type WarmCluster, type WarmClusterListeners } from './warm-cluster.ts';
import { startWebhooks } from './webhooks/start-webhooks.ts';
import type { RunningWebhooks } from './webhooks/webhook-options.ts';

/** Upstream's has another name, so that neither waits for the other; they must not both be installed anyway. */
const LEASE = 'telemetry-operator';

const RETRY = { initialIntervalMs: 500, maxIntervalMs: 30_000, multiplier: 2, randomizationFactor: 0.3 };

/**
 * Runs the operator until it is stopped. Several may run: one holds the Lease and writes, the others read along, so that the next
 * one can go on at once. Resolves when its ports are open; an API server that does not answer is waited for.
 */
export async function runOperator(options: OperatorOptions): Promise<RunningOperator> {
  const operator = new Operator(options);
  await operator.open();
  return operator;
}

class Operator implements RunningOperator {
  readonly #options: OperatorOptions;
  readonly #stopped = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #metrics: ReturnType<typeof createOperatorMetrics>;
  #warm: WarmCluster | undefined;
  #reading: Parameters<WarmClusterListeners['reading']>[0] | undefined;
  #leading: Leading | undefined;
  #server: MetricsServer | undefined;
  #webhooks: RunningWebhooks | undefined;
  #running: Promise<void> = Promise.resolve();
  /** What is known of the cluster is thrown away and read anew. */
  #outdated = new AbortController();

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#ready.promise.catch(() => {}); // that nobody waits is no failure
    this.#metrics = createOperatorMetrics({
      client: options.client,
      clock: options.clock,
      isLeader: () => this.isLeader,
      compilations: () => this.#warm?.compiler.compilations ?? 0,
    });
  }

  get isLeader(): boolean {
    return this.#leading !== undefined;
  }

  get metricsPort(): number | undefined {
    return this.#server?.port;
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Ports first: what they are taken for is a mistake that must be told at once. */
  async open(): Promise<void> {
    const { metrics, webhooks, client, clock, log, namespace, certificates } = this.#options;
    if (metrics !== undefined) {
      this.#server = await startMetricsServer({
        ...metrics,
        metrics: () => this.#metrics.registry.renderPrometheus(),
        // Pods that are not ready are in no Service, so nobody would convert what all of them wait to read.
        isReady: () =>
          this.#warm !== undefined || (webhooks !== undefined && this.#reading?.awaitsConversion() === true),
      });
    }
    try {
      if (webhooks !== undefined) {
        this.#webhooks = await startWebhooks({ ...webhooks, client, clock, log, namespace, certificates });
      }
    } catch (error) {
      await this.#server?.stop();
      throw error;
    }
    this.#running = this.#run();
  }

  /** Writers first, then what they read from; the Lease is given up when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopped.abort(new CodedError('stopped', 'the operator was stopped'));
    await this.#running;
    this.#ready.reject(this.#stopped.signal.reason);
    await this.#webhooks?.stop();
    await this.#server?.stop();
  }

  /** Reads the cluster, and leads when it may; again from the beginning where what is served has changed. */
  async #run(): Promise<void> {
    const { clock, log, random } = this.#options;
    const backoff = createBackoff(RETRY, random);
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      this.#outdated = new AbortController();
      try {
        await this.#live(AbortSignal.any([signal, this.#outdated.signal]));
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        log.warn('the cluster cannot be read', { error: errorMessage(error) });
        await sleep(clock, backoff.nextDelayMs(), signal).catch(() => {});
      }
    }
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { client, clock, log, namespace, identity, random } = this.#options;
    const warm = await startWarmCluster(
      this.#options,
      {
        reading: (watch) => {
          this.#reading = watch;
        },
        input: () => this.#leading?.inputChanged(),
        workload: () => this.#leading?.workloadChanged(),
        resource: (kind, name) => this.#leading?.resourceChanged(kind, name),
        outdated: () => this.#outdated.abort(new CodedError('outdated', 'the API server serves other kinds now')),
      },
      signal,
    );
    this.#warm = warm;
    this.#ready.resolve();
    log.info('the cluster is read', { pipelines: warm.watch.pipelines().length });
    let leading = Promise.resolve();
    const elector = createLeaderElector({
      client,
      clock,
      log,
      namespace,
      identity,
      random,
      name: LEASE,
      onStartedLeading: (leadership) => {
        leading = leading.then(() => this.#lead(warm, { leadership, signal }));
      },
    });
    elector.start();
    await aborted(signal);
    // The end of leading waits for what is being written.
    await leading;
    await elector.stop();
    this.#warm = undefined;
    await warm.stop();
  }

  /** Resolves when it has ended; what fails at its start is tried again as long as the Lease is held. */
  async #lead(
    warm: WarmCluster,
    { leadership, signal: stopped }: { readonly leadership: AbortSignal; readonly signal: AbortSignal },
  ): Promise<void> {
    const signal = AbortSignal.any([leadership, stopped]);
    const { clock, log, random } = this.#options;
    const backoff = createBackoff(RETRY, random);
    while (!signal.aborted) {
      const flow = this.#startFlow(warm);
      const autoscaler = this.#startAutoscaler(warm, flow);
      try {
        const { operator, metrics } = { operator: this.#options, metrics: this.#metrics };
        const draining = () => new Set(Object.values(autoscaler.draining()).flat());
        const replicas = () => ({ ...runningReplicas(warm.watch.controllers()), ...autoscaler.replicas() });
        // Whoever is stopped finishes what it writes; whoever lost the Lease must not.
        const leading = await startLeading({ operator, warm, metrics, flow, replicas, draining, signal: leadership });
        this.#leading = leading;
        flow.onChange(({ kind, name }) => leading.resourceChanged(kind, name));
        autoscaler.onChange((change) => {
          log.info('replicas decided anew', change);
          leading.workloadChanged();
        });
        await aborted(signal);
      } catch (error) {
        if (!signal.aborted) log.warn('cannot begin to lead', { error: errorMessage(error) });
        await sleep(clock, backoff.nextDelayMs(), signal).catch(() => {});
      }
      const leading = this.#leading;
      this.#leading = undefined;
      autoscaler.stop();
      await leading?.stop();
      await flow.stop();
    }
  }

  #startAutoscaler(warm: WarmCluster, flowHealth: FlowHealth): Autoscaler {
    const { clock } = this.#options;
    return startAutoscaler({
      clock,
      flowHealth,
      workloads: () => {
        const topology = this.#leading?.workloads.running?.compiled.rendering.topology;
        if (topology === undefined) return [];
        const controllers = new Map(warm.watch.controllers().map((object) => [object.metadata.name, object]));
        return scaledWorkloads(topology, (workload) => controllers.get(objectName(workload)));
      },
    });
  }

  #startFlow(warm: WarmCluster): FlowHealth {
    const { clock, random, log, askBackend } = this.#options;
    return startFlowHealth({
      clock,
      random,
      log,
      ...(askBackend && { askBackend }),
      endpointsOf: () => this.#endpoints(warm),
      pipelines: () => {
        const compiled = this.#leading?.workloads.running?.compiled;
        return compiled === undefined ? [] : observedPipelines(compiled.rendering, [...compiled.pipelines.values()]);
      },
    });
  }

  #endpoints(warm: WarmCluster): readonly MetricsEndpoint[] {
    const compiled = this.#leading?.workloads.running?.compiled;
    if (compiled === undefined) return [];
    const { topology } = compiled.rendering;
    // Those that only drain carry no pipeline, and say when they are empty.
    const all = [...topology.workloads, ...topology.agents].map(({ name, role }) => ({ workload: name, role }));
    const carriers = [...all, ...[...carriersOf(topology).values()].flat()];
    const draining = new Set(diskQueues(topology).flatMap((queue) => (queue.draining ? queue.workload : [])));
    const roles = new Map(carriers.map(({ workload, role }) => [workload, { workload, role }]));
    return warm.watch.pods.list().flatMap((pod) => {
      const carrier = roles.get(workloadOf(pod) ?? '');
      const address = addressOf(pod);
      if (carrier === undefined || address === undefined) return [];
      const place = carrier.role === 'fluent-bit' ? '2020/api/v2/metrics/prometheus' : '8888/metrics';
      const url = `http://${address}:${place}`;
      return [{ ...carrier, pod: pod.metadata.name, url, drains: draining.has(carrier.workload) }];
    });
  }
}

function addressOf(pod: KubeObject): string | undefined {
  const { podIP, phase } = (pod['status'] ?? {}) as { readonly podIP?: string; readonly phase?: string };
  if (podIP === undefined || phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return undefined;
  return podIP.includes(':') ? `[${podIP}]` : podIP;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
