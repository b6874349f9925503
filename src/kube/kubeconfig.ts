import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Clock, CodedError, errorMessage } from '../lib/index.ts';
import type { Credentials, RequestIdentity, TlsMaterial } from './credentials.ts';

/** Files of certificates and tokens are read again after this; plugins keep what they got until it expires. */
const REREAD_MS = 60_000;

export interface KubeconfigCluster {
  readonly server: string;
  readonly contextName: string;
  readonly namespace: string | undefined;
  readonly proxyUrl: string | undefined;
  readonly credentials: Credentials;
}

/** The cluster of a context. Loads the client library, which takes a third of a second: only for people's machines. */
export async function readKubeconfig(
  paths: string,
  context: string | undefined,
  clock: Clock,
): Promise<KubeconfigCluster> {
  const load = () => loadConfig(paths, context);
  const config = await load();
  const { name, namespace, cluster: clusterName } = config.getContextObject(config.getCurrentContext())!;
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw wrong(paths, `context \`${name}\` names the cluster \`${clusterName}\`, which is not in it`);
  if (cluster.proxyUrl?.startsWith('socks')) {
    throw wrong(
      paths,
      `cluster \`${clusterName}\` is behind a SOCKS proxy, which Sluice cannot use; an HTTP proxy works`,
    );
  }
  const credentials = userOf(load, config, clock);
  // A plugin may ask a person to log in, for which no request should have to wait.
  await credentials.current();
  return { server: cluster.server, contextName: name, namespace, proxyUrl: cluster.proxyUrl, credentials };
}

async function loadConfig(paths: string, context: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const given = paths.split(delimiter).filter((path) => path !== '');
  // Of several, those that are not there are left out, as kubectl does.
  const there = given.filter((path) => existsSync(path));
  const files = given.length > 1 && there.length > 0 ? there : given;
  const config = new KubeConfig();
  try {
    for (const [i, path] of files.entries()) {
      if (i === 0) config.loadFromFile(path);
      else mergeInto(config, new KubeConfig(), path);
    }
  } catch (error) {
    throw wrong(paths, errorMessage(error), error);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const wanted = config.getCurrentContext();
  if (config.getContextObject(wanted) === null) {
    const names = config.getContexts().map(({ name }) => `\`${name}\``);
    const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw wrong(paths, wanted ? `there is no context \`${wanted}\`; ${known}` : `no current context is set; ${known}`);
  }
  // The library refuses plain HTTP, which `kubectl proxy` speaks, unless told that there is no certificate to look at.
  config.clusters = config.clusters.map((one) =>
    one.server.startsWith('http:') ? { ...one, skipTLSVerify: true } : one,
  );
  return config;
}

function mergeInto(config: KubeConfig, next: KubeConfig, path: string): void {
  next.loadFromFile(path);
  // The first file that names a thing wins, as in kubectl; the library throws for a second one.
  const known = (list: readonly { readonly name: string }[], name: string) => list.some((one) => one.name === name);
  for (const one of next.clusters) if (!known(config.clusters, one.name)) config.addCluster(one);
  for (const one of next.users) if (!known(config.users, one.name)) config.addUser(one);
  for (const one of next.contexts) if (!known(config.contexts, one.name)) config.addContext(one);
  if (!config.getCurrentContext()) config.setCurrentContext(next.getCurrentContext());
}

function userOf(load: () => Promise<KubeConfig>, first: KubeConfig, clock: Clock): Credentials {
  let config: KubeConfig | undefined = first;
  let read: { readonly atMs: number; readonly identity: Promise<RequestIdentity> } | undefined;
  const readIdentity = async () => {
    config ??= await load();
    return identityOf(config);
  };
  return {
    current() {
      const nowMs = clock.monotonicMs();
      if (read === undefined || nowMs - read.atMs >= REREAD_MS) {
        const made = { atMs: nowMs, identity: readIdentity() };
        made.identity.catch(() => {
          if (read === made) read = undefined;
        });
        read = made;
      }
      return read.identity;
    },
    forget() {
      // A plugin's answer is remembered in the library's object: a new one asks again.
      config = undefined;
      read = undefined;
    },
  };
}

async function identityOf(config: KubeConfig): Promise<RequestIdentity> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new CodedError(
      'kube_config',
      `the credentials of user \`${config.getCurrentUser()?.name}\` cannot be had: ${errorMessage(error)}`,
      { cause: error },
    );
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return { headers, tls: tlsOf(options, config) };
}

function tlsOf(options: RequestOptions, config: KubeConfig): TlsMaterial {
  const cluster = config.getCurrentCluster();
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  // Without a user the library leaves the authority out as well.
  const authority = ca ?? (cluster?.caData === undefined ? undefined : Buffer.from(cluster.caData, 'base64'));
  return {
    ...(authority !== undefined && { ca: String(authority) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function wrong(paths: string, what: string, cause?: unknown): CodedError {
  return new CodedError('kube_config', `kubeconfig ${paths}: ${what}`, { cause });
}
