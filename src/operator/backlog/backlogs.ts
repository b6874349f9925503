import type { MetricsSample } from '../../flow/index.ts';
import { type KubeClient, type KubeLog, type KubeObject, keyOf } from '../../kube/index.ts';
import { errorMessage } from '../../lib/index.ts';
import type { WorkloadObjects } from '../../render/index.ts';
import { diskQueues, type Topology } from '../../topology/index.ts';
import type { CompiledCluster } from '../compile/cluster-compiler.ts';
import type { WorkloadHealth } from '../conditions/workload-health.ts';
import { PERSISTENT_VOLUME_CLAIM, POD_CONTROLLERS } from '../resource-types.ts';
import type { ClusterWatch } from '../watch/cluster-watch.ts';
import { isEmptied } from './emptied.ts';
import { releasedWorkloads } from './handover.ts';
import { queueKey, type RememberedQueue, type RememberedQueues } from './remembered-queue.ts';

export interface BacklogsOptions {
  readonly client: KubeClient;
  readonly log: KubeLog;
  readonly namespace: string;
  readonly watch: Pick<ClusterWatch, 'pods' | 'controllers'>;
  /** What the Pods of a workload said of themselves, newest last. */
  readonly samplesOf: (workload: string) => Readonly<Record<string, readonly MetricsSample[]>>;
}

/** A workload as it is wanted, and how it is. */
interface Wanted {
  readonly wanted: WorkloadObjects;
  readonly health: WorkloadHealth;
}

const NAME_LABEL = 'app.kubernetes.io/name';
const ENDPOINT_LABEL = 'telemetry.kyma-project.io/otlp-endpoint';
/** A Pod that waits this long for room will not get it while those that it replaces hold it. */
const CROWDED_MS = 120_000;

/**
 * Sees to it that nothing goes before its place is taken and before what it holds on disk is delivered: what is no longer wanted
 * first waits for its successors, then gives up its input, then drains, and only then goes, with its volumes.
 */
export class Backlogs {
  readonly #options: BacklogsOptions;
  /** Those whose place others have taken. */
  #released: ReadonlySet<string> = new Set();
  /** Names of the workloads that the custom resources ask for, without those that only drain. */
  #wanted: ReadonlySet<string> = new Set();

  constructor(options: BacklogsOptions) {
    this.#options = options;
  }

  /** Something goes that others have not replaced yet, or drains: it is to be looked at again soon. */
  get isPending(): boolean {
    return this.#leaving().length > 0;
  }

