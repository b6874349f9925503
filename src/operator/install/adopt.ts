import type { KubeClient } from '../../kube/index.ts';
import { type ChangedObject, changedObject, helmRelease, isOurs } from './installed-object.ts';
import { findOtherInstallations, UPSTREAM_SELECTOR } from './other-installations.ts';
import { ownedObjects } from './owned-objects.ts';
import { typeOfObject } from './resource-types.ts';

export interface AdoptOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly dryRun: boolean;
  /** Called after each object. */
  tell(change: ChangedObject): void;
}

/**
 * Removes what upstream's manager left, so that ours can take its place: webhook configurations that lead nowhere would refuse
 * every change, and workloads of the same names cannot be changed into ours, as their selectors are for ever. Definitions stay,
 * and every resource with them: ours are applied over them.
 */
export async function removeForeign({
  client,
  namespace,
  dryRun,
  tell,
}: AdoptOptions): Promise<readonly ChangedObject[]> {
  const { webhooks } = await findOtherInstallations(client, namespace);
  const { objects } = await ownedObjects(client, UPSTREAM_SELECTOR);
  const made = objects.filter(
    ({ object, type }) =>
      type.kind !== 'CustomResourceDefinition' && !isOurs(object) && helmRelease(object) === undefined,
  );
  const changes: ChangedObject[] = [];
  for (const { object, type } of [
    ...webhooks.map((webhook) => ({ object: webhook, type: typeOfObject(webhook) })),
    ...made,
  ]) {
    const { metadata } = object;
    if (!dryRun) await client.delete(type, metadata, metadata.uid === undefined ? {} : { uid: metadata.uid });
    const change = changedObject('deleted', object, 'of another installation');
    changes.push(change);
    tell(change);
  }
  return changes;
}
