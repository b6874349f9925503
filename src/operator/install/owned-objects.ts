import { RESOURCES } from '../../apis/index.ts';
import { type ApiError, isNotFound, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

interface GroupList {
  readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly version: string } }[];
}

export interface OwnedObject {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

export interface OwnedObjects {
  readonly objects: readonly OwnedObject[];
  /** Groups of the API that did not answer, so that nobody knows what of them is there. */
  readonly unanswered: readonly string[];
}

/**
 * Every object that carries these labels, of whatever kind the cluster serves and lets be listed and deleted. What has a
 * controller is left to the garbage collector, which removes it with its owner.
 */
export async function ownedObjects(client: KubeClient, labelSelector: string): Promise<OwnedObjects> {
  const { types, unanswered } = await deletableTypes(client);
  const found = await Promise.all(
    types.map(async (type) =>
      (await listOrNone(client, type, labelSelector)).map((item) => ({
        type,
        object: {
          ...item,
          apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
          kind: type.kind,
        },
      })),
    ),
  );
  const objects = found
    .flat()
    .filter(({ object }) => !(object.metadata.ownerReferences ?? []).some(({ controller }) => controller === true));
  return { objects, unanswered };
}

/** One way to each object: events are listed once, in their core group. Custom resources are their users'. */
const SKIPPED = new Set(['events.k8s.io', ...Object.values(RESOURCES).map(({ group }) => group)]);

async function deletableTypes(client: KubeClient) {
  const { groups } = (await client.raw('/apis')) as GroupList;
  const unanswered: string[] = [];
  const lists = await Promise.all([
    resourcesAt(client, { path: '/api/v1', group: '', version: 'v1' }),
    ...groups
      .filter(({ name }) => !SKIPPED.has(name))
      .map(async ({ name, preferredVersion: { version } }) => {
        try {
          return await resourcesAt(client, { path: `/apis/${name}/${version}`, group: name, version });
        } catch (error) {
          // An extension of the API whose server is away; the others are not its hostages.
          if ((error as ApiError).status === undefined) throw error;
          unanswered.push(name);
          return [];
        }
      }),
  ]);
  return { types: lists.flat(), unanswered };
}

async function resourcesAt(
  client: KubeClient,
  { path, group, version }: { readonly path: string; readonly group: string; readonly version: string },
): Promise<readonly ResourceType[]> {
  const { resources = [] } = (await client.raw(path)) as ResourceList;
  return resources
    .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list') && verbs.includes('delete'))
    .map(({ name, kind, namespaced }) => ({ group, version, kind, plural: name, namespaced }));
}

async function listOrNone(
  client: KubeClient,
  type: ResourceType,
  labelSelector: string,
): Promise<readonly KubeObject[]> {
  try {
    return (await client.list(type, { labelSelector })).items;
  } catch (error) {
    // The kind went away between the two questions.
    if (isNotFound(error)) return [];
    throw error;
  }
}