  /** What runs when those queues are drained that may be. `compile` is given the queues to drain. */
  compile(
    remembered: RememberedQueues,
    compile: (draining: readonly RememberedQueue[]) => CompiledCluster,
  ): CompiledCluster {
    const plain = compile([]);
    const { topology } = plain.rendering;
    this.#wanted = namesOf(topology);
    const filled = new Set(diskQueues(topology).map(queueKey));
    const draining = [...remembered.values()].filter(
      (queue) =>
        !filled.has(queueKey(queue)) &&
        queue.emptied !== true &&
        (this.#wanted.has(queue.workload) || this.#released.has(queue.workload)),
    );
    return draining.length === 0 ? plain : compile(draining);
  }

  /** Whether an object that nothing wants must stay for now. */
  keeper(wanted: readonly Wanted[]): (object: KubeObject) => boolean {
    const controllers = new Set(this.#options.watch.controllers().map(workloadOf));
    const present = new Map(wanted.map((one) => [one.wanted.workload, one]));
    return (object) => {
      const workload = workloadOf(object);
      if (workload === undefined || !controllers.has(workload)) return false;
      const successor = present.get(workload);
      if (successor === undefined) return !this.#released.has(workload);
      // A Deployment becomes a StatefulSet, or the other way round, under the same name and Services.
      return isController(object) && successor.health.state !== 'ready';
    };
  }

  /** Looks at what leaves, after a pass. True: what runs is to be decided anew. */
  release(wanted: readonly Wanted[], nowMs: number): boolean {
    const serving = wanted.filter(({ wanted: { workload, role } }) => this.#wanted.has(workload) && isGateway(role));
    const crowded = serving.some(({ health }) => isCrowded(health, nowMs));
    const replaced = crowded || serving.every(({ health }) => health.state === 'ready');
    const released = releasedWorkloads({ replaced, leaving: this.#leaving(), released: this.#released });
    const changed = [...released].filter((workload) => !this.#released.has(workload));
    this.#released = released;
    for (const workload of changed) this.#options.log.info('workload is replaced and may go', { workload, crowded });
    return changed.length > 0;
  }

  /** What is to be remembered now that some queues are found empty, and volumes are gone that nobody needs. */
  async settle(remembered: RememberedQueues, topology: Topology, wanted: readonly Wanted[]): Promise<RememberedQueues> {
    const after = new Map(remembered);
    const draining = Map.groupBy(
      diskQueues(topology).filter((queue) => queue.draining),
      ({ workload }) => workload,
    );
    for (const [workload, queues] of draining) {
      const found = wanted.find((one) => one.wanted.workload === workload);
      const replicas = this.#replicasOf(workload);
      const settled = found?.health.state === 'ready' && replicas !== undefined;
      const samples = this.#options.samplesOf(workload);
      if (!isEmptied(queues, { settled, replicas: replicas ?? 0, samples })) continue;
      this.#options.log.info('backlog is delivered', { workload, queues: queues.map(({ exporter }) => exporter) });
      for (const queue of queues) this.#forget(after, queueKey(queue), this.#wanted.has(workload));
    }
    await this.#removeVolumes(after);
    return after;
  }

  /** The volumes of a workload that goes are removed after it; until then it is remembered that they are there. */
  #forget(queues: Map<string, RememberedQueue>, key: string, stays: boolean): void {
    const queue = queues.get(key);
    if (queue === undefined) return;
    if (stays) queues.delete(key);
    else queues.set(key, { ...queue, emptied: true });
  }

  async #removeVolumes(queues: Map<string, RememberedQueue>): Promise<void> {
    const { client, log, namespace, watch } = this.#options;
    for (const [workload, own] of Map.groupBy(queues.values(), (queue) => queue.workload)) {
      if (this.#wanted.has(workload) || !own.every(({ emptied }) => emptied === true)) continue;
      const isThere = [...watch.controllers(), ...watch.pods.list()].some((object) => workloadOf(object) === workload);
      if (isThere) continue;
      try {
        const labelSelector = `${NAME_LABEL}=${objectName(workload)}`;
        const { items } = await client.list(PERSISTENT_VOLUME_CLAIM, { namespace, labelSelector });
        for (const { metadata } of items) {
          await client.delete(PERSISTENT_VOLUME_CLAIM, metadata);
          log.info('volume of a delivered backlog removed', { claim: keyOf(metadata) });
        }
        for (const queue of own) queues.delete(queueKey(queue));
      } catch (error) {
        log.warn('volumes of a delivered backlog cannot be removed', { workload, error: errorMessage(error) });
      }
    }
  }

  #replicasOf(workload: string): number | undefined {
    const controller = this.#options.watch.controllers().find((one) => workloadOf(one) === workload);
    if (controller === undefined) return undefined;
    const { replicas } = (controller['spec'] ?? {}) as { readonly replicas?: number };
    const { desiredNumberScheduled } = (controller['status'] ?? {}) as { readonly desiredNumberScheduled?: number };
    return replicas ?? desiredNumberScheduled ?? 1;
  }

  /** Those with a controller or Pods that nothing asks for. */
  #leaving() {
    const { watch } = this.#options;
    const pods = watch.pods.list();
    const names = new Set([...watch.controllers(), ...pods].flatMap((object) => workloadOf(object) ?? []));
    return [...names]
      .filter((workload) => !this.#wanted.has(workload))
      .map((workload) => ({
        workload,
        isEndpoint: pods.some(
          (pod) => workloadOf(pod) === workload && pod.metadata.labels?.[ENDPOINT_LABEL] === 'true',
        ),
      }));
  }
}

function namesOf({ workloads, agents, fluentBit }: Topology): ReadonlySet<string> {
  return new Set([...workloads, ...agents, ...(fluentBit === undefined ? [] : [fluentBit])].map(({ name }) => name));
}

function objectName(workload: string): string {
  return `telemetry-${workload}`;
}

function workloadOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[NAME_LABEL];
  return name?.startsWith('telemetry-') === true ? name.slice('telemetry-'.length) : undefined;
}

function isController({ kind }: KubeObject): boolean {
  return POD_CONTROLLERS.some((type) => type.kind === kind);
}

function isGateway(role: WorkloadHealth['role']): boolean {
  return role === 'gateway' || role === 'router' || role === 'entry' || role === 'dispatcher';
}

function isCrowded({ problem }: WorkloadHealth, nowMs: number): boolean {
  if (problem?.cause !== 'NotScheduled') return false;
  return nowMs - Date.parse(problem.pod.metadata.creationTimestamp ?? '') > CROWDED_MS;
}
