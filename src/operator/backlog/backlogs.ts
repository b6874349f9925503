import type { MetricsSample } from '../../flow/index.ts';
import { type KubeClient, type KubeLog, type KubeObject, keyOf } from '../../kube/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { ENDPOINT_PODS, podSelector, workloadOf } from '../../render/index.ts';
import { type DiskQueue, diskQueues, type Topology } from '../../topology/index.ts';
import type { CompiledCluster } from '../compile/cluster-compiler.ts';
import { isPodReady, podProblem } from '../conditions/pod-problem.ts';
import { runsConfig, type WorkloadHealth } from '../conditions/workload-health.ts';
import { isPodController, PERSISTENT_VOLUME_CLAIM } from '../resource-types.ts';
import { type ObservedWorkload, runsAsWanted } from '../rollout/observe-rollout.ts';
import type { ClusterWatch } from '../watch/cluster-watch.ts';
import { type DrainingPod, isEmptied } from './emptied.ts';
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

type Wanted = Pick<ObservedWorkload, 'wanted' | 'health'>;

/** What a pass knows when it has applied everything. */
export interface SettleFacts {
  readonly topology: Topology;
  readonly observed: readonly ObservedWorkload[];
  /** Workloads whose backlogs somebody gave up. */
  readonly givenUp: ReadonlySet<string>;
  readonly nowMs: number;
  /** The leadership. */
  readonly signal: AbortSignal;
}

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
  /** Some queue is drained, or the volumes of one that is empty are still there. */
  #isDraining = false;
  /** By workload: what goes with the volumes of those that were found empty in the last pass. */
  #deadLetterBytes: ReadonlyMap<string, number> = new Map();
  /** By uid of the Pod: the configuration that it was seen to run, and when it was seen first. */
  readonly #drainingPods = new Map<string, { readonly configHash: string; readonly sinceMs: number }>();

  constructor(options: BacklogsOptions) {
    this.#options = options;
  }

  /** Something goes that others have not replaced yet, or drains: it is to be looked at again soon, since no event tells of it. */
  get isPending(): boolean {
    return this.#isDraining || this.#leaving().length > 0;
  }

  /** By workload: bytes of dead letters beside the queues that the last pass found empty. They are removed with the volumes. */
  get deadLetterBytes(): ReadonlyMap<string, number> {
    return this.#deadLetterBytes;
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
    const there = this.#present();
    const draining = [...remembered.values()].filter(
      (queue) =>
        !filled.has(queueKey(queue)) &&
        queue.emptied !== true &&
        // What nothing is left of but the volume has no place that could be taken.
        (this.#wanted.has(queue.workload) || this.#released.has(queue.workload) || !there.has(queue.workload)),
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
      return isPodController(object) && successor.health.state !== 'ready';
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
  async settle(remembered: RememberedQueues, facts: SettleFacts): Promise<RememberedQueues> {
    const { topology, observed, givenUp, nowMs } = facts;
    const after = new Map(remembered);
    const empty = (queue: Pick<RememberedQueue, 'workload' | 'identity'>) => {
      const known = after.get(queueKey(queue));
      if (known !== undefined) after.set(queueKey(queue), { ...known, emptied: true });
    };
    const all = diskQueues(topology);
    const filling = fillingWorkloads(all);
    const deadLetterBytes = new Map<string, number>();
    const draining = Map.groupBy(
      all.filter((queue) => queue.draining),
      ({ workload }) => workload,
    );
    this.#watchPods(
      observed.filter(({ wanted }) => draining.has(wanted.workload)),
      nowMs,
    );
    for (const [workload, queues] of draining) {
      const found = observed.find((one) => one.wanted.workload === workload);
      if (!this.#isDelivered(queues, found) && !(await this.#hadNoVolume(found))) continue;
      this.#options.log.info('backlog is delivered', { workload, queues: queues.map(({ exporter }) => exporter) });
      for (const queue of queues) empty(queue);
      const bytes = filling.has(workload) ? 0 : this.#deadLettersOf(workload, queues);
      if (bytes === 0) continue;
      deadLetterBytes.set(workload, bytes);
      this.#options.log.warn('dead letters are removed with the volumes of a delivered backlog', { workload, bytes });
    }
    this.#deadLetterBytes = deadLetterBytes;
    const filled = new Set(all.filter((queue) => !queue.draining).map(queueKey));
    for (const [key, queue] of remembered) {
      if (!givenUp.has(queue.workload) || filled.has(key) || after.get(key)?.emptied === true) continue;
      this.#options.log.warn('backlog is given up', { workload: queue.workload, queue: queue.identity });
      empty(queue);
    }
    await this.#removeVolumes(after, facts);
    this.#isDraining = [...after.keys()].some((key) => !filled.has(key));
    return after;
  }

  /** From when on what a Pod says is about the configuration that drains. */
  #watchPods(observed: readonly ObservedWorkload[], nowMs: number): void {
    const seen = new Set<string>();
    for (const { wanted, pods } of observed) {
      for (const pod of pods) {
        const { uid = '' } = pod.metadata;
        if (!isPodReady(pod) || !runsConfig(pod, wanted.config)) continue;
        seen.add(uid);
        const configHash = wanted.config.hash;
        if (this.#drainingPods.get(uid)?.configHash !== configHash) {
          this.#drainingPods.set(uid, { configHash, sinceMs: nowMs });
        }
      }
    }
    for (const uid of this.#drainingPods.keys()) if (!seen.has(uid)) this.#drainingPods.delete(uid);
  }

  #isDelivered(queues: readonly DiskQueue[], observed: ObservedWorkload | undefined): boolean {
    // One that was taken back may fill the queue.
    if (observed === undefined || observed.wanted.config.hash !== observed.wanted.configHash) return false;
    const { workload } = observed.wanted;
    const replicas = this.#replicasOf(workload);
    if (replicas === undefined) return false;
    const samples = this.#options.samplesOf(workload);
    const pods = observed.pods.map(({ metadata }): DrainingPod => {
      const { sinceMs = Number.POSITIVE_INFINITY } = this.#drainingPods.get(metadata.uid ?? '') ?? {};
      return { sinceMs, samples: samples[metadata.name] ?? [] };
    });
    const hasVolumes = observed.controller?.kind !== 'DaemonSet';
    return isEmptied(queues, { settled: runsAsWanted(observed), replicas, hasVolumes, pods });
  }

  #deadLettersOf(workload: string, queues: readonly DiskQueue[]): number {
    const last = Object.values(this.#options.samplesOf(workload)).flatMap((samples) => samples.at(-1) ?? []);
    const figures = last.flatMap(({ exporters }) => queues.flatMap(({ exporter }) => exporters[exporter] ?? []));
    return figures.reduce((sum, { deadLetterBytes = 0 }) => sum + deadLetterBytes, 0);
  }

  /** None of its Pods ever found a volume, so nothing was ever queued: without this it would wait for one for ever. */
  async #hadNoVolume(observed: ObservedWorkload | undefined): Promise<boolean> {
    if (observed === undefined || observed.pods.length === 0) return false;
    if (!observed.pods.every((pod) => podProblem(pod)?.cause === 'NotScheduled')) return false;
    const { workload } = observed.wanted;
    try {
      const claims = await this.#claimsOf(workload);
      return claims.length > 0 && claims.every(({ status }) => (status as { phase?: string })?.phase === 'Pending');
    } catch (error) {
      this.#options.log.warn('volumes cannot be looked at', { workload, error: errorMessage(error) });
      return false;
    }
  }

  async #claimsOf(workload: string): Promise<readonly KubeObject[]> {
    const { client, namespace } = this.#options;
    const labelSelector = Object.entries(podSelector(workload))
      .map(([label, value]) => `${label}=${value}`)
      .join();
    return (await client.list(PERSISTENT_VOLUME_CLAIM, { namespace, labelSelector })).items;
  }

  /** Of workloads that have delivered all that was in their queues, and have no queue any more. */
  async #removeVolumes(
    queues: Map<string, RememberedQueue>,
    { topology, observed, signal }: SettleFacts,
  ): Promise<void> {
    const { client, log } = this.#options;
    const filling = fillingWorkloads(diskQueues(topology));
    for (const [workload, own] of Map.groupBy(queues.values(), (queue) => queue.workload)) {
      const delivered = own.filter(({ emptied }) => emptied === true);
      if (filling.has(workload)) {
        // The volume is that of others.
        for (const queue of delivered) queues.delete(queueKey(queue));
        continue;
      }
      if (delivered.length < own.length || this.#hasVolume(workload, observed)) continue;
      try {
        for (const { metadata } of await this.#claimsOf(workload)) {
          signal.throwIfAborted();
          await client.delete(
            PERSISTENT_VOLUME_CLAIM,
            metadata,
            metadata.uid === undefined ? {} : { uid: metadata.uid },
          );
          log.info('volume of a delivered backlog removed', { claim: keyOf(metadata) });
        }
        for (const queue of own) queues.delete(queueKey(queue));
      } catch (error) {
        signal.throwIfAborted();
        log.warn('volumes of a delivered backlog cannot be removed', { workload, error: errorMessage(error) });
      }
    }
  }

  /** Something has it, or is about to: a StatefulSet, be it only wanted, or a Pod that is still there. */
  #hasVolume(workload: string, observed: readonly ObservedWorkload[]): boolean {
    const { watch } = this.#options;
    const isStateful = ({ kind }: Pick<KubeObject, 'kind'>) => kind === 'StatefulSet';
    return (
      watch.controllers().some((object) => isStateful(object) && workloadOf(object) === workload) ||
      watch.pods.list().some((pod) => workloadOf(pod) === workload && mountsClaim(pod)) ||
      observed.some(({ wanted }) => wanted.workload === workload && wanted.objects.some(isStateful))
    );
  }

  #replicasOf(workload: string): number | undefined {
    const controller = this.#options.watch.controllers().find((one) => workloadOf(one) === workload);
    if (controller === undefined) return undefined;
    const { replicas } = (controller['spec'] ?? {}) as { readonly replicas?: number };
    const { desiredNumberScheduled } = (controller['status'] ?? {}) as { readonly desiredNumberScheduled?: number };
    return replicas ?? desiredNumberScheduled ?? 1;
  }

  /** Those with a controller or Pods. */
  #present(): ReadonlySet<string> {
    const { watch } = this.#options;
    return new Set([...watch.controllers(), ...watch.pods.list()].flatMap((object) => workloadOf(object) ?? []));
  }

  /** Those that are there and nothing asks for. */
  #leaving() {
    const { watch } = this.#options;
    const pods = watch.pods.list();
    const agents = new Set(watch.controllers().flatMap((one) => (one.kind === 'DaemonSet' ? workloadOf(one) : [])));
    return [...this.#present()]
      .filter((workload) => !this.#wanted.has(workload))
      .map((workload) => ({
        workload,
        isAgent: agents.has(workload),
        isEndpoint: pods.some((pod) => workloadOf(pod) === workload && isEndpointPod(pod)),
      }));
  }
}

