import type { KubeClient, KubeLog } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { CertificateFacts } from '../../pipeline/index.ts';

/** Where the API server reaches the webhooks. */
export interface WebhookAddress {
  /** Of the Service, and of the Secret with the certificates: `kyma-system`. */
  readonly namespace: string;
  /** Default `telemetry-manager-webhook`. */
  readonly serviceName?: string;
  /** Instead of a Service, where the operator runs outside the cluster: `https://127.0.0.1:9443`, without a path. */
  readonly url?: string;
}

export interface WebhookOptions extends WebhookAddress {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Where to listen. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly log: KubeLog;
  /** Checks certificates that stand in a pipeline; absent: only their form is looked at. */
  readonly certificates?: CertificateFacts;
}

export interface RunningWebhooks {
  /** Where they listen. */
  readonly port: number;
  /** Looks after certificates and configurations now, instead of within a minute. Rejects where the API server does. */
  reconcile(): Promise<void>;
  /** Answers what is under way, then closes. */
  stop(): Promise<void>;
}

export const WEBHOOK_SERVICE = 'telemetry-manager-webhook';

/** Of the Service; the operator listens on another. */
export const WEBHOOK_SERVICE_PORT = 443;

/** Holds the CA and the serving certificate that all replicas share. */
export const WEBHOOK_SECRET = 'telemetry-webhook-cert';

export const VALIDATING_CONFIGURATION = 'telemetry-validating-webhook.kyma-project.io';
export const MUTATING_CONFIGURATION = 'telemetry-mutating-webhook.kyma-project.io';
