import {
  connectKube,
  createInformer,
  type Informer,
  type KubeClient,
  type KubeConnection,
  type KubeObject,
  type ListOptions,
  type ResourceType,
} from '../../../kube/index.ts';
import { CodedError, sleep } from '../../../lib/index.ts';
import { compilePattern } from '../../../pdata/index.ts';
import type { EngineDeps } from '../../component.ts';
import { durationMs } from '../../settings/schema.ts';
import type { Associations } from './association.ts';
import { type ApiPod, type KnownPod, knownPod, type PodFacts } from './known-pod.ts';
import { CONTAINER_METADATA, type Metadata } from './metadata.ts';
import { type Owners, podAttributes } from './pod-attributes.ts';
import { PodTable } from './pod-table.ts';
import type { K8sAttributesConfig, TagSource } from './settings.ts';
import type { TagRules, Tags } from './tag-rules.ts';

/** What is known of the cluster, and kept up to date. */
export interface ClusterObjects {
  /** Grows with every change of what is known. */
  readonly version: number;
  /** Undefined for a Pod that is not known, or of which nothing is to be told. */
  pod(key: string): KnownPod | undefined;
  attributesOf(pod: KnownPod): ReadonlyMap<string, string>;
  tags(source: WorkloadSource, id: string): Tags | undefined;
  /** Of a node that is watched. */
  nodeUid(name: string): string | undefined;
  /** The uid of the Deployment behind a ReplicaSet, where it is looked up. */
  deploymentUidOf(pod: KnownPod): string | undefined;
  /** The uid of the Pod's owner of that kind, where such owners are watched and this one is known. */
  ownerOf(pod: KnownPod, source: WorkloadSource): string | undefined;
  stop(): Promise<void>;
}

/** Namespaces and nodes are looked up by name, the others by uid. */
export type WorkloadSource = Exclude<TagSource, 'pod'>;