function namesOf({ workloads, agents, fluentBit }: Topology): ReadonlySet<string> {
  return new Set([...workloads, ...agents, ...(fluentBit === undefined ? [] : [fluentBit])].map(({ name }) => name));
}

function fillingWorkloads(queues: readonly DiskQueue[]): ReadonlySet<string> {
  return new Set(queues.flatMap((queue) => (queue.draining ? [] : queue.workload)));
}

function isGateway(role: WorkloadHealth['role']): boolean {
  return role === 'gateway' || role === 'router' || role === 'entry' || role === 'dispatcher';
}

function isEndpointPod({ metadata }: KubeObject): boolean {
  return Object.entries(ENDPOINT_PODS).every(([label, value]) => metadata.labels?.[label] === value);
}

function mountsClaim(pod: KubeObject): boolean {
  const { volumes = [] } = (pod['spec'] ?? {}) as { readonly volumes?: readonly Readonly<Record<string, unknown>>[] };
  return volumes.some((volume) => volume['persistentVolumeClaim'] !== undefined);
}

interface ScheduledStatus {
  readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
}

/** For want of room alone: a volume that cannot be had, say, does not come by taking away what serves. */
function isCrowded({ problem }: WorkloadHealth, nowMs: number): boolean {
  if (problem?.cause !== 'NotScheduled') return false;
  const { conditions = [] } = (problem.pod['status'] ?? {}) as ScheduledStatus;
  const why = conditions.find(({ type }) => type === 'PodScheduled')?.message ?? '';
  if (!/Insufficient|Too many pods/.test(why)) return false;
  return nowMs - Date.parse(problem.pod.metadata.creationTimestamp ?? '') > CROWDED_MS;
}
