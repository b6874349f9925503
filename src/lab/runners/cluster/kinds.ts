import type { KubeObject, ResourceType } from '../../../kube/index.ts';
import type { Backend } from '../../run.ts';

const core = (kind: string, plural: string, namespaced: boolean): ResourceType => {
  return { group: '', version: 'v1', kind, plural, namespaced };
};
const apps = (kind: string, plural: string): ResourceType => {
  return { group: 'apps', version: 'v1', kind, plural, namespaced: true };
};
const pipelines = (kind: string, plural: string): ResourceType => {
  return { group: 'telemetry.kyma-project.io', version: 'v1beta1', kind, plural, namespaced: false };
};

export const NODES = core('Node', 'nodes', false);
export const PODS = core('Pod', 'pods', true);
export const SERVICES = core('Service', 'services', true);
export const CLAIMS = core('PersistentVolumeClaim', 'persistentvolumeclaims', true);
export const DEPLOYMENTS = apps('Deployment', 'deployments');
export const STATEFUL_SETS = apps('StatefulSet', 'statefulsets');
export const STORAGE_CLASSES: ResourceType = {
  ...{ group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses' },
  namespaced: false,
};
export const TELEMETRIES: ResourceType = {
  ...{ group: 'operator.kyma-project.io', version: 'v1beta1', kind: 'Telemetry', plural: 'telemetries' },
  namespaced: true,
};
export const PIPELINES: Readonly<Record<Backend['signal'], ResourceType>> = {
  traces: pipelines('TracePipeline', 'tracepipelines'),
  metrics: pipelines('MetricPipeline', 'metricpipelines'),
  logs: pipelines('LogPipeline', 'logpipelines'),
};

/** On everything that Sluice runs in a cluster; `component` tells the operator from the gateways. */
export const OF_SLUICE = 'app.kubernetes.io/managed-by=sluice,app.kubernetes.io/part-of=telemetry';
export const COMPONENT = 'app.kubernetes.io/component';

/** A Deployment or a StatefulSet. */
export interface Workload extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    /** Of a StatefulSet. */
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

export interface Pod extends KubeObject {
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[];
  };
}
