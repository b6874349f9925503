import type { AccessRule } from '../manifests/access.ts';
import type { Manifest } from '../manifests/manifest.ts';

/** The programs that Pods run. */
export interface InstallImages {
  /** The operator, and workloads that the engine runs. */
  readonly sluice: string;
  readonly otelcol: string;
  readonly fluentBit: string;
}

export interface InstallOptions {
  readonly namespace: string;
  readonly images: InstallImages;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets of the namespace that registries ask for. */
  readonly imagePullSecrets: readonly string[];
  /** Of the operator: one works, the others wait for its lease. */
  readonly replicas: number;
  /** The resource definitions, as they are published. */
  readonly crds: readonly Manifest[];
  /** Webhook configurations; their CA bundle is the operator's to set. */
  readonly webhooks: readonly Manifest[];
  /** What the operator must hold because it grants it to workloads. */
  readonly granted: readonly AccessRule[];
  /** Whether a Telemetry `default` is part of it; default true. */
  readonly telemetry?: boolean;
}
