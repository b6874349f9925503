import { apiVersionOf, type ObjectRef, type ResourceType } from './object.ts';

/** `/apis/apps/v1/namespaces/shop/deployments`; without a namespace those of all. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const base = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${scope}/${type.plural}`;
}

/** Throws where a namespaced object has no namespace: the API has no such path. */
export function objectPath(type: ResourceType, { namespace, name }: ObjectRef, subresource?: string): string {
  if (type.namespaced && namespace === undefined) throw new Error(`${type.kind} ${name} has no namespace`);
  const tail = subresource === undefined ? '' : `/${subresource}`;
  return `${collectionPath(type, namespace)}/${encodeURIComponent(name)}${tail}`;
}

/** `?a=1&b=2`, without what is undefined. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
