import type { Clock } from '../lib/index.ts';
import type { KubeClient } from './client.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig; several are joined by the system's delimiter, as in KUBECONFIG. */
  readonly kubeconfig?: string;
  /** Default: the current one of the kubeconfig. */
  readonly context?: string;
  /** Of this process: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly userAgent?: string;
  /** Of one request; default 30 s. */
  readonly timeoutMs?: number;
  /** Requests a second over time; default 50. */
  readonly qps?: number;
  /** Requests at once beyond that; default 100. */
  readonly burst?: number;
}

export interface KubeConnection {
  readonly client: KubeClient;
  /** URL of the API server. */
  readonly server: string;
  /** Absent in a cluster. */
  readonly contextName?: string;
  /** Of the context, or of this Pod. */
  readonly namespace?: string;
}

/**
 * Finds the API server: the given kubeconfig, KUBECONFIG, the service account of this Pod, `~/.kube/config`, in this order. Sends
 * no request. Rejects with a CodedError `kube_config` that says what is missing.
 */
export async function connectKube(_options: ConnectOptions): Promise<KubeConnection> {
  throw new Error('comes in one of the next commits');
}
