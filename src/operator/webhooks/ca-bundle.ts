import { isNotFound, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';
import { CONVERTED_DEFINITIONS, conversionStanza } from './webhook-manifests.ts';
import { MUTATING_CONFIGURATION, VALIDATING_CONFIGURATION, type WebhookAddress } from './webhook-options.ts';

/** Owns the CA and the conversion, and nothing else of the objects that the installation brings. */
const FIELD_MANAGER = 'telemetry-operator-webhooks';

const ADMISSION = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;
const CONFIGURATIONS: readonly (readonly [ResourceType, string])[] = [
  [
    { ...ADMISSION, kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations' },
    MUTATING_CONFIGURATION,
  ],
  [
    { ...ADMISSION, kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations' },
    VALIDATING_CONFIGURATION,
  ],
];
const DEFINITIONS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

interface Definition extends KubeObject {
  readonly spec?: { readonly conversion?: ConversionStanza };
}

interface ConversionStanza {
  readonly strategy?: string;
  readonly webhook?: {
    readonly clientConfig?: { readonly caBundle?: string; readonly service?: object; readonly url?: string };
  };
}

export interface TrustOptions extends WebhookAddress {
  readonly client: KubeClient;
  /** PEM. */
  readonly caBundle: string;
}

/** What was found of the objects that send to the webhooks. */
export interface Trust {
  /** Written because something else stood there. */
  readonly repaired: readonly string[];
  /** Not in the cluster, so that nobody asks the webhooks. */
  readonly missing: readonly string[];
}

/** Makes the API server trust the CA, wherever it sends objects to the webhooks. Writes only what differs. */
export async function establishTrust(options: TrustOptions): Promise<Trust> {
  const caBundle = Buffer.from(options.caBundle).toString('base64');
  const repaired: string[] = [];
  const missing: string[] = [];
  const steps = [
    ...CONFIGURATIONS.map(([type, name]) => ({ name, run: () => trustInConfiguration(options, type, name, caBundle) })),
    ...CONVERTED_DEFINITIONS.map((name) => ({ name, run: () => trustInDefinition(options, name, caBundle) })),
  ];
  for (const { name, run } of steps) {
    const found = await run();
    if (found !== 'kept') (found === 'repaired' ? repaired : missing).push(name);
  }
  return { repaired, missing };
}

type Found = 'kept' | 'repaired' | 'missing';

async function trustInConfiguration(
  { client }: TrustOptions,
  type: ResourceType,
  name: string,
  caBundle: string,
): Promise<Found> {
  const found = await client.get<WebhookConfiguration>(type, { name });
  if (found === undefined) return 'missing';
  const webhooks = found.webhooks ?? [];
  if (webhooks.every(({ clientConfig }) => clientConfig?.caBundle === caBundle)) return 'kept';
  return applied(client, type, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: type.kind,
    metadata: ofSameObject(found),
    webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
  });
}

/** Objects of the older version cannot be read without the whole stanza; a CRD from elsewhere may come without. */
async function trustInDefinition(options: TrustOptions, name: string, caBundle: string): Promise<Found> {
  const { client } = options;
  const found = await client.get<Definition>(DEFINITIONS, { name });
  if (found === undefined) return 'missing';
  const stanza = conversionStanza(options) as { readonly webhook: { readonly clientConfig: object } };
  const wanted = {
    ...stanza,
    webhook: { ...stanza.webhook, clientConfig: { ...stanza.webhook.clientConfig, caBundle } },
  };
  if (isWithin(wanted, found.spec?.conversion)) return 'kept';
  return applied(client, DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: ofSameObject(found),
    spec: { conversion: wanted },
  });
}

/** The uid keeps an apply from making an object anew that was deleted in between. */
function ofSameObject({ metadata: { name, uid } }: KubeObject): KubeObject['metadata'] {
  return { name, ...(uid === undefined ? {} : { uid }) };
}

async function applied(client: KubeClient, type: ResourceType, object: KubeObject): Promise<Found> {
  try {
    await client.apply(type, object, { fieldManager: FIELD_MANAGER, force: true });
    return 'repaired';
  } catch (error) {
    if (isNotFound(error)) return 'missing';
    throw error;
  }
}

/** Everything that `wanted` says holds in `found`, which may say more. */
function isWithin(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(wanted, found);
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(wanted).every(([key, value]) => isWithin(value, (found as Record<string, unknown>)[key]));
}
