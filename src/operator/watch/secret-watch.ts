import { createHash } from 'node:crypto';
import { createInformer, type Informer, type KubeClient, type KubeLog, type KubeObject } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { KnownSecret, SecretView } from '../compile/cluster-snapshot.ts';
import { type SecretName, secretKey } from '../compile/secret-references.ts';
import { SECRET } from '../resource-types.ts';

/**
 * The Secrets that resources name, each through a watch of its own, as kubelets do it. So nothing is kept in memory, nor sent, of
 * the thousands that a cluster may have, and a role that allows single names is enough.
 */
export interface SecretWatch extends SecretView {
  /** Watches these from now on, and no others. */
  want(secrets: readonly SecretName[]): void;
  /** Everything wanted is known, or was waited for long enough: what cannot be read counts as missing. */
  readonly settled: boolean;
  stop(): Promise<void>;
}

export interface SecretWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  readonly random: () => number;
  /** Something may be decided differently now. */
  readonly onChange: () => void;
}

/**
 * How long Secrets that cannot be read keep the others waiting after the start: what runs must not be taken apart because an API
 * server is slow to answer for one.
 */
const FIRST_PATIENCE_MS = 15_000;

/** And later, when only what was just written can be concerned. */
const PATIENCE_MS = 1_000;

interface Watched {
  readonly informer: Informer<KubeObject>;
  readonly secret: SecretName;
  /** The watch has answered, or had its time. */
  isSettled: boolean;
  known?: { readonly object: KubeObject; readonly secret: KnownSecret };
}

export function createSecretWatch(options: SecretWatchOptions): SecretWatch {
  const { client, clock, log, random, onChange } = options;
  const watched = new Map<string, Watched>();
  const stopping = new Set<Promise<void>>();
  let hasSettled = false;

  function watch(secret: SecretName): Watched {
    const informer = createInformer<KubeObject>({
      client,
      clock,
      log,
      random,
      type: SECRET,
      namespace: secret.namespace,
      fieldSelector: `metadata.name=${secret.name}`,
    });
    const entry: Watched = { informer, secret, isSettled: false };
    const settle = () => {
      if (entry.isSettled) return;
      entry.isSettled = true;
      timer.cancel();
      onChange();
    };
    const timer = clock.after(hasSettled ? PATIENCE_MS : FIRST_PATIENCE_MS, settle);
    informer.onChange(() => {
      if (entry.isSettled) onChange();
    });
    informer.whenSynced().then(settle, () => timer.cancel());
    informer.start();
    return entry;
  }

  function end({ informer }: Watched): void {
    const stopped = informer.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  }

  return {
    want(secrets) {
      const wanted = new Map(secrets.map((secret) => [secretKey(secret), secret]));
      for (const [key, entry] of watched) {
        if (wanted.has(key)) continue;
        watched.delete(key);
        end(entry);
      }
      for (const [key, secret] of wanted) if (!watched.has(key)) watched.set(key, watch(secret));
    },
    get settled() {
      const isSettled = [...watched.values()].every((entry) => entry.isSettled);
      hasSettled ||= isSettled;
      return isSettled;
    },
    get(namespace, name) {
      const entry = watched.get(secretKey({ namespace, name }));
      const object = entry?.informer.get({ namespace, name });
      if (entry === undefined || object === undefined) return undefined;
      if (entry.known?.object !== object) entry.known = { object, secret: knownSecret(object) };
      return entry.known.secret;
    },
    async stop() {
      for (const entry of watched.values()) end(entry);
      watched.clear();
      await Promise.all(stopping);
    },
  };
}

function knownSecret(object: KubeObject): KnownSecret {
  const data = (object['data'] ?? {}) as Readonly<Record<string, string>>;
  const { uid = '', resourceVersion = '' } = object.metadata;
  // Of what identifies the write, and not of the content: a hash of a short secret tells it to whoever guesses.
  const version = createHash('sha256').update(`${uid} ${resourceVersion}`).digest('hex').slice(0, 16);
  return {
    version,
    values: new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])),
  };
}
