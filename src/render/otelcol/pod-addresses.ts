import type { Workload } from '../../topology/index.ts';
import { objectName } from '../manifests/labels.ts';
import type { RenderOptions } from './rendered-config.ts';

/** What a Pod listens on: it has an address of its own, so every workload takes the same ports. */
export const POD_ADDRESSES = {
  otlpGrpc: '0.0.0.0:4317',
  otlpHttp: '0.0.0.0:4318',
  health: '0.0.0.0:13133',
  metrics: { host: '0.0.0.0', port: 8888 },
} as const satisfies RenderOptions;

/** Addresses in a cluster: each workload is reached through a headless Service, whose name stands for all its replicas. */
export function podAddresses(
  { cluster }: Workload,
  { workloads }: { readonly workloads: readonly Workload[] },
): RenderOptions {
  const namespace = cluster === undefined ? '' : `.${cluster.namespace}`;
  const peers = workloads.map(({ name }) => [name, `dns:///${objectName(name)}-headless${namespace}:4317`] as const);
  return { ...POD_ADDRESSES, peers: Object.fromEntries(peers) };
}
