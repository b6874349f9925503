import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Clock, CodedError, errorMessage } from '../lib/index.ts';
import type { Credentials, RequestIdentity } from './credentials.ts';

/** Where the kubelet puts them. Source: Kubernetes documentation, "Accessing the API from a Pod". */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet rotates tokens at 80 % of their life, an hour at least; client-go reads them again after a minute. */
const REREAD_MS = 60_000;

export interface InCluster {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly credentials: Credentials;
}

/** The API server as a Pod sees it; undefined when this process runs in none. `folder` is where the service account is. */
export async function inCluster(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  folder = SERVICE_ACCOUNT_FOLDER,
): Promise<InCluster | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port || !existsSync(`${folder}/token`)) return undefined;
  const namespace = existsSync(`${folder}/namespace`) ? await readFile(`${folder}/namespace`, 'utf8') : '';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim() || undefined,
    credentials: serviceAccount(folder, clock),
  };
}

function serviceAccount(folder: string, clock: Clock): Credentials {
  let read: { readonly atMs: number; readonly identity: RequestIdentity } | undefined;
  return {
    async current() {
      const nowMs = clock.monotonicMs();
      if (read !== undefined && nowMs - read.atMs < REREAD_MS) return read.identity;
      try {
        const [token, ca] = await Promise.all([
          readFile(`${folder}/token`, 'utf8'),
          readFile(`${folder}/ca.crt`, 'utf8'),
        ]);
        read = { atMs: nowMs, identity: { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } } };
      } catch (error) {
        // In the middle of a rotation, what was read last is still good.
        if (read !== undefined) return read.identity;
        throw new CodedError('kube_config', `the service account of this Pod cannot be read: ${errorMessage(error)}`, {
          cause: error,
        });
      }
      return read.identity;
    },
    forget() {
      read = undefined;
    },
  };
}
