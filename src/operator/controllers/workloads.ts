import {
  ApiError,
  createObjectApplier,
  type EventRecorder,
  type KubeClient,
  type KubeLog,
  type KubeObject,
  type ObjectApplier,
} from '../../kube/index.ts';
import { type Clock, errorMessage } from '../../lib/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import {
  type ClusterObjects,
  type ClusterRendering,
  type ManifestOptions,
  renderClusterObjects,
  type WorkloadObjects,
  workloadOf,
} from '../../render/index.ts';
import type { ClusterFacts } from '../../topology/index.ts';
import { applyServing } from '../autoscaler/serving.ts';
import { Backlogs, type BacklogsOptions } from '../backlog/backlogs.ts';
import { type RememberedQueue, type RememberedQueues, rememberQueues } from '../backlog/remembered-queue.ts';
import { type Backlog, backlogEvents, backlogsOf, givenUpWorkloads } from '../backlog/told-backlogs.ts';
import type { ClusterCompiler, CompiledCluster } from '../compile/cluster-compiler.ts';
import type { KeptResources } from '../compile/kept-resource.ts';
import { secretReferences } from '../compile/secret-references.ts';
import { mountedNames, pinnedHealth, type WorkloadHealth, workloadHealth } from '../conditions/workload-health.ts';
import type { KeptStore } from '../kept/kept-store.ts';
import type { OperatorOptions } from '../options.ts';
import { isPodController } from '../resource-types.ts';
import { type ObservedWorkload, observeRollout, type Rollback } from '../rollout/observe-rollout.ts';
import { APPLIED_LABEL, type ClusterWatch } from '../watch/cluster-watch.ts';
import type { SecretWatch } from '../watch/secret-watch.ts';
import { MountedLately } from './mounted-lately.ts';
import { claimTemplates, growVolumes } from './volumes.ts';

/** Name of the writer in `metadata.managedFields`. */
export const FIELD_MANAGER = 'telemetry-operator';

/** What runs, as of the last pass. */
export interface RunningCluster {
  readonly compiled: CompiledCluster;
  /** By name of the workload. */
  readonly health: ReadonlyMap<string, WorkloadHealth>;
  readonly kept: KeptResources;
  /** What is left on disk of pipelines that are gone or changed. */
  readonly backlogs: readonly Backlog[];
}

export interface WorkloadsOptions
  extends Pick<OperatorOptions, 'namespace' | 'images' | 'imagePullPolicy' | 'imagePullSecrets'> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  readonly events: EventRecorder;
  readonly compiler: ClusterCompiler;
  readonly watch: ClusterWatch;
  readonly secrets: SecretWatch;
  readonly keptStore: KeptStore;
  /** Of an installation; see the option of manifests. */
  readonly hashKey: string;
  readonly facts: () => ClusterFacts;
  readonly cluster: () => Pick<ManifestOptions, 'gatewayApi' | 'kubernetesMinor'>;
  /** What the autoscaler decided, by workload. */
  readonly replicas: () => Readonly<Record<string, number>>;
  /** Names of Pods that are emptied before they are removed. */
  readonly draining: () => ReadonlySet<string>;
  readonly samplesOf: BacklogsOptions['samplesOf'];
  /** After each pass. */
  readonly onPass: (running: RunningCluster) => void;
}

/** So many unused configurations of a workload stay: a Deployment's older ReplicaSet may want one back. */
const KEPT_CONFIGS = 2;

const SECRETS_WAIT_MS = 100;
/** While something waits for its successors or drains, and nothing else happens. */
const PENDING_MS = 5_000;

const NONE_REFUSED: ReadonlyMap<string, string> = new Map();

/**
 * The one that plans and applies workloads, with one queue key: no two passes run at once, and nobody else writes these objects.
 * A pass reads everything, decides everything anew, and writes what differs.
 */
