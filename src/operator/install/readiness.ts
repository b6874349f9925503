import type { KubeClient, KubeObject } from '../../kube/index.ts';
import { OPERATOR, OPERATOR_LABELS } from '../../render/index.ts';
import { selectorOf } from './installed-object.ts';
import { typeOf } from './resource-types.ts';

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
}

interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export const DEPLOYMENT = typeOf('apps/v1', 'Deployment');
const POD = typeOf('v1', 'Pod');

/** What the operator still lacks, with the cause where a Pod names one; undefined when all of it is ready. */
export async function operatorLacks(client: KubeClient, namespace: string): Promise<string | undefined> {
  const deployment = await client.get<Deployment>(DEPLOYMENT, { namespace, name: OPERATOR });
  if (deployment === undefined) return `Deployment ${namespace}/${OPERATOR} is not there`;
  const { spec, status = {}, metadata } = deployment;
  const wanted = spec.replicas ?? 1;
  const ready = Math.min(status.readyReplicas ?? 0, status.updatedReplicas ?? 0);
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  if (isSeen && ready >= wanted && (status.replicas ?? 0) <= wanted) return undefined;
  const { items } = await client.list<Pod>(POD, { namespace, labelSelector: selectorOf(OPERATOR_LABELS) });
  const causes = [...new Set([...items.flatMap(podCause), ...replicaFailure(deployment)])];
  const state = `Deployment ${namespace}/${OPERATOR} has ${ready} of ${wanted} replicas ready`;
  return causes.length === 0 ? state : `${state}: ${causes.join('; ')}`;
}

/** Why Pods of a Deployment are not even made: a quota, Pod Security. */
function replicaFailure({ status }: Deployment): readonly string[] {
  const failure = status?.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
  return failure?.message === undefined ? [] : [failure.message];
}

function podCause({ metadata, status = {} }: Pod): readonly string[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  const unscheduled = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled !== undefined) return [`not scheduled: ${unscheduled.message ?? 'no node takes it'}`];
  return (status.containerStatuses ?? []).flatMap(containerCause);
}

function containerCause({ state = {}, lastState }: ContainerStatus): readonly string[] {
  const ended = state.terminated ?? lastState?.terminated;
  if (state.waiting?.reason === 'CrashLoopBackOff' || state.terminated !== undefined) {
    return [
      `it ends with ${ended?.reason ?? 'an error'} (exit code ${ended?.exitCode ?? 'unknown'}): kubectl logs deployment/${OPERATOR}`,
    ];
  }
  const { reason, message } = state.waiting ?? {};
  if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') return [];
  return [message === undefined ? reason : `${reason}: ${message}`];
}
