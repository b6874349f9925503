import type { ComponentConfig } from '../../otelcol/index.ts';
import type { RenderOptions } from './rendered-config.ts';

/**
 * The way to another workload of the same installation. Uncompressed: the network between them is near, compressing and
 * decompressing would cost more than everything else a hop does.
 */
export function hopConnection(to: string, { peers = {} }: RenderOptions): ComponentConfig {
  const endpoint = peers[to] ?? `${to}:4317`;
  return {
    endpoint,
    // A name that stands for several replicas: one connection to each, requests in turn.
    ...(endpoint.startsWith('dns:///') ? { balancer_name: 'round_robin' } : {}),
    tls: { insecure: true },
    compression: 'none',
  };
}
