import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, CodedError } from '../lib/index.ts';
import type { KubeClient } from './client.ts';
import type { Credentials } from './credentials.ts';
import { createHttpClient } from './http-client.ts';
import { inCluster } from './in-cluster.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { createTransport } from './transport.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig; several are joined by the system's delimiter, as in KUBECONFIG. */
  readonly kubeconfig?: string;
  /** Only the service account of this Pod; a kubeconfig is not looked for. */
  readonly inPod?: boolean;
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
 * no request to it, and runs the plugin that a kubeconfig names. Rejects with a CodedError `kube_config` that says what is missing.
 */
export async function connectKube(options: ConnectOptions): Promise<KubeConnection> {
  const { env, clock, inPod = false, kubeconfig = env['KUBECONFIG'] } = options;
  if (!kubeconfig || inPod) {
    // Before the file at home: a Pod has no home, and the client library of kubeconfigs takes 90 MB.
    const pod = await inCluster(env, clock);
    if (pod !== undefined) {
      return { client: clientOf(options, pod), server: pod.server, ...(pod.namespace && { namespace: pod.namespace }) };
    }
    if (inPod)
      throw new CodedError(
        'kube_config',
        'no cluster is configured: this process runs in no Pod, or in one without a service account',
      );
  }
  const paths = kubeconfig || join(env['HOME'] ?? homedir(), '.kube', 'config');
  if (!kubeconfig && !existsSync(paths)) {
    throw new CodedError(
      'kube_config',
      `no cluster is configured: there is no ${paths}; give --kubeconfig or set KUBECONFIG`,
    );
  }
  const cluster = await readKubeconfig(paths, options.context, clock);
  return {
    client: clientOf(options, cluster),
    server: cluster.server,
    contextName: cluster.contextName,
    ...(cluster.namespace && { namespace: cluster.namespace }),
  };
}

function clientOf(
  { clock, userAgent = 'sluice', timeoutMs, qps, burst }: ConnectOptions,
  {
    server,
    credentials,
    proxyUrl,
  }: { readonly server: string; readonly credentials: Credentials; readonly proxyUrl?: string | undefined },
): KubeClient {
  return createHttpClient({
    transport: createTransport({ server, credentials, proxyUrl, userAgent, clock }),
    clock,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(qps !== undefined && { qps }),
    ...(burst !== undefined && { burst }),
  });
}
