import { RESOURCE_KINDS, RESOURCES, type ResourceKind } from '../../apis/index.ts';
import { isConflict, isNotFound, type KubeClient, type KubeObject, type ResourceType } from '../../kube/index.ts';
import { typeOf } from './resource-types.ts';

export interface Definition extends KubeObject {
  readonly spec: {
    readonly conversion?: { readonly strategy: string; readonly webhook?: unknown };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

export const DEFINITION: ResourceType = typeOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition');

export function definitionName(kind: ResourceKind): string {
  const { plural, group } = RESOURCES[kind];
  return `${plural}.${group}`;
}

/** Objects of a kind as they are stored. */
export function storedType(kind: ResourceKind): ResourceType {
  const { group, plural, scope, versions } = RESOURCES[kind];
  return { group, version: Object.keys(versions)[0]!, kind, plural, namespaced: scope === 'Namespaced' };
}

/** It may hold objects in another version than the one that is stored now. */
export function isStoredInOlder({ spec, status }: Definition): boolean {
  const now = spec.versions.find(({ storage }) => storage)?.name;
  return (status?.storedVersions ?? []).some((version) => version !== now);
}

export interface Migrated {
  readonly kind: ResourceKind;
  readonly objects: number;
  /** Versions that nothing is stored in any more. */
  readonly from: readonly string[];
}

/**
 * Writes every object once in the version that is stored now, and takes older ones off the definition's list, so that a later
 * version may leave them out. Needs the operator where objects of an older version are there: it converts them.
 */
export async function migrateStorage(client: KubeClient): Promise<readonly Migrated[]> {
  const migrated: Migrated[] = [];
  for (const kind of RESOURCE_KINDS) {
    const ref = { name: definitionName(kind) };
    const definition = await client.get<Definition>(DEFINITION, ref);
    const type = storedType(kind);
    const from = (definition?.status?.storedVersions ?? []).filter((version) => version !== type.version);
    if (from.length === 0) continue;
    const { items } = await client.list(type);
    for (const object of items) await rewrite(client, type, object);
    await client.mergePatch(DEFINITION, ref, { status: { storedVersions: [type.version] } }, 'status');
    migrated.push({ kind, objects: items.length, from });
  }
  return migrated;
}

/** Whoever was faster has written it in the new version; what is gone needs no version. */
async function rewrite(client: KubeClient, type: ResourceType, object: KubeObject): Promise<void> {
  try {
    await client.update(type, object);
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}
