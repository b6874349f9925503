import type { KubeClient, KubeObject } from '../../kube/index.ts';
import { INSTALLED_LABELS, type Manifest } from '../../render/index.ts';
import {
  type ChangedObject,
  changedObject,
  describeObject,
  FIELD_MANAGER,
  isOurs,
  selectorOf,
} from './installed-object.ts';
import { typeOfObject } from './resource-types.ts';
import { type Waiting, waitUntil } from './wait-until.ts';

export interface ApplyBundleOptions {
  readonly client: KubeClient;
  readonly dryRun: boolean;
  readonly waiting: Waiting;
  /** Called after each object. */
  tell(change: ChangedObject): void;
}

/** Applies an installation in its order. Rejects with the ApiError of the first object that is refused. */
export async function applyBundle(
  manifests: readonly Manifest[],
  options: ApplyBundleOptions,
): Promise<readonly ChangedObject[]> {
  const changes: ChangedObject[] = [];
  const created = new Set<string>();
  for (const manifest of manifests) {
    const change = await applyOne(manifest, options, created);
    changes.push(change);
    if (change.action === 'created') created.add(describeObject(manifest));
    options.tell(change);
  }
  return changes;
}

async function applyOne(
  manifest: Manifest,
  { client, dryRun, waiting }: ApplyBundleOptions,
  created: ReadonlySet<string>,
): Promise<ChangedObject> {
  const type = typeOfObject(manifest);
  const { namespace } = manifest.metadata;
  // A dry run makes no namespace, and the server knows no objects of one that is not there.
  const isHomeless = dryRun && created.has(`Namespace ${namespace}`);
  const isUndefinedKind =
    manifest.kind === 'Telemetry' &&
    dryRun &&
    created.has('CustomResourceDefinition telemetries.operator.kyma-project.io');
  if (isHomeless || isUndefinedKind) return changedObject('created', manifest);
  const before = await client.get(type, manifest.metadata);
  if (before !== undefined && manifest.kind === 'Telemetry') {
    return changedObject('unchanged', manifest, 'its settings are its users’');
  }
  if (before !== undefined && manifest.kind === 'Namespace' && !isOurs(before)) {
    return changedObject('unchanged', manifest, 'it was there before');
  }
  const after = await client.apply(type, manifest as KubeObject, { fieldManager: FIELD_MANAGER, dryRun });
  if (manifest.kind === 'CustomResourceDefinition' && !dryRun) await established(client, after, waiting);
  if (before === undefined) return changedObject('created', manifest);
  return changedObject(isSame(before, after, dryRun) ? 'unchanged' : 'configured', manifest);
}

function isSame(before: KubeObject, after: KubeObject, dryRun: boolean): boolean {
  if (!dryRun) return before.metadata.resourceVersion === after.metadata.resourceVersion;
  return content(before) === content(after);
}

/** Without what every write changes. */
function content(object: KubeObject): string {
  const {
    managedFields: _managers,
    resourceVersion: _version,
    generation: _generation,
    ...metadata
  } = object.metadata as unknown as Record<string, unknown>;
  return JSON.stringify({ ...object, metadata });
}

interface Definition extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** The API server serves a definition a moment after it took it. */
async function established(client: KubeClient, applied: KubeObject, waiting: Waiting): Promise<void> {
  await waitUntil(async () => {
    const { status } = (await client.get<Definition>(typeOfObject(applied), applied.metadata)) ?? {};
    // Null in the moment before the first condition.
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status: is }) => type === 'Established' && is === 'True')) return undefined;
    const refused = conditions.find(({ type, status: is }) => type === 'NamesAccepted' && is === 'False');
    return `${describeObject(applied)} is not served yet${refused?.message === undefined ? '' : `: ${refused.message}`}`;
  }, waiting);
}

/** Kinds of which an upgrade removes what older versions had. Definitions are never removed: every pipeline would go with them. */
const PRUNED = [
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
] as const;

/** Removes what carries the labels of an installation in this namespace or none, and is no longer part of it. */
export async function pruneBundle(
  manifests: readonly Manifest[],
  { client, dryRun, tell, namespace }: ApplyBundleOptions & { readonly namespace: string },
): Promise<readonly ChangedObject[]> {
  const wanted = new Set(manifests.map(describeObject));
  const changes: ChangedObject[] = [];
  for (const header of PRUNED) {
    const type = typeOfObject(header);
    const { items } = await client.list(type, {
      labelSelector: selectorOf(INSTALLED_LABELS),
      ...(type.namespaced ? { namespace } : {}),
    });
    for (const { metadata } of items) {
      const object = { ...header, metadata };
      if (wanted.has(describeObject(object))) continue;
      if (!dryRun) await client.delete(type, metadata, metadata.uid === undefined ? {} : { uid: metadata.uid });
      const change = changedObject('deleted', object, 'no longer part of the installation');
      changes.push(change);
      tell(change);
    }
  }
  return changes;
}
