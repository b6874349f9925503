import type { Discovery, KubeClient, KubeObject, Store } from '../../kube/index.ts';
import type { ClusterFacts } from '../../topology/index.ts';
import { CONFIG_MAP, NAMESPACE, PEER_AUTHENTICATION } from '../resource-types.ts';

/** What is asked of the API server now and then, since it hardly changes. */
export interface AskedFacts {
  readonly clusterUid?: string;
  readonly clusterName?: string;
  readonly provider?: string;
  readonly istio: boolean;
  /** Of the API server's version, 1.<minor>. */
  readonly kubernetesMinor: number;
}

/** Gardener's description of the cluster; elsewhere there is none. */
const SHOOT_INFO = { namespace: 'kube-system', name: 'shoot-info' };

export async function askFacts(client: KubeClient, discovery: Discovery): Promise<AskedFacts> {
  const [system, shoot, istio, version] = await Promise.all([
    client.get(NAMESPACE, { name: 'kube-system' }),
    client.get(CONFIG_MAP, SHOOT_INFO),
    discovery.serves(PEER_AUTHENTICATION),
    discovery.serverVersion(),
  ]);
  const { shootName, provider } = (shoot?.['data'] ?? {}) as Readonly<Record<string, string | undefined>>;
  const clusterUid = system?.metadata.uid;
  return {
    ...(clusterUid === undefined ? {} : { clusterUid }),
    ...(shootName === undefined ? {} : { clusterName: shootName }),
    ...(provider === undefined ? {} : { provider }),
    istio,
    kubernetesMinor: version.minor,
  };
}

export function clusterFacts(
  { clusterUid, clusterName, provider, istio }: AskedFacts,
  { namespace, nodes, fallbackName }: { namespace: string; nodes: Store<KubeObject>; fallbackName: string | undefined },
): ClusterFacts {
  const name = clusterName ?? fallbackName;
  const cloudProvider = provider ?? cloudOf(nodes.list());
  return {
    namespace,
    ...(name === undefined ? {} : { clusterName: name }),
    ...(clusterUid === undefined ? {} : { clusterUid }),
    ...(cloudProvider === undefined ? {} : { cloudProvider }),
    istio,
  };
}

/** Schemes of `spec.providerID`, as the cloud controllers write it, and the value that OpenTelemetry has for it. */
const CLOUDS: Readonly<Record<string, string>> = {
  aws: 'aws',
  gce: 'gcp',
  azure: 'azure',
  openstack: 'openstack',
  alicloud: 'alibaba_cloud',
  ibm: 'ibm_cloud',
};

/** What the Node that is first by name says, so that the answer does not depend on the order of events. */
export function cloudOf(nodes: readonly KubeObject[]): string | undefined {
  const schemes = [...nodes]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map(({ spec }) => /^(\w+):/.exec((spec as { providerID?: string } | undefined)?.providerID ?? '')?.[1]);
  return CLOUDS[schemes.find((scheme) => scheme !== undefined) ?? ''];
}

/** Whether the Nodes, of which the first by name speaks for all, have addresses of IPv6. */
export function hasIpv6Nodes(nodes: readonly KubeObject[]): boolean {
  const [first] = [...nodes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const { addresses = [] } = (first?.['status'] ?? {}) as {
    readonly addresses?: readonly { readonly address: string }[];
  };
  return addresses[0]?.address.includes(':') === true;
}
