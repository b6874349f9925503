import { RESOURCE_KINDS } from '../../apis/index.ts';
import { ApiError, isNotFound, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { OPERATOR, OPERATOR_LABELS, OWNER_LABELS } from '../../render/index.ts';
import { WEBHOOK_SECRET } from '../webhooks/webhook-options.ts';
import { removeFinalizers } from './finalizers.ts';
import { type ChangedObject, changedObject, selectorOf } from './installed-object.ts';
import { type OwnedObject, ownedObjects } from './owned-objects.ts';
import { typeOf } from './resource-types.ts';
import { DEFINITION, type Definition, definitionName, isStoredInOlder, migrateStorage } from './storage-migration.ts';
import { waitUntil } from './wait-until.ts';

export interface UninstallOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly dryRun: boolean;
  /** Remove volumes too, with what is in them and was not delivered. */
  readonly deleteBacklog: boolean;
  /** Another namespace has an installation, too: what belongs to no namespace is its, and stays as it is. */
  readonly othersStay: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  tell(change: ChangedObject): void;
}

export interface Uninstalled {
  readonly objects: readonly ChangedObject[];
  /** Groups of the API that did not answer: what is ours among them is still there. */
  readonly unanswered: readonly string[];
}

const DEPLOYMENT = typeOf('apps/v1', 'Deployment');
const POD = typeOf('v1', 'Pod');

/** After the end of a Pod's grace period, which its deletion timestamp is. */
const DEAD_NODE_MS = 15_000;

/** Definitions hold every pipeline, and the namespace the Telemetry: they stay. */
const KEPT = new Set(['CustomResourceDefinition', 'Namespace']);

const VOLUMES = 'PersistentVolumeClaim';

/** What programs in Pods make without our labels. */
const UNLABELLED = [
  { type: typeOf('coordination.k8s.io/v1', 'Lease'), names: [OPERATOR, 'telemetry-metric-agent-k8scluster'] },
  { type: typeOf('v1', 'Secret'), names: [WEBHOOK_SECRET] },
] as const;

/** Nothing else depends on these, and what they allow is needed until the Pods are gone. */
const LAST = ['Role', 'ClusterRole', 'ServiceAccount', 'PriorityClass'];

/**
 * Removes the installation and what it made: the operator first, as it would make everything again; then webhooks, which nobody
 * answers any more; then all that carries its labels. Resources, their definitions and the namespace stay, and are as usable as
 * without it: no finalizer holds them and no version needs a conversion.
 */
export async function uninstallCluster(options: UninstallOptions): Promise<Uninstalled> {
  const changes: ChangedObject[] = [];
  const report = (change: ChangedObject) => {
    changes.push(change);
    options.tell(change);
  };
  const { client, dryRun, othersStay } = options;
  if (!dryRun && !othersStay) await migrateWhileConverted(client);
  await removeOperator(options, report);
  const { objects, unanswered } = await ownedObjects(client, selectorOf(OWNER_LABELS));
  const ours = objects.filter(({ object }) => isOfThis(object, options));
  const going = ours.filter(({ type }) => !KEPT.has(type.kind) && type.kind !== VOLUMES);
  const webhooks = going.filter(({ type }) => type.group === 'admissionregistration.k8s.io');
  for (const one of webhooks) await remove(one, options, report);
  if (!othersStay) await resetConversions(options, report);
  if (!dryRun && !othersStay) for (const change of await removeFinalizers(client)) report(change);
  const rest = going.filter((one) => !webhooks.includes(one));
  for (const one of rest.sort((a, b) => rankOf(a) - rankOf(b))) await remove(one, options, report);
  for (const one of await unlabelled(options)) await remove(one, options, report);
  await volumes(ours, options, report);
  for (const { object } of ours.filter(({ type }) => KEPT.has(type.kind))) report(changedObject('kept', object));
  return { objects: changes, unanswered };
}

