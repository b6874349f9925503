import type { KnownPod } from './known-pod.ts';
import type { Metadata } from './metadata.ts';

/** What must be looked up beside the Pod: who owns its owner. */
export interface Owners {
  /** The Deployment of a ReplicaSet, by the ReplicaSet's uid. */
  deploymentOf(uid: string): { readonly name: string; readonly uid: string } | undefined;
  /** The uid of a Job's CronJob, by the Job's. */
  cronJobOf(uid: string): string | undefined;
  /** The uid of the namespace kube-system. */
  clusterUid(): string | undefined;
}

export interface PodAttributesOptions {
  readonly metadata: ReadonlySet<Metadata>;
  /** Names of Deployments are made of those of their ReplicaSets; none is looked up. */
  readonly deploymentFromName: boolean;
}

/**
 * What is told of a Pod, without its containers: names of it and its owners, then what rules take of labels and annotations, which
 * wins. Source: internal/kube extractPodAttributes at 0.149.
 */
export function podAttributes(
  pod: KnownPod,
  owners: Owners,
  options: PodAttributesOptions,
): ReadonlyMap<string, string> {
  const { metadata } = options;
  const told = new Map<string, string>();
  const tell = (name: Metadata, value: string | undefined) => {
    if (metadata.has(name) && value !== undefined) told.set(name, value);
  };
  tell('k8s.pod.name', pod.name);
  tell('service.name', pod.name);
  tell('k8s.pod.hostname', pod.hostname);
  tell('k8s.pod.ip', pod.ip);
  tell('k8s.namespace.name', pod.namespace);
  tell('service.namespace', pod.namespace);
  tell('k8s.pod.start_time', pod.createdAt);
  tell('k8s.pod.uid', pod.uid);
  for (const owner of pod.owners) tellOwner(owner, tell, owners, options);
  tell('k8s.node.name', pod.nodeName);
  tell('k8s.cluster.uid', metadata.has('k8s.cluster.uid') ? owners.clusterUid() : undefined);
  for (const [name, value] of pod.tags) told.set(name, value);
  tell('service.name', pod.nameLabel);
  tell('service.version', pod.versionLabel);
  return told;
}

type Tell = (name: Metadata, value: string | undefined) => void;

/** The owner closest to people gives the service its name, which is the one that is told last. */
function tellOwner(
  { kind, name, uid }: KnownPod['owners'][number],
  tell: Tell,
  owners: Owners,
  { metadata, deploymentFromName }: PodAttributesOptions,
): void {
  switch (kind) {
    case 'ReplicaSet': {
      const deployment = owners.deploymentOf(uid);
      const deploymentName = deploymentFromName ? deploymentNameFrom(name) : deployment?.name;
      tell('k8s.replicaset.uid', uid);
      tell('k8s.replicaset.name', name);
      tell('k8s.deployment.name', deploymentName);
      tell('k8s.deployment.uid', metadata.has('k8s.deployment.uid') ? deployment?.uid : undefined);
      tell('service.name', deploymentName ?? name);
      break;
    }
    case 'DaemonSet':
      tell('k8s.daemonset.uid', uid);
      tell('k8s.daemonset.name', name);
      tell('service.name', name);
      break;
    case 'StatefulSet':
      tell('k8s.statefulset.uid', uid);
      tell('k8s.statefulset.name', name);
      tell('service.name', name);
      break;
    case 'Job': {
      const cronJobName = /^(.*)-\d+$/.exec(name)?.[1];
      tell('k8s.job.uid', uid);
      tell('k8s.job.name', name);
      tell('k8s.cronjob.name', cronJobName);
      tell('k8s.cronjob.uid', metadata.has('k8s.cronjob.uid') ? owners.cronJobOf(uid) : undefined);
      tell('service.name', cronJobName ?? name);
      break;
    }
  }
}

/** A Deployment's ReplicaSet is called after it, with a hash of ten characters behind it; undefined for other names. */
function deploymentNameFrom(replicaSet: string): string | undefined {
  const name = /^(.*)-[a-z0-9]{10}$/.exec(replicaSet)?.[1];
  return name === '' ? undefined : name;
}
