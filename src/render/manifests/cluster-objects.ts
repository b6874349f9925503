import type { Topology } from '../../topology/index.ts';
import type { RenderedFluentBit } from '../fluentbit/rendered-fluent-bit.ts';
import type { RenderedConfig } from '../otelcol/rendered-config.ts';
import type { Manifest } from './manifest.ts';
import type { MountedConfig } from './mounted-config.ts';

/** Where the pipelines run, and the configuration of each workload of it. */
export interface ClusterRendering {
  readonly topology: Topology;
  /** One for each workload of the topology, by name. */
  readonly rendered: readonly RenderedConfig[];
  /** One for each agent of the topology, by name. */
  readonly agents: readonly RenderedConfig[];
  readonly fluentBit?: RenderedFluentBit;
}

export interface ManifestOptions {
  readonly namespace: string;
  readonly images: { readonly otelcol: string; readonly sluice: string; readonly fluentBit: string };
  /** Default IfNotPresent. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets of the namespace that registries ask for. */
  readonly imagePullSecrets?: readonly string[];
  /** What the autoscaler decided, by workload; else, and where the topology leaves no choice, the topology's own figure. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** By workload: the configuration it shall go on with instead of the new one, as `WorkloadObjects.config` named it. */
  readonly pinned?: Readonly<Record<string, MountedConfig>>;
  /**
   * By workload: `volumeClaimTemplates` of the StatefulSet that is there. Kubernetes refuses to change them, so they stay as they
   * are, and the claims made from them are grown one by one (`WorkloadObjects.volume`).
   */
  readonly claimTemplates?: Readonly<Record<string, readonly unknown[]>>;
  /** The cluster has the kinds of the Gateway API. */
  readonly gatewayApi: boolean;
  /** Of the API server's version, 1.<minor>; absent: 33 or newer. Kubelets before it know one permission for most of what they tell. */
  readonly kubernetesMinor?: number;
  /** Nodes have addresses of IPv6, which stand in brackets in a URL. */
  readonly ipv6Nodes?: boolean;
  /** To be printed: Secrets are left out, and no name depends on a value. Whoever applies the rest creates them. */
  readonly withoutSecrets?: boolean;
  /**
   * Random text that nobody else knows. Names of ConfigMaps are hashes of all that Pods read, Secrets included; without it whoever
   * sees a name could try values until one fits. Absent where names stay on this machine.
   */
  readonly hashKey?: string;
}

/** Everything of one workload. */
export interface WorkloadObjects {
  /** `otlp-gateway`: its objects are called `telemetry-otlp-gateway`. */
  readonly workload: string;
  readonly role: WorkloadRole;
  /** Of the configuration and secrets rendered now, also where another configuration is pinned. */
  readonly configHash: string;
  /** What its Pods mount: what was rendered, or what is pinned. Its ConfigMaps and Secrets must stay as long as Pods use them. */
  readonly config: MountedConfig;
  /** The volumes of its replicas; absent: it has none. */
  readonly volume?: WorkloadVolume;
  /** In the order to apply them; the ConfigMaps and Secrets of what is pinned are not among them. */
  readonly objects: readonly Manifest[];
}

export type WorkloadRole = 'gateway' | 'router' | 'entry' | 'dispatcher' | 'metric-agent' | 'log-agent' | 'fluent-bit';

/** One volume for each replica. */
export interface WorkloadVolume {
  /** `queue-telemetry-trace-gateway`: the PersistentVolumeClaim of replica 0 is called `queue-telemetry-trace-gateway-0`. */
  readonly claim: string;
  readonly sizeBytes: number;
}

/** What runs in the cluster, as objects. */
export interface ClusterObjects {
  /** In the order to start them in: each after those it sends to. */
  readonly workloads: readonly WorkloadObjects[];
  /** The endpoint of senders and what no workload has for itself; there even when nothing runs. */
  readonly shared: readonly Manifest[];
}
