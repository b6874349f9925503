import type { KubeClient, KubeLog } from '../kube/index.ts';
import type { Clock } from '../lib/index.ts';
import type { CertificateFacts } from '../pipeline/index.ts';
import type { AskBackend } from './flow-health/observed-pipeline.ts';

/** The programs that Pods run. */
export interface Images {
  readonly otelcol: string;
  readonly sluice: string;
  readonly fluentBit: string;
}

export interface OperatorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Receives no secret. */
  readonly log: KubeLog;
  /** In [0, 1); spreads retries and rounds. */
  readonly random: () => number;
  /** Reads the certificates of outputs. */
  readonly certificates: CertificateFacts;
  /** Absent: failures of backends are told without their cause. */
  readonly askBackend?: AskBackend;
  /** Where Sluice's own objects are, and the Telemetry that counts: `kyma-system`. */
  readonly namespace: string;
  /** Of this process, in the Lease: its Pod's name. */
  readonly identity: string;
  readonly images: Images;
  /** Default IfNotPresent. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets of the namespace that registries of `images` ask for; default none. */
  readonly imagePullSecrets?: readonly string[];
  /** Name of the cluster where neither the Telemetry resource nor the cluster itself gives one: the API server's host. */
  readonly clusterName?: string;
  /** Where the webhooks listen: `host:port`; absent: none are served. `url`: how the API server reaches them without a Service. */
  readonly webhooks?: { readonly host: string; readonly port: number; readonly url?: string };
  /** Where `/metrics`, `/healthz` and `/readyz` are served; absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
}

export interface RunningOperator {
  /** It holds the Lease, and everything is known that it needs to write. */
  readonly isLeader: boolean;
  /** Where `/metrics` is served; undefined where it is not. */
  readonly metricsPort: number | undefined;
  /** Resolves when everything is known that it needs to decide. */
  whenReady(): Promise<void>;
  /** Finishes what is being written, gives the Lease up, closes what it opened. The client stays open. */
  stop(): Promise<void>;
}
