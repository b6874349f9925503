import { RESOURCE_KINDS } from '../../apis/index.ts';
import { isNotFound, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { OPERATOR } from '../../render/index.ts';
import { MUTATING_CONFIGURATION, VALIDATING_CONFIGURATION } from '../webhooks/webhook-options.ts';
import { VERSION_ANNOTATION } from './install-bundle.ts';
import { helmRelease, isOurs } from './installed-object.ts';
import { typeOf } from './resource-types.ts';
import { DEFINITION, type Definition, definitionName } from './storage-migration.ts';

/** What else of telemetry a cluster has. */
export interface OtherInstallations {
  /** Upstream's manager. It writes the same objects. */
  readonly managers: readonly KubeObject[];
  /** Kyma resources that ask for the module: their controller brings the manager back. */
  readonly modules: readonly KubeObject[];
  /** The Helm release that our operator belongs to. */
  readonly release: { readonly name: string; readonly namespace: string } | undefined;
  /** Our operator is in this namespace. */
  readonly isHere: boolean;
  /** Our operator in other namespaces. */
  readonly elsewhere: readonly KubeObject[];
  /** Definitions that are not of Sluice. */
  readonly definitions: readonly Definition[];
  /** Webhook configurations of upstream, or what is left of them. */
  readonly webhooks: readonly KubeObject[];
  /** Workloads that upstream's manager made. */
  readonly workloads: readonly KubeObject[];
}

const MANAGER = 'telemetry-manager';
const KYMA_VERSIONS = ['v1beta2', 'v1beta1'] as const;

/** On what upstream's manager makes. */
export const UPSTREAM_SELECTOR = 'app.kubernetes.io/part-of=telemetry,app.kubernetes.io/managed-by=telemetry-manager';

const DEPLOYMENT = typeOf('apps/v1', 'Deployment');
const WORKLOADS = [DEPLOYMENT, typeOf('apps/v1', 'DaemonSet'), typeOf('apps/v1', 'StatefulSet')];

const WEBHOOKS = [
  {
    type: typeOf('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
    names: [VALIDATING_CONFIGURATION, 'validation.webhook.telemetry.kyma-project.io'],
  },
  { type: typeOf('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'), names: [MUTATING_CONFIGURATION] },
];

export async function findOtherInstallations(client: KubeClient, namespace: string): Promise<OtherInstallations> {
  const operators = (await client.list(DEPLOYMENT, { fieldSelector: `metadata.name=${OPERATOR}` })).items;
  const managers = (await client.list(DEPLOYMENT, { fieldSelector: `metadata.name=${MANAGER}` })).items;
  const ours = operators.find(({ metadata }) => metadata.namespace === namespace);
  const release = ours === undefined ? undefined : helmRelease(ours);
  const workloads = await Promise.all(
    WORKLOADS.map(async (type) =>
      (await client.list(type, { labelSelector: UPSTREAM_SELECTOR })).items.map((item) => withHeader(item, type)),
    ),
  );
  return {
    managers: managers.map((manager) => withHeader(manager, DEPLOYMENT)),
    modules: await kymaModules(client),
    release: release === undefined ? undefined : { name: release, namespace },
    isHere: ours !== undefined,
    elsewhere: operators.filter((operator) => operator !== ours).map((one) => withHeader(one, DEPLOYMENT)),
    definitions: await foreignDefinitions(client),
    webhooks: await foreignWebhooks(client),
    workloads: workloads.flat(),
  };
}

/** Items of a list have no header of their own. */
function withHeader(
  object: KubeObject,
  { group, version, kind }: { group: string; version: string; kind: string },
): KubeObject {
  return { ...object, apiVersion: group === '' ? version : `${group}/${version}`, kind };
}

async function foreignDefinitions(client: KubeClient): Promise<readonly Definition[]> {
  const found = await Promise.all(
    RESOURCE_KINDS.map((kind) => client.get<Definition>(DEFINITION, { name: definitionName(kind) })),
  );
  return found
    .filter((one) => one !== undefined)
    .filter(({ metadata }) => metadata.annotations?.[VERSION_ANNOTATION] === undefined);
}

async function foreignWebhooks(client: KubeClient): Promise<readonly KubeObject[]> {
  const found = await Promise.all(
    WEBHOOKS.flatMap(({ type, names }) => names.map((name) => client.get(type, { name }))),
  );
  return found
    .filter((one) => one !== undefined)
    .filter((webhook) => !isOurs(webhook) && helmRelease(webhook) === undefined);
}

interface Kyma extends KubeObject {
  readonly spec?: { readonly modules?: readonly { readonly name: string }[] };
}

async function kymaModules(client: KubeClient): Promise<readonly KubeObject[]> {
  for (const version of KYMA_VERSIONS) {
    const type = typeOf(`operator.kyma-project.io/${version}`, 'Kyma');
    try {
      const { items } = await client.list<Kyma>(type);
      return items
        .filter(({ spec }) => spec?.modules?.some(({ name }) => name === 'telemetry'))
        .map((item) => withHeader(item, type));
    } catch (error) {
      // A cluster without Kyma serves no such kind.
      if (!isNotFound(error)) throw error;
    }
  }
  return [];
}
