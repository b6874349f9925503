import type { Workload } from '../../topology/index.ts';

/**
 * How many replicas a workload is to have. `decided`: what the autoscaler says, or what runs. A fixed number is what the user
 * wrote; but a replica with a volume is emptied before it goes, so those that run stay until then.
 */
export function replicasOf(
  { replicas: { min, max }, storage }: Pick<Workload, 'replicas' | 'storage'>,
  decided: number | undefined,
): number {
  if (min === max) return storage === undefined ? min : Math.max(min, decided ?? min);
  return decided ?? min;
}