/** Once the operator is gone nobody converts what is stored in an older version. Where it is gone already, that stays as it is. */
async function migrateWhileConverted(client: KubeClient): Promise<void> {
  try {
    await migrateStorage(client);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

type Report = (change: ChangedObject) => void;

function rankOf({ type }: OwnedObject): number {
  return LAST.indexOf(type.kind) + 1;
}

/** Another installation's namespaced objects are not this one's. */
function isOfThis(
  { metadata }: KubeObject,
  { namespace, othersStay }: Pick<UninstallOptions, 'namespace' | 'othersStay'>,
): boolean {
  return metadata.namespace === undefined ? !othersStay : metadata.namespace === namespace;
}

async function removeOperator(
  { client, clock, namespace, dryRun, timeoutMs, signal }: UninstallOptions,
  report: Report,
) {
  const ref = { namespace, name: OPERATOR };
  const deployment = await client.get(DEPLOYMENT, ref);
  if (deployment !== undefined) report(changedObject('deleted', { ...deployment, kind: 'Deployment' }));
  if (dryRun) return;
  if (deployment !== undefined) await client.delete(DEPLOYMENT, ref);
  // Also where an earlier call has removed the Deployment and not waited: a Pod that still runs makes everything again.
  const selection = { namespace, labelSelector: selectorOf(OPERATOR_LABELS) };
  await waitUntil(
    async () => {
      const { items } = await client.list(POD, selection);
      const left = items.filter((pod) => !isOfDeadNode(pod, clock.nowMs()));
      if (left.length === 0) return undefined;
      return `${left.length} Pods of the operator are still there: ${left.map(({ metadata }) => metadata.name).join(', ')}`;
    },
    { clock, deadlineMs: clock.monotonicMs() + timeoutMs, ...(signal === undefined ? {} : { signal }) },
  );
}

/** Its kubelet would have removed it by then. Nobody knows whether it runs; without its permissions it writes nothing. */
function isOfDeadNode({ metadata: { deletionTimestamp } }: KubeObject, nowMs: number): boolean {
  return deletionTimestamp !== undefined && nowMs - Date.parse(deletionTimestamp) > DEAD_NODE_MS;
}

async function remove(
  { type, object }: OwnedObject,
  { client, dryRun }: UninstallOptions,
  report: Report,
): Promise<void> {
  const { metadata } = object;
  if (type.kind === 'Deployment' && metadata.name === OPERATOR) return;
  const removed =
    dryRun || (await client.delete(type, metadata, metadata.uid === undefined ? {} : { uid: metadata.uid }));
  if (removed) report(changedObject('deleted', { kind: type.kind, metadata }));
}

const STILL_CONVERTED =
  'objects are stored in an older version, which only the operator converts: install again, then uninstall';

/** Without the operator nobody converts: versions are taken for the same, and what is stored in the current one is read as it is. */
async function resetConversions({ client, dryRun }: UninstallOptions, report: Report): Promise<void> {
  for (const kind of RESOURCE_KINDS) {
    const ref = { name: definitionName(kind) };
    const definition = await client.get<Definition>(DEFINITION, ref);
    if (definition?.spec.conversion?.strategy !== 'Webhook') continue;
    if (isStoredInOlder(definition)) {
      report(changedObject('kept', { kind: 'CustomResourceDefinition', metadata: ref }, STILL_CONVERTED));
      continue;
    }
    if (!dryRun) {
      await client.mergePatch(DEFINITION, ref, { spec: { conversion: { strategy: 'None', webhook: null } } });
    }
    report(changedObject('configured', { kind: 'CustomResourceDefinition', metadata: ref }, 'conversion switched off'));
  }
}

async function unlabelled({ client, namespace }: UninstallOptions): Promise<readonly OwnedObject[]> {
  const found = await Promise.all(
    UNLABELLED.flatMap(({ type, names }) =>
      names.map(async (name) => ({ type, object: await client.get(type, { namespace, name }) })),
    ),
  );
  return found.filter(
    (one): one is { type: ResourceType; object: KubeObject } & (typeof found)[number] => one.object !== undefined,
  );
}

async function volumes(ours: readonly OwnedObject[], options: UninstallOptions, report: Report): Promise<void> {
  for (const one of ours.filter(({ type }) => type.kind === VOLUMES)) {
    if (options.deleteBacklog) await removeVolume(one, options, report);
    else
      report(
        changedObject('kept', { kind: VOLUMES, metadata: one.object.metadata }, 'may hold data that was not delivered'),
      );
  }
}

async function removeVolume(one: OwnedObject, options: UninstallOptions, report: Report): Promise<void> {
  try {
    await remove(one, options, report);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
