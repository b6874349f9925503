import { randomBytes } from 'node:crypto';
import { isAlreadyExists, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { SECRET } from '../resource-types.ts';

const NAME = 'telemetry-hash-key';
const KEY = 'key';
const LABELS = { 'app.kubernetes.io/part-of': 'telemetry', 'app.kubernetes.io/managed-by': 'sluice' };
const DESCRIPTION =
  'Keeps hashes in names of ConfigMaps from telling what Secrets hold. Deleting it is harmless: every Pod is replaced once.';

/**
 * A random text that is made once for an installation, in a Secret, so that names made with it stay the same over restarts and
 * replicas. Source of the need: a hash of a short password tells it to whoever tries them all.
 */
export async function storedHashKey(client: KubeClient, namespace: string): Promise<string> {
  const ref = { namespace, name: NAME };
  for (;;) {
    const secret = await client.get(SECRET, ref);
    const { data = {} } = (secret ?? {}) as { readonly data?: Readonly<Record<string, string>> };
    const found = data[KEY];
    if (found !== undefined && found !== '') return found;
    const made = randomBytes(32).toString('base64');
    if (secret !== undefined) {
      // Somebody emptied it.
      await client.mergePatch(SECRET, ref, { data: { [KEY]: made } });
      return made;
    }
    const created: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...ref, labels: LABELS, annotations: { 'kubernetes.io/description': DESCRIPTION } },
      type: 'Opaque',
      data: { [KEY]: made },
    };
    try {
      await client.create(SECRET, created);
      return made;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
