import { isNotFound, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';
import { CONVERTED_DEFINITIONS, clientConfig, conversionStanza } from './webhook-manifests.ts';
import { MUTATING_CONFIGURATION, VALIDATING_CONFIGURATION, type WebhookAddress } from './webhook-options.ts';

/** Owns the CA and the conversion, and nothing else of the objects that the installation brings. */
export const FIELD_MANAGER = 'telemetry-operator-webhooks';

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

interface ClientConfig {
  readonly caBundle?: string;
  readonly service?: { readonly path?: string };
  readonly url?: string;
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: ClientConfig }[];
}

interface Definition extends KubeObject {
  readonly spec?: { readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } } };
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
  options: TrustOptions,
  type: ResourceType,
  name: string,
  caBundle: string,
): Promise<Found> {
  const { client } = options;
  const found = await client.get<WebhookConfiguration>(type, { name });
  if (found === undefined) return 'missing';
  const wanted = (found.webhooks ?? []).map((webhook) => {
    return { name: webhook.name, clientConfig: { ...addressOf(options, webhook.clientConfig), caBundle } };
  });
  if (isWithin(wanted, found.webhooks ?? [])) return 'kept';
  if (!found.webhooks?.some(({ clientConfig }) => isElsewhere(options, clientConfig)))
    return applied(client, type, { ...ofSameObject(found), webhooks: wanted });
  // An address of another sort must go, which no apply of one manager can do to the fields of another.
  const webhooks = (found.webhooks ?? []).map((webhook, index) => ({ ...webhook, ...wanted[index] }));
  return replaced(() => client.update(type, { ...found, webhooks }));
}

/** Objects of the older version cannot be read without the whole stanza; a CRD from elsewhere may come without. */
async function trustInDefinition(options: TrustOptions, name: string, caBundle: string): Promise<Found> {
  const { client } = options;
  const found = await client.get<Definition>(DEFINITIONS, { name });
  if (found === undefined) return 'missing';
  const stanza = conversionStanza(options) as { readonly webhook: { readonly clientConfig: object } };
  const trusted = { ...stanza.webhook.clientConfig, caBundle };
  const conversion = { ...stanza, webhook: { ...stanza.webhook, clientConfig: trusted } };
  if (isWithin(conversion, found.spec?.conversion)) return 'kept';
  if (!isElsewhere(options, found.spec?.conversion?.webhook?.clientConfig))
    return applied(client, DEFINITIONS, { ...ofSameObject(found), spec: { conversion } });
  return replaced(() => client.update(DEFINITIONS, { ...found, spec: { ...found.spec, conversion } }));
}

/** A Service where a URL is wanted, or the other way round. */
function isElsewhere({ url }: TrustOptions, found: ClientConfig = {}): boolean {
  return url === undefined ? found.url !== undefined : found.service !== undefined;
}

/** The way to the webhooks is the installation's, unless it is of another sort. */
function addressOf(options: TrustOptions, found: ClientConfig = {}): object {
  if (options.url === undefined && found.url === undefined) return {};
  return clientConfig(options, found.service?.path ?? new URL(found.url ?? '').pathname);
}

/** The uid keeps an apply from making an object anew that was deleted in between. */
function ofSameObject({ apiVersion, kind, metadata: { name, uid } }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(uid === undefined ? {} : { uid }) } };
}

function applied(client: KubeClient, type: ResourceType, object: KubeObject): Promise<Found> {
  return replaced(() => client.apply(type, object, { fieldManager: FIELD_MANAGER, force: true }));
}

async function replaced(write: () => Promise<unknown>): Promise<Found> {
  try {
    await write();
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
