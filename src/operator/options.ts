import type { KubeClient } from '../kube/index.ts';
import type { Clock } from '../lib/index.ts';

/** The programs that Pods run. */
export interface Images {
  readonly otelcol: string;
  readonly sluice: string;
  readonly fluentBit: string;
}

export interface OperatorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Where Sluice's own objects are, and the Telemetry that counts: `kyma-system`. */
  readonly namespace: string;
  /** Of this process, in the Lease: its Pod's name. */
  readonly identity: string;
  readonly images: Images;
  /** Default IfNotPresent. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Where the webhooks listen: `host:port`; absent: none are served. */
  readonly webhooks?: { readonly host: string; readonly port: number };
  /** Where `/metrics`, `/healthz` and `/readyz` are served; absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
}
