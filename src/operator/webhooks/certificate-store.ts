import { isAlreadyExists, isConflict, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';
import { type CertificateSet, type RenewalOptions, renewedCertificates } from './certificate-set.ts';
import { WEBHOOK_SECRET } from './webhook-options.ts';

const SECRETS: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/** Key in the Secret by field: those of upstream. */
const KEYS: Readonly<Record<keyof CertificateSet, string>> = {
  caBundle: 'ca.crt',
  caKey: 'ca.key',
  certificate: 'tls.crt',
  key: 'tls.key',
};

/** How often another replica may have been faster before that is an error. */
const MAX_ATTEMPTS = 10;

interface CertificateSecret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface StoreOptions extends RenewalOptions {
  readonly client: KubeClient;
  readonly namespace: string;
}

/**
 * The set in the Secret, renewed where it is due. Replicas agree without speaking to each other: who writes first has decided, the
 * others read what that was. What else the Secret holds stays.
 */
export async function storedCertificates(options: StoreOptions): Promise<CertificateSet> {
  const { client, namespace } = options;
  for (let attempt = 1; ; attempt++) {
    const secret = await client.get<CertificateSecret>(SECRETS, { namespace, name: WEBHOOK_SECRET });
    const current = secret === undefined ? undefined : setOf(secret);
    const due = await renewedCertificates(current, options);
    if (due === current) return due;
    try {
      await write(client, due, secret ?? newSecret(namespace));
      return due;
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !(isConflict(error) || isAlreadyExists(error))) throw error;
    }
  }
}

async function write(client: KubeClient, set: CertificateSet, secret: CertificateSecret): Promise<void> {
  const written = Object.entries(KEYS).map(([field, key]) => [key, encoded(set[field as keyof CertificateSet])]);
  const next = { ...secret, data: { ...secret.data, ...Object.fromEntries(written) } };
  if (secret.metadata.resourceVersion === undefined) await client.create(SECRETS, next);
  else await client.update(SECRETS, next);
}

function newSecret(namespace: string): CertificateSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: WEBHOOK_SECRET,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'telemetry', 'app.kubernetes.io/managed-by': 'sluice' },
    },
    type: 'Opaque',
  };
}

function setOf({ data = {} }: CertificateSecret): CertificateSet {
  const text = (field: keyof CertificateSet) => Buffer.from(data[KEYS[field]] ?? '', 'base64').toString();
  return { caBundle: text('caBundle'), caKey: text('caKey'), certificate: text('certificate'), key: text('key') };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
