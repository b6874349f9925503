import { PIPELINE_KINDS, type ResourceKind } from '../../apis/index.ts';
import {
  ApiError,
  type AppliedType,
  type Change,
  createInformer,
  type Informer,
  type KubeClient,
  type KubeLog,
  type KubeObject,
  type ListOptions,
  type ResourceType,
} from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { APPLIED, CUSTOM_RESOURCES, NODE, POD, POD_CONTROLLERS } from '../resource-types.ts';

/** Put on everything that the operator applies for workloads, and nothing else carries it. */
export const APPLIED_LABEL = { 'telemetry.kyma-project.io/applied-by': 'workloads' } as const;

const APPLIED_SELECTOR = Object.entries(APPLIED_LABEL)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

/** Pods of workloads. */
const POD_SELECTOR = 'app.kubernetes.io/part-of=telemetry,app.kubernetes.io/managed-by=sluice';

export interface ClusterWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  readonly random: () => number;
  readonly namespace: string;
  /** Kinds that this cluster has and others may not. */
  readonly optionalTypes: readonly ResourceType[];
  /** A custom resource changed; `isWritten`: what people write of it, and not only its status. */
  readonly onResource: (kind: ResourceKind, change: Change<KubeObject>, isWritten: boolean) => void;
  /** Something that the operator applied, or a Pod, changed. */
  readonly onWorkload: () => void;
  readonly onNode: () => void;
}

/** Every informer of the operator but those of Secrets that resources name. */
export interface ClusterWatch {
  readonly resources: Readonly<Record<ResourceKind, Informer<KubeObject>>>;
  readonly pods: Informer<KubeObject>;
  readonly nodes: Informer<KubeObject>;
  /** What was applied, by type. */
  readonly applied: readonly (AppliedType & { readonly current: Informer<KubeObject> })[];
  pipelines(): readonly KubeObject[];
  /** Deployments, StatefulSets and DaemonSets of workloads. */
  controllers(): readonly KubeObject[];
  telemetry(): KubeObject | undefined;
  /** Pipelines cannot be read because the API server cannot: some are stored in a version that nobody converts yet. */
  awaitsConversion(): boolean;
  start(): void;
  whenSynced(): Promise<void>;
  stop(): Promise<void>;
}

export function createClusterWatch(options: ClusterWatchOptions): ClusterWatch {
  const { client, clock, log, random, namespace, optionalTypes, onResource, onWorkload, onNode } = options;
  const all: Informer<KubeObject>[] = [];
  const informer = (type: ResourceType, list: ListOptions = {}, trim?: (object: KubeObject) => KubeObject) => {
    const created = createInformer<KubeObject>({ client, clock, log, random, type, ...list, ...(trim && { trim }) });
    all.push(created);
    return created;
  };
  const resources = Object.fromEntries(
    (Object.keys(CUSTOM_RESOURCES) as ResourceKind[]).map((kind) => {
      const type = CUSTOM_RESOURCES[kind];
      const created = informer(type, type.namespaced ? { namespace } : {}, withoutCopies);
      created.onChange((change) => onResource(kind, change, isWritten(change)));
      return [kind, created];
    }),
  ) as ClusterWatch['resources'];
  const pods = informer(POD, { namespace, labelSelector: POD_SELECTOR }, trimmedPod);
  pods.onChange(onWorkload);
  const nodes = informer(NODE, {}, trimmedNode);
  nodes.onChange(({ before, after }) => {
    if (providerOf(before) !== providerOf(after) || addressOf(before) !== addressOf(after)) onNode();
  });
  const applied = [...APPLIED, ...optionalTypes].map((type) => {
    const list = { labelSelector: APPLIED_SELECTOR, ...(type.namespaced ? { namespace } : {}) };
    const current = informer(type, list);
    current.onChange(onWorkload);
    return { type, current };
  });
  return {
    resources,
    pods,
    nodes,
    applied,
    pipelines: () => PIPELINE_KINDS.flatMap((kind) => resources[kind].list()),
    controllers: () =>
      applied.filter(({ type }) => POD_CONTROLLERS.includes(type)).flatMap(({ current }) => current.list()),
    telemetry: () => resources.Telemetry.get({ namespace, name: 'default' }),
    awaitsConversion: () => PIPELINE_KINDS.some((kind) => isServersFault(resources[kind].lastError)),
    start: () => {
      for (const one of all) one.start();
    },
    whenSynced: async () => {
      await Promise.all(all.map((one) => one.whenSynced()));
    },
    stop: async () => {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

/** Of a webhook that it cannot reach the API server says 500, or that it is still busy: 429. */
function isServersFault(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** The generation counts changes of the spec; annotations say something of a Telemetry. */
function isWritten({ before, after }: Change<KubeObject>): boolean {
  if (before === undefined || after === undefined) return true;
  const [one, other] = [before.metadata, after.metadata];
  return (
    one.generation !== other.generation ||
    one.uid !== other.uid ||
    one.deletionTimestamp !== other.deletionTimestamp ||
    JSON.stringify(one.annotations) !== JSON.stringify(other.annotations)
  );
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** kubectl's copy of the whole object. */
function withoutCopies(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** What is looked at: identity, where the configuration comes from, and the state. */
function trimmedPod(pod: KubeObject): KubeObject {
  const {
    volumes,
    containers = [],
    initContainers,
  } = (pod['spec'] ?? {}) as {
    readonly volumes?: unknown;
    readonly containers?: readonly { readonly name: string; readonly envFrom?: unknown; readonly env?: unknown }[];
    readonly initContainers?: unknown;
  };
  const spec = {
    volumes,
    initContainers,
    containers: containers.map(({ name, envFrom, env }) => ({ name, envFrom, env })),
  };
  return { ...pod, spec };
}

function trimmedNode(node: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = node;
  const { name, uid, resourceVersion } = metadata;
  const identity = { name, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  const address = addressOf(node);
  const addresses = address === undefined ? [] : [{ type: 'InternalIP', address }];
  return { apiVersion, kind, metadata: identity, spec: { providerID: providerOf(node) }, status: { addresses } };
}

function providerOf(node: KubeObject | undefined): string | undefined {
  return (node?.['spec'] as { readonly providerID?: string } | undefined)?.providerID;
}

/** What `status.hostIP` of its Pods is. */
function addressOf(node: KubeObject | undefined): string | undefined {
  const { addresses = [] } = (node?.['status'] ?? {}) as {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
  return addresses.find(({ type }) => type === 'InternalIP')?.address;
}