export class Workloads {
  readonly #options: WorkloadsOptions;
  readonly #applier: ObjectApplier;
  readonly #backlogs: Backlogs;
  readonly #mountedLately = new MountedLately();
  #compiled: CompiledCluster | undefined;
  #running: RunningCluster | undefined;
  /** What was made of one rendering, by options. */
  #rendered: { readonly rendering: ClusterRendering; readonly objects: Map<string, ClusterObjects> } | undefined;
  /** Something that decides what runs changed since the last compile. */
  #stale = true;

  constructor(options: WorkloadsOptions) {
    this.#options = options;
    const { client, log, watch } = options;
    const types = watch.applied;
    this.#backlogs = new Backlogs(options);
    this.#applier = createObjectApplier({
      client,
      log,
      types,
      fieldManager: FIELD_MANAGER,
      ownerLabels: APPLIED_LABEL,
    });
  }

  get running(): RunningCluster | undefined {
    return this.#running;
  }

  /** To be called when something that decides what runs changed. */
  invalidate(): void {
    this.#stale = true;
  }

  /** `signal`: the leadership. */
  async pass(signal: AbortSignal): Promise<{ readonly requeueAfterMs: number } | undefined> {
    const { keptStore, secrets, onPass, watch, clock } = this.#options;
    this.#options.secrets.want(this.#secretsWanted(keptStore.memory.kept));
    if (!secrets.settled) return { requeueAfterMs: SECRETS_WAIT_MS };
    const compiled = await this.#compile();
    signal.throwIfAborted();
    const { workloads, shared } = this.#render(compiled);
    const manifests = [...shared, ...workloads.flatMap(({ objects }) => objects)];
    const present = workloads.map((wanted) => this.#observe(wanted, NONE_REFUSED));
    const isUsed = this.#keeper(workloads);
    const isNeeded = this.#backlogs.keeper(present);
    const keep = (object: KubeObject) => isUsed(object) || isNeeded(object);
    const report = await this.#applier.apply(manifests, { keep, signal });
    signal.throwIfAborted();
    await growVolumes(workloads, this.#options);
    await this.#serve();
    signal.throwIfAborted();
    const refused = refusals(report.failed);
    const observed = workloads.map((wanted) => this.#observe(wanted, refused));
    const observation = observeRollout(compiled, observed, keptStore.memory);
    const { queues } = keptStore.memory;
    const { topology } = compiled.rendering;
    const givenUp = givenUpWorkloads(watch.telemetry());
    const settled = await this.#backlogs.settle(queues, {
      topology,
      observed,
      givenUp,
      nowMs: clock.nowMs(),
      signal,
    });
    signal.throwIfAborted();
    await keptStore.save({ ...observation, queues: settled });
    for (const rollback of observation.rollbacks) this.#tell(rollback, observed);
    const backlogs = backlogsOf(settled, topology);
    this.#tellBacklogs(backlogs, givenUp);
    this.#running = {
      compiled,
      health: new Map(observed.map(({ health }) => [health.workload, health])),
      kept: observation.kept,
      backlogs,
    };
    const isReleased = this.#backlogs.release(observed, clock.nowMs());
    if (observation.rollbacks.length > 0 || isReleased || settled.size < queues.size || isEmptier(settled, queues)) {
      this.#stale = true;
      return { requeueAfterMs: 0 };
    }
    onPass(this.#running);
    const failure = report.failed[0];
    if (failure !== undefined) {
      throw new Error(`not everything could be applied: ${errorMessage(failure.error)}`, { cause: failure.error });
    }
    return this.#backlogs.isPending ? { requeueAfterMs: PENDING_MS } : undefined;
  }

  #serve(): Promise<void> {
    const { client, log, watch, draining } = this.#options;
    return applyServing(watch.pods.list(), { client, log, draining: draining() });
  }

  #secretsWanted(kept: KeptResources) {
    const { watch } = this.#options;
    const specs = [
      ...watch.pipelines().map((object) => object['spec']),
      ...[...this.#options.keptStore.memory.queues.values()].map(({ manifest }) => manifest.spec),
      ...[...kept.values()].flatMap(({ valid, proven }) => [valid?.manifest.spec, proven?.manifest.spec]),
    ];
    return secretReferences(specs);
  }

  /** First what is valid is remembered, then it runs: whatever ends this in between, a restart finds at least what runs. */
  async #compile(): Promise<CompiledCluster> {
    if (!this.#stale && this.#compiled !== undefined) return this.#compiled;
    this.#stale = false;
    const { compiler, watch, secrets, keptStore, facts, clock } = this.#options;
    const telemetry = watch.telemetry();
    try {
      const { kept, records, queues } = keptStore.memory;
      const compile = (draining: readonly RememberedQueue[]) =>
        compiler.compile({
          pipelines: watch.pipelines(),
          parsers: watch.resources.LogParser.list(),
          ...(telemetry === undefined ? {} : { telemetry }),
          secrets,
          facts: facts(),
          kept,
          draining,
          nowMs: clock.nowMs(),
        });
      const compiled = this.#backlogs.compile(queues, compile);
      const filled = rememberQueues(queues, compiled.rendering.topology, ({ graph }) => {
        return compiled.pipelines.get(identityOf(graph))?.manifest;
      });
      await keptStore.save({ kept: compiled.kept, records, queues: filled });
      this.#compiled = compiled;
      return compiled;
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  /** Twice where something is pinned: what is wanted must be known to tell whether it is what crashed. */
  #render({ rendering }: CompiledCluster) {
    const { namespace, images, imagePullPolicy, imagePullSecrets, replicas, cluster, keptStore, hashKey } =
      this.#options;
    const options: ManifestOptions = {
      namespace,
      images,
      hashKey,
      ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
      replicas: replicas(),
      claimTemplates: claimTemplates(this.#options.watch.controllers()),
      ...cluster(),
    };
    const objects = this.#objectsOf(rendering, options);
    const pinned = objects.workloads.flatMap(({ workload, configHash }) => {
      const { refused, proven } = keptStore.memory.records.get(workload) ?? {};
      return refused === configHash && proven !== undefined ? [[workload, proven.config] as const] : [];
    });
    if (pinned.length === 0) return objects;
    return this.#objectsOf(rendering, { ...options, pinned: Object.fromEntries(pinned) });
  }

  /** Most passes are about Pods: then the objects are those of the pass before, and the applier knows them. */
  #objectsOf(rendering: ClusterRendering, options: ManifestOptions): ClusterObjects {
    const key = JSON.stringify(options);
    if (this.#rendered?.rendering !== rendering) this.#rendered = { rendering, objects: new Map() };
    const objects = this.#rendered.objects.get(key) ?? renderClusterObjects(rendering, options);
    this.#rendered.objects.delete(key);
    this.#rendered.objects.set(key, objects);
    // What is wanted, and what is pinned.
    const [oldest] = this.#rendered.objects.keys();
    if (this.#rendered.objects.size > 2) this.#rendered.objects.delete(oldest!);
    return objects;
  }

  /** Configurations stay while a Pod mounts them or did lately, while they may be wanted back, and the last few anyway. */
  #keeper(workloads: readonly WorkloadObjects[]): (object: KubeObject) => boolean {
    const { watch, keptStore, clock } = this.#options;
    const used = new Set<string>();
    const lately = this.#mountedLately.look(watch.pods.list(), clock.monotonicMs());
    const alive = new Set(watch.controllers().map(({ metadata }) => metadata.name));
    const use = (spec: unknown) => {
      for (const name of mountedNames(spec)) used.add(name);
    };
    for (const pod of watch.pods.list()) use(pod['spec']);
    for (const controller of watch.controllers()) use(controller['spec']);
    const proven = workloads.flatMap(({ workload }) => keptStore.memory.records.get(workload)?.proven?.config ?? []);
    for (const { files, environment } of proven) {
      for (const name of [...files.map((file) => file.name), ...environment]) used.add(name);
    }
    const newest = new Set<string>();
    for (const { type, current } of watch.applied) {
      if (type.kind !== 'ConfigMap' && type.kind !== 'Secret') continue;
      for (const { workload } of workloads) {
        const own = current.list().filter((object) => workloadOf(object) === workload);
        const sorted = own.sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
        for (const object of sorted.slice(0, KEPT_CONFIGS + 1)) newest.add(`${type.kind}/${object.metadata.name}`);
      }
    }
    return ({ kind, metadata: { name, labels } }) => {
      if (kind !== 'ConfigMap' && kind !== 'Secret') return false;
      // Only what still has a controller can make a Pod anew.
      const mayComeBack = lately.has(name) && alive.has(labels?.['app.kubernetes.io/name'] ?? '');
      return used.has(name) || mayComeBack || newest.has(`${kind}/${name}`);
    };
  }

  #observe(wanted: WorkloadObjects, refused: ReadonlyMap<string, string>): ObservedWorkload {
    const { watch } = this.#options;
    const { workload, role } = wanted;
    const controllerManifest = wanted.objects.find(isPodController);
    const controller = watch
      .controllers()
      .find(
        ({ kind, metadata }) => kind === controllerManifest?.kind && metadata.name === controllerManifest.metadata.name,
      );
    const pods = watch.pods.list().filter((pod) => workloadOf(pod) === workload);
    const seen = workloadHealth({ workload, role, controller, pods });
    const health = wanted.config.hash === wanted.configHash ? seen : pinnedHealth(seen);
    const failure = wanted.objects.flatMap((object) => refused.get(objectKey(object)) ?? [])[0];
    if (failure === undefined) return { wanted, health, controller, pods };
    return { wanted, health: { ...health, state: 'failing', message: failure }, controller, pods };
  }

  #tellBacklogs(backlogs: readonly Backlog[], givenUp: ReadonlySet<string>): void {
    const { deadLetterBytes } = this.#backlogs;
    const { events, watch } = this.#options;
    const regarding = watch.telemetry();
    if (regarding === undefined) return;
    for (const event of backlogEvents(this.#running?.backlogs, backlogs, { givenUp, deadLetterBytes }))
      events.record({ regarding, ...event });
  }

  #tell({ workload, problem, blamed }: Rollback, observed: readonly ObservedWorkload[]): void {
    const { events, log, watch } = this.#options;
    log.error('configuration taken back, as it makes Pods end', { workload, pod: problem.pod.metadata.name, blamed });
    const controller = observed.find(({ wanted }) => wanted.workload === workload)?.controller;
    const guilty = watch.pipelines().filter(({ kind, metadata }) => blamed.includes(`${kind}/${metadata.name}`));
    const told = guilty.length > 0 ? guilty : [controller ?? problem.pod];
    for (const regarding of told) {
      events.record({
        regarding,
        related: problem.pod,
        type: 'Warning',
        reason: 'ConfigurationTakenBack',
        action: 'Rollback',
        note: `${problem.message}, so \`${workload}\` goes back to the configuration that ran before`,
      });
    }
  }
}

/** Some queue is known to be empty that was not before. */
function isEmptier(after: RememberedQueues, before: RememberedQueues): boolean {
  return [...after].some(([key, { emptied }]) => emptied === true && before.get(key)?.emptied !== true);
}

function createdAt({ metadata }: KubeObject): string {
  return metadata.creationTimestamp ?? '';
}

function objectKey({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  return `${kind}/${metadata.name}`;
}

type Failed = Awaited<ReturnType<ObjectApplier['apply']>>['failed'];

/** By kind and name: which object could not be applied, in words without its content. */
function refusals(failed: Failed): ReadonlyMap<string, string> {
  return new Map(
    failed.map(({ type, ref, error, immutable }) => {
      const why = error instanceof ApiError ? error.reason || `status ${error.status}` : 'no connection';
      const hint = immutable ? '; a field of it cannot change, so it has to be deleted by hand' : '';
      return [`${type.kind}/${ref.name}`, `${type.kind} ${ref.name} could not be applied (${why})${hint}`];
    }),
  );
}
