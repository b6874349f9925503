import {
  connectKube,
  type KubeClient,
  type KubeLog,
  type KubeObject,
  type ResourceType,
} from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';

const core = { group: '', version: 'v1', namespaced: true } as const;
const apps = { group: 'apps', version: 'v1', namespaced: true } as const;

export const CONFIG_MAPS: ResourceType = { ...core, kind: 'ConfigMap', plural: 'configmaps' };
export const SECRETS: ResourceType = { ...core, kind: 'Secret', plural: 'secrets' };
export const SERVICES: ResourceType = { ...core, kind: 'Service', plural: 'services' };
export const NAMESPACES: ResourceType = { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false };
export const DEPLOYMENTS: ResourceType = { ...apps, kind: 'Deployment', plural: 'deployments' };
export const STATEFUL_SETS: ResourceType = { ...apps, kind: 'StatefulSet', plural: 'statefulsets' };
export const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** The client that users have, for a kubeconfig; without its limit of requests. */
export async function kubeClient(
  kubeconfig: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<KubeClient> {
  const { client } = await connectKube({ kubeconfig, env: {}, clock: systemClock, qps: 1000, burst: 1000, ...options });
  return client;
}

export interface RecordedLog extends KubeLog {
  readonly lines: readonly string[];
}

/** Remembers `level message {fields}`. */
export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export function configMap(
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data };
}

/** How many requests of which kind were sent between two moments: `apply configmaps` → 3. */
export function requestsSince(client: KubeClient): () => Readonly<Record<string, number>> {
  const before = new Map(client.requests);
  return () =>
    Object.fromEntries(
      [...client.requests]
        .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
        .filter(([, n]) => n > 0),
    );
}
