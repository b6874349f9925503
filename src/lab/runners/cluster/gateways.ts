import type { KubeClient, ResourceType } from '../../../kube/index.ts';
import { type Clock, sleep } from '../../../lib/index.ts';
import { type DeploymentSample, withoutQueues } from '../deployment.ts';
import { readSelfMetrics, type SelfMetrics } from '../self-metrics.ts';
import { killContainer } from './container-processes.ts';
import { COMPONENT, DEPLOYMENTS, OF_SLUICE, PODS, type Pod, STATEFUL_SETS, type Workload } from './kinds.ts';

export interface GatewaysOptions {
  readonly client: KubeClient;
  /** Of Sluice. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Found {
  readonly type: ResourceType;
  readonly workload: Workload;
}

const METRICS_PORT = 8888;
const POLL_MS = 500;
const ROLLOUT_LIMIT_MS = 300_000;
/** Kubernetes' own word for a restart that nobody asked the operator for. */
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

/** The workloads that the operator made of the pipelines of a run, and their Pods. */
export class Gateways {
  readonly #options: GatewaysOptions;
  /** What each container said last. */
  readonly #said = new Map<string, SelfMetrics>();
  #running: ReadonlySet<string> = new Set();

  constructor(options: GatewaysOptions) {
    this.#options = options;
  }

  /** How many containers ended, each with counters that nobody read to the end. */
  get ends(): number {
    return this.#said.size - this.#running.size;
  }

  /** CPU and memory are not looked at. */
  async sample(): Promise<DeploymentSample> {
    const containers = (await this.pods()).flatMap((pod) => {
      const [id, host] = [containerOf(pod), pod.status?.podIP];
      return id === undefined || host === undefined ? [] : [{ id, host }];
    });
    const said = await Promise.all(containers.map(({ host }) => readSelfMetrics(METRICS_PORT, host)));
    for (const [index, { id }] of containers.entries()) {
      const metrics = said[index];
      if (metrics !== undefined) this.#said.set(id, metrics);
    }
    this.#running = new Set(containers.map(({ id }) => id).filter((id) => this.#said.has(id)));
    const metrics = [...this.#said].map(([id, one]) => (this.#running.has(id) ? one : withoutQueues(one)));
    return { cpuSeconds: 0, rssMiB: 0, rssLargestMiB: 0, metrics };
  }

  /** Sorted by name; those that end are among them. */
  async pods(): Promise<readonly Pod[]> {
    const { client, namespace } = this.#options;
    const { items } = await client.list<Pod>(PODS, { namespace, labelSelector: OF_SLUICE });
    return items.filter(isOfGateway).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Their objects' names, such as `telemetry-otlp-engine-gateway`. */
  async names(): Promise<readonly string[]> {
    return (await this.#workloads()).map(({ workload }) => workload.metadata.name);
  }

  /** Resolves when every replica is of the newest version and Ready, and none of an older one is left. */
  async whenReady(options: { readonly available: boolean }): Promise<void> {
    await this.until('the gateways are ready', async () => {
      const workloads = await this.#workloads();
      if (workloads.length === 0 || !workloads.every(({ workload }) => isRolledOut(workload, options))) return false;
      const pods = await this.pods();
      const wanted = workloads.reduce((sum, { workload }) => sum + (workload.spec.replicas ?? 1), 0);
      return pods.length === wanted && pods.every(isReady);
    });
  }

  /** SIGKILL; the kubelet starts them again. Resolves when they are Ready. */
  async kill(target: string): Promise<void> {
    const victims = targetsOf(target, await this.pods()).map((pod) => containerOf(pod) ?? pod.metadata.name);
    for (const victim of victims) killContainer(victim);
    // Until the kubelet has seen it, the status is that of before.
    const isOver = async () => !(await this.pods()).some((pod) => victims.includes(containerOf(pod) ?? ''));
    await this.until('the kubelet has started containers again', isOver, 60_000);
    await this.whenReady({ available: false });
  }

  /** A rolling update of all, as `kubectl rollout restart` begins one. Resolves when it is over. */
  async restart(): Promise<void> {
    const { client, namespace } = this.#options;
    const annotations = { [RESTARTED]: new Date().toISOString() };
    const patch = { spec: { template: { metadata: { annotations } } } };
    for (const { type, workload } of await this.#workloads())
      await client.mergePatch(type, { namespace, name: workload.metadata.name }, patch);
    await this.whenReady({ available: true });
  }

  /** Does what changes their configuration. Resolves when all run with it. */
  async change(change: () => Promise<void>): Promise<void> {
    const generations = async () => JSON.stringify((await this.#workloads()).map((one) => generationOf(one.workload)));
    const before = await generations();
    await change();
    await this.until('the operator has seen the change', async () => (await generations()) !== before, 60_000);
    await this.whenReady({ available: true });
  }

  /** Rejects when it does not come true in time. */
  async until(what: string, isTrue: () => Promise<boolean>, limitMs = ROLLOUT_LIMIT_MS): Promise<void> {
    const { clock, signal } = this.#options;
    const deadlineMs = clock.monotonicMs() + limitMs;
    while (!(await isTrue())) {
      if (clock.monotonicMs() > deadlineMs)
        throw new Error(`waited ${limitMs / 1000} s in vain until ${what}; look at: kubectl get pods -A`);
      await sleep(clock, POLL_MS, signal);
    }
  }

  async #workloads(): Promise<readonly Found[]> {
    const { client, namespace } = this.#options;
    const found = await Promise.all(
      [DEPLOYMENTS, STATEFUL_SETS].map(async (type) => {
        const { items } = await client.list<Workload>(type, { namespace, labelSelector: OF_SLUICE });
        return items.filter(isOfGateway).map((workload) => ({ type, workload }));
      }),
    );
    return found.flat();
  }
}

/** `all`, or `all#2`: the second Pod alone. */
function targetsOf(target: string, pods: readonly Pod[]): readonly Pod[] {
  const [name, replica] = target.split('#');
  const found = replica === undefined ? pods : pods.slice(Number(replica) - 1, Number(replica));
  if (name === 'all' && found.length > 0) return found;
  throw new Error(`no Pod is meant by \`${target}\`; in a cluster there are all, and all#1 to all#${pods.length}`);
}

function isOfGateway({ metadata }: Workload | Pod): boolean {
  return metadata.labels?.[COMPONENT] !== 'operator';
}

function isRolledOut({ metadata, spec, status = {} }: Workload, { available }: { readonly available: boolean }) {
  const { replicas = 1 } = spec;
  const { observedGeneration = 0, updatedReplicas, readyReplicas, availableReplicas } = status;
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    updatedReplicas === replicas &&
    readyReplicas === replicas &&
    (!available || availableReplicas === replicas) &&
    status.currentRevision === status.updateRevision
  );
}

function isReady({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.containerStatuses?.every(({ ready }) => ready) === true;
}

function containerOf({ status }: Pod): string | undefined {
  return status?.containerStatuses?.[0]?.containerID;
}

function generationOf({ metadata }: Workload): string {
  return `${metadata.name} ${metadata.generation}`;
}