export interface ClusterObjectsOptions {
  readonly settings: K8sAttributesConfig;
  readonly metadata: ReadonlySet<Metadata>;
  readonly tagRules: TagRules;
  readonly associations: Associations;
  readonly deps: EngineDeps;
  /** Of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const core = { group: '', version: 'v1' } as const;
const apps = { group: 'apps', version: 'v1', namespaced: true } as const;
const PODS: ResourceType = { ...core, kind: 'Pod', plural: 'pods', namespaced: true };
const REPLICA_SETS: ResourceType = { ...apps, kind: 'ReplicaSet', plural: 'replicasets' };
const TYPES: Readonly<Record<WorkloadSource, ResourceType>> = {
  namespace: { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false },
  node: { ...core, kind: 'Node', plural: 'nodes', namespaced: false },
  deployment: { ...apps, kind: 'Deployment', plural: 'deployments' },
  statefulset: { ...apps, kind: 'StatefulSet', plural: 'statefulsets' },
  daemonset: { ...apps, kind: 'DaemonSet', plural: 'daemonsets' },
  job: { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true },
};
const DEFAULT_EXCLUDED = [{ name: 'jaeger-agent' }, { name: 'jaeger-collector' }];
const DEFAULT_WAIT_MS = 10_000;

/**
 * Connects and begins to watch; resolves at once, or once everything was read if the settings wait for that. Rejects with CodedError
 * `kube_config` where there is no account, `kube_wait` where reading takes too long.
 */
export async function watchCluster(options: ClusterObjectsOptions): Promise<ClusterObjects> {
  const { settings, env, deps } = options;
  const connection = await connectKube({
    env,
    clock: deps.clock,
    ...(settings.auth_type === 'kubeConfig' ? {} : { inPod: true }),
    ...(settings.context && { context: settings.context }),
  });
  const cluster = new WatchedCluster(options, connection);
  cluster.start();
  if (settings.wait_for_metadata === true) {
    const timeoutMs = durationMs(settings.wait_for_metadata_timeout, DEFAULT_WAIT_MS);
    try {
      await cluster.whenSynced(timeoutMs);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }
  return cluster;
}

/** An object of the API of which only this is kept. */
interface Kept<T> extends KubeObject {
  readonly kept: T;
}

interface KnownObject {
  readonly tags: Tags;
  /** The Deployment of a ReplicaSet, the CronJob of a Job. */
  readonly controller: { readonly name: string; readonly uid: string } | undefined;
}

class WatchedCluster implements ClusterObjects, Owners {
  readonly #options: ClusterObjectsOptions;
  readonly #client: KubeClient;
  readonly #server: string;
  readonly #pods: Informer<Kept<KnownPod>>;
  readonly #objects = new Map<WorkloadSource | 'replicaset', Informer<Kept<KnownObject>>>();
  readonly #byUid = new Map<string, KnownObject>();
  readonly #table: PodTable;
  #changes = 0;
  /** Of a Pod as it is; forgotten when an owner becomes known, from which names are taken. */
  #attributes = new WeakMap<KnownPod, ReadonlyMap<string, string>>();

  constructor(options: ClusterObjectsOptions, { client, server }: KubeConnection) {
    this.#options = options;
    this.#client = client;
    this.#server = server;
    this.#table = new PodTable(options.deps.clock);
    const facts = podFacts(options);
    this.#pods = this.#inform<Kept<KnownPod>>(PODS, podSelection(options), (pod) => ({
      ...identity(pod),
      kept: knownPod(pod as ApiPod, facts),
    }));
    this.#pods.onChange(({ before, after }) => this.#changed(before?.kept, after?.kept));
    for (const [source, type, selection] of watched(options))
      this.#objects.set(source, this.#watch(source, type, selection));
  }

  start(): void {
    for (const informer of this.#informers()) informer.start();
  }

  async whenSynced(timeoutMs: number): Promise<void> {
    const over = new AbortController();
    const late = sleep(this.#options.deps.clock, timeoutMs, over.signal).then(() => {
      throw new CodedError(
        'kube_wait',
        `what is known of Pods was not read from ${this.#server} within ${timeoutMs / 1000} s`,
      );
    });
    try {
      await Promise.race([Promise.all(this.#informers().map((one) => one.whenSynced())), late]);
    } finally {
      over.abort();
      late.catch(() => {});
    }
  }

  get version(): number {
    return this.#changes + this.#table.version;
  }

  pod(key: string): KnownPod | undefined {
    const pod = this.#table.get(key);
    return pod?.ignored === true ? undefined : pod;
  }

  attributesOf(pod: KnownPod): ReadonlyMap<string, string> {
    let attributes = this.#attributes.get(pod);
    if (attributes === undefined) {
      const { metadata, settings } = this.#options;
      const deploymentFromName = settings.extract?.deployment_name_from_replicaset === true;
      attributes = podAttributes(pod, this, { metadata, deploymentFromName });
      this.#attributes.set(pod, attributes);
    }
    return attributes;
  }

  tags(source: WorkloadSource, id: string): Tags | undefined {
    if (source === 'namespace' || source === 'node') return this.#objects.get(source)?.get({ name: id })?.kept.tags;
    return this.#objects.has(source) ? this.#byUid.get(`${source}/${id}`)?.tags : undefined;
  }

  nodeUid(name: string): string | undefined {
    return this.#objects.get('node')?.get({ name })?.metadata.uid;
  }

  deploymentUidOf({ owners }: KnownPod): string | undefined {
    const owner = owners.find(({ kind }) => kind === 'ReplicaSet');
    return owner === undefined ? undefined : this.deploymentOf(owner.uid)?.uid;
  }

  deploymentOf(uid: string): { readonly name: string; readonly uid: string } | undefined {
    return this.#byUid.get(`replicaset/${uid}`)?.controller;
  }

  ownerOf({ owners }: KnownPod, source: WorkloadSource): string | undefined {
    const owner = owners.find(({ kind }) => kind === TYPES[source].kind);
    return owner !== undefined && this.#byUid.has(`${source}/${owner.uid}`) ? owner.uid : undefined;
  }

  cronJobOf(uid: string): string | undefined {
    return this.#byUid.get(`job/${uid}`)?.controller?.uid;
  }

  clusterUid(): string | undefined {
    return this.#objects.get('namespace')?.get({ name: 'kube-system' })?.metadata.uid;
  }

  async stop(): Promise<void> {
    this.#table.stop();
    await Promise.all(this.#informers().map((informer) => informer.stop()));
    await this.#client.close();
  }

  #informers(): readonly Informer<KubeObject>[] {
    return [...this.#objects.values(), this.#pods];
  }

  #inform<T extends KubeObject>(type: ResourceType, selection: ListOptions, trim: (object: KubeObject) => T) {
    const { clock, log, random } = this.#options.deps;
    return createInformer<T>({
      client: this.#client,
      type,
      clock,
      log,
      random,
      ...selection,
      trim: trim as (object: T) => T,
    });
  }

  #watch(source: WorkloadSource | 'replicaset', type: ResourceType, selection: ListOptions) {
    const { tagRules } = this.#options;
    const owner = source === 'replicaset' ? 'Deployment' : 'CronJob';
    const informer = this.#inform<Kept<KnownObject>>(type, { ...selection, metadataOnly: true }, (object) => ({
      ...identity(object),
      kept: {
        tags: source === 'replicaset' ? new Map() : tagRules.tagsOf(source, object.metadata),
        controller: object.metadata.ownerReferences?.find(
          ({ kind, controller }) => kind === owner && controller === true,
        ),
      },
    }));
    informer.onChange(({ before, after }) => {
      this.#changes++;
      if (before !== undefined) this.#byUid.delete(`${source}/${before.metadata.uid}`);
      if (after !== undefined) this.#byUid.set(`${source}/${after.metadata.uid}`, after.kept);
      // Of these something is told of Pods.
      const isOther = before?.kept.controller?.uid !== after?.kept.controller?.uid;
      if (isOther || source === 'namespace') this.#attributes = new WeakMap();
    });
    return informer;
  }

  #changed(before: KnownPod | undefined, after: KnownPod | undefined): void {
    if (before !== undefined && before.uid !== after?.uid) this.#table.remove(before);
    if (after === undefined) return;
    const keys = this.#options.associations.ofPod(after, (name) => this.attributesOf(after).get(name));
    this.#table.put(after, keys);
  }
}

