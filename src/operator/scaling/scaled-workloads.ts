import type { KubeObject } from '../../kube/index.ts';
import { objectName } from '../../render/index.ts';
import { diskQueues, type Topology } from '../../topology/index.ts';
import type { ScaledWorkload } from '../autoscaler/autoscaler.ts';

/** Where a container has no limit: what it asks for at least is no measure of what it can have. */
const DEFAULT_CORES = 1;

/**
 * The workloads that may have another number of replicas than now, by load, or because fewer are asked for. `controllerOf`: its Deployment or StatefulSet, by the name of
 * the workload.
 */
export function scaledWorkloads(
  topology: Topology,
  controllerOf: (workload: string) => KubeObject | undefined,
): readonly ScaledWorkload[] {
  const onDisk = (workload: string) =>
    new Set(diskQueues(topology).flatMap((queue) => (queue.workload === workload ? [queue.exporter] : [])));
  return topology.workloads
    .filter(({ name, replicas, storage }) => {
      // A replica with a volume is emptied before it goes, whoever decided that it goes.
      return replicas.min < replicas.max || (storage !== undefined && runningOf(controllerOf(name)) > replicas.max);
    })
    .map(({ name, replicas, memory, storage }) => {
      const controller = controllerOf(name);
      return {
        name,
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        currentReplicas: (controller?.['spec'] as { readonly replicas?: number } | undefined)?.replicas,
        cpuCores: coresOf(controller),
        softLimitBytes: memory.softLimitBytes,
        queueFactor: memory.queueFactor,
        ...(storage === undefined
          ? {}
          : { onDisk: onDisk(name), volumes: { podOf: (ordinal: number) => `${objectName(name)}-${ordinal}` } }),
      };
    });
}

function runningOf(controller: KubeObject | undefined): number {
  return (controller?.['spec'] as { readonly replicas?: number } | undefined)?.replicas ?? 0;
}

interface Resources {
  readonly limits?: { readonly cpu?: string | number };
}

function coresOf(controller: KubeObject | undefined): number {
  const { template } = (controller?.['spec'] ?? {}) as {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly resources?: Resources }[] } };
  };
  const { limits } = template?.spec?.containers?.[0]?.resources ?? {};
  const text = String(limits?.cpu ?? DEFAULT_CORES);
  const cores = text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text);
  return cores > 0 ? cores : DEFAULT_CORES;
}
