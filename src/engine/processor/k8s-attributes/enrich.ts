import type { ResourceAttributes } from '../../../pdata/index.ts';
import type { Associations } from './association.ts';
import type { ClusterObjects, WorkloadSource } from './cluster-objects.ts';
import { addContainerAttributes, setIfEmpty } from './container-attributes.ts';
import type { KnownPod } from './known-pod.ts';
import type { Metadata } from './metadata.ts';

export interface EnrichOptions {
  readonly associations: Associations;
  readonly metadata: ReadonlySet<Metadata>;
  /** Absent: the sender's address is written down, and nothing is looked up. */
  readonly cluster: ClusterObjects | undefined;
}

/** Adds to a resource what is known of the Pod it comes from. Source: processor.go processResource at 0.149. */
export function enrich(
  attributes: ResourceAttributes,
  peer: string | undefined,
  { associations, metadata, cluster }: EnrichOptions,
): void {
  const identifier = associations.ofData(attributes, peer);
  if (identifier?.address !== undefined && (cluster === undefined || metadata.has('k8s.pod.ip'))) {
    setIfEmpty(attributes, 'k8s.pod.ip', identifier.address);
  }
  if (cluster === undefined) return;
  const pod = identifier === undefined ? undefined : cluster.pod(identifier.key);
  if (pod !== undefined) {
    setAll(attributes, cluster.attributesOf(pod));
    addContainerAttributes(attributes, pod, metadata);
  }
  addNamespace(attributes, pod, metadata, cluster);
  addNode(attributes, pod, metadata, cluster);
  for (const source of WORKLOADS) addWorkload(attributes, pod, source, cluster);
}

const WORKLOADS = ['deployment', 'statefulset', 'daemonset', 'job'] as const;

function setAll(attributes: ResourceAttributes, values: ReadonlyMap<string, string> | undefined): void {
  if (values !== undefined) for (const [key, value] of values) setIfEmpty(attributes, key, value);
}

function addNamespace(
  attributes: ResourceAttributes,
  pod: KnownPod | undefined,
  metadata: ReadonlySet<Metadata>,
  cluster: ClusterObjects,
): void {
  const namespace = pod?.namespace || attributes.string('k8s.namespace.name') || '';
  if (namespace === '') return;
  setAll(attributes, cluster.tags('namespace', namespace));
  if (metadata.has('service.namespace')) setIfEmpty(attributes, 'service.namespace', namespace);
}

function addNode(
  attributes: ResourceAttributes,
  pod: KnownPod | undefined,
  metadata: ReadonlySet<Metadata>,
  cluster: ClusterObjects,
): void {
  // Upstream forgets a Pod's node unless something of the node is asked for by name.
  const isKept = metadata.has('k8s.node.name') || metadata.has('k8s.node.uid');
  const node = (isKept && pod?.nodeName) || attributes.string('k8s.node.name') || '';
  if (node === '') return;
  setAll(attributes, cluster.tags('node', node));
  const uid = cluster.nodeUid(node);
  if (uid !== undefined) setIfEmpty(attributes, 'k8s.node.uid', uid);
}

function addWorkload(
  attributes: ResourceAttributes,
  pod: KnownPod | undefined,
  source: Exclude<WorkloadSource, 'namespace' | 'node'>,
  cluster: ClusterObjects,
): void {
  const known = pod === undefined ? undefined : uidOf(pod, source, cluster);
  const uid = known || attributes.string(`k8s.${source}.uid`) || '';
  if (uid !== '') setAll(attributes, cluster.tags(source, uid));
}

function uidOf(pod: KnownPod, source: WorkloadSource, cluster: ClusterObjects): string | undefined {
  return source === 'deployment' ? cluster.deploymentUidOf(pod) : cluster.ownerOf(pod, source);
}