/** What a store needs of an object. */
function identity({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

function podFacts({ settings, metadata, tagRules }: ClusterObjectsOptions): PodFacts {
  const pods = settings.exclude?.pods ?? [];
  const excluded = (pods.length === 0 ? DEFAULT_EXCLUDED : pods).map(({ name = '' }) => compilePattern(name));
  return {
    tagRules,
    containers: CONTAINER_METADATA.some((name) => metadata.has(name)),
    isExcluded: (name) => excluded.some((pattern) => pattern.test(name)),
  };
}

/** Which Pods are asked for. Source: internal/kube selectorsFromFilters at 0.149. */
function podSelection({ settings: { filter = {} }, env }: ClusterObjectsOptions): ListOptions {
  const labels = (filter.labels ?? []).map(({ key = '', value = '', op = 'equals' }) => {
    if (op === 'exists') return key;
    if (op === 'does-not-exist') return `!${key}`;
    return `${key}${op === 'not-equals' ? '!=' : '='}${value}`;
  });
  const node = nodeOf(filter, env);
  const fields = [
    ...(filter.fields ?? []).map(
      ({ key = '', value = '', op }) => `${key}${op === 'not-equals' ? '!=' : '='}${escapedField(value)}`,
    ),
    ...(node === '' ? [] : [`spec.nodeName=${escapedField(node)}`]),
  ];
  return {
    ...(filter.namespace && { namespace: filter.namespace }),
    ...(labels.length > 0 && { labelSelector: labels.join(',') }),
    ...(fields.length > 0 && { fieldSelector: fields.join(',') }),
  };
}

function escapedField(value: string): string {
  return value.replaceAll(/[\\,=]/g, '\\$&');
}

/** The node whose Pods alone matter; empty: all. Throws where the environment was to say it, and does not. */
function nodeOf(
  { node = '', node_from_env_var: variable = '' }: NonNullable<K8sAttributesConfig['filter']>,
  env: ClusterObjectsOptions['env'],
): string {
  if (variable === '') return node;
  const named = env[variable];
  if (named !== undefined) return named;
  throw new CodedError('kube_config', `\`node_from_env_var\` names ${variable}, which is not set in the environment`);
}

type Watched = readonly [WorkloadSource | 'replicaset', ResourceType, ListOptions];

/** What is watched beside Pods: only what something is taken from. */
function watched(options: ClusterObjectsOptions): readonly Watched[] {
  const { metadata, tagRules, settings, env } = options;
  const { filter = {}, extract = {} } = settings;
  const within: ListOptions = filter.namespace ? { namespace: filter.namespace } : {};
  const fromNames = extract.deployment_name_from_replicaset === true;
  const list: Watched[] = [];
  if (metadata.has('k8s.deployment.uid') || (metadata.has('k8s.deployment.name') && !fromNames)) {
    list.push(['replicaset', REPLICA_SETS, within]);
  }
  if (tagRules.readsFrom('namespace')) list.push(['namespace', TYPES.namespace, {}]);
  else if (metadata.has('k8s.cluster.uid')) {
    list.push(['namespace', TYPES.namespace, { fieldSelector: 'metadata.name=kube-system' }]);
  }
  if (tagRules.readsFrom('node') || metadata.has('k8s.node.uid')) {
    const node = nodeOf(filter, env);
    list.push(['node', TYPES.node, node === '' ? {} : { fieldSelector: `metadata.name=${escapedField(node)}` }]);
  }
  for (const source of ['deployment', 'statefulset', 'daemonset', 'job'] as const) {
    const isAsked = tagRules.readsFrom(source) || (source === 'job' && metadata.has('k8s.cronjob.uid'));
    if (isAsked) list.push([source, TYPES[source], within]);
  }
  return list;
}
