import type { KubeObject, OwnerReference } from '../../../kube/index.ts';
import type { TagRules, Tags } from './tag-rules.ts';

/** What is kept of a Pod: the rest of it is forgotten as soon as it has been read. */
export interface KnownPod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Empty until it has one. */
  readonly ip: string;
  readonly hostNetwork: boolean;
  /** Milliseconds since the epoch; undefined until a kubelet has taken it. */
  readonly startedMs: number | undefined;
  /** RFC 3339. */
  readonly createdAt: string | undefined;
  readonly hostname: string;
  readonly nodeName: string;
  readonly owners: readonly Pick<OwnerReference, 'kind' | 'name' | 'uid'>[];
  /** Of the labels and annotations that rules take. */
  readonly tags: Tags;
  readonly nameLabel: string | undefined;
  readonly versionLabel: string | undefined;
  readonly containers: readonly KnownContainer[];
  /** Data of it is passed on as it came. */
  readonly ignored: boolean;
}

export interface KnownContainer {
  readonly name: string;
  /** Undefined for one that only the status tells of. */
  readonly image: string | undefined;
  readonly statuses: readonly ContainerStatus[];
}

export interface ContainerStatus {
  /** Without the name of the runtime. */
  readonly containerId: string;
  readonly imageId: string;
  readonly restartCount: number;
}

export interface PodFacts {
  readonly tagRules: TagRules;
  /** Whether anything is asked of containers. */
  readonly containers: boolean;
  readonly isExcluded: (name: string) => boolean;
}

/** A Pod as the API has it, as far as it is read. */
export interface ApiPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostname?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly ApiContainer[];
    readonly initContainers?: readonly ApiContainer[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly startTime?: string;
    readonly containerStatuses?: readonly ApiContainerStatus[];
    readonly initContainerStatuses?: readonly ApiContainerStatus[];
  };
}

interface ApiContainer {
  readonly name: string;
  readonly image?: string;
}

interface ApiContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly imageID?: string;
  readonly restartCount?: number;
}

/**
 * Source: internal/kube removeUnnecessaryPodData and shouldIgnorePod at 0.149. The annotation with which a Pod may ask there to be ignored
 * has a name that no API server takes.
 */
export function knownPod(
  { metadata, spec = {}, status = {} }: ApiPod,
  { tagRules, containers, isExcluded }: PodFacts,
): KnownPod {
  const { name, namespace = '', uid = '', labels = {}, ownerReferences = [] } = metadata;
  return {
    uid,
    name,
    namespace,
    ip: status.podIP ?? '',
    hostNetwork: spec.hostNetwork === true,
    startedMs: status.startTime === undefined ? undefined : Date.parse(status.startTime),
    createdAt: metadata.creationTimestamp,
    hostname: spec.hostname ?? '',
    nodeName: spec.nodeName ?? '',
    owners: ownerReferences.map((owner) => ({ kind: owner.kind, name: owner.name, uid: owner.uid })),
    tags: tagRules.tagsOf('pod', metadata),
    // The one of the instance wins.
    nameLabel: labels['app.kubernetes.io/instance'] ?? labels['app.kubernetes.io/name'],
    versionLabel: labels['app.kubernetes.io/version'],
    containers: containers ? knownContainers(spec, status) : [],
    ignored: isExcluded(name),
  };
}

function knownContainers(
  { containers = [], initContainers = [] }: NonNullable<ApiPod['spec']>,
  { containerStatuses = [], initContainerStatuses = [] }: NonNullable<ApiPod['status']>,
): readonly KnownContainer[] {
  const images = new Map([...containers, ...initContainers].map(({ name, image }) => [name, image]));
  const statuses = [...containerStatuses, ...initContainerStatuses];
  const names = new Set([...images.keys(), ...statuses.map(({ name }) => name)]);
  return [...names].map((name) => ({
    name,
    image: images.get(name),
    statuses: statuses.filter((one) => one.name === name).map(containerStatus),
  }));
}

function containerStatus({ containerID = '', imageID = '', restartCount = 0 }: ApiContainerStatus): ContainerStatus {
  const parts = containerID.split('://');
  return { containerId: parts.length === 2 ? parts[1]! : containerID, imageId: imageID, restartCount };
}
