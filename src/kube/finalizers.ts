import type { KubeClient } from './client.ts';
import type { KubeObject, ResourceType } from './object.ts';

/** Adds a finalizer to this version of the object; an ApiError is a conflict where somebody was faster. */
export function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  object: T,
  finalizer: string,
): Promise<T> {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return Promise.resolve(object);
  return writeFinalizers(client, type, object, [...finalizers, finalizer]);
}

/** Takes a finalizer off this version of the object; an ApiError is a conflict where somebody was faster. */
export function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  object: T,
  finalizer: string,
): Promise<T> {
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(finalizer)) return Promise.resolve(object);
  return writeFinalizers(
    client,
    type,
    object,
    finalizers.filter((one) => one !== finalizer),
  );
}

function writeFinalizers<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  { metadata }: T,
  finalizers: readonly string[],
): Promise<T> {
  // The version in the patch makes it optimistic locking; without it two writers of the list would undo each other.
  return client.mergePatch<T>(type, metadata, { metadata: { finalizers, resourceVersion: metadata.resourceVersion } });
}
