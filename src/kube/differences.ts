/** A place where an object is not as desired. */
export interface Difference {
  /** `spec.template.spec.containers[name=collector].image`. */
  readonly path: string;
  /** What is there; undefined for nothing. */
  readonly actual: unknown;
}

/**
 * Where `actual` lacks something of `desired`, or has something else. What `actual` has beyond that is no difference: defaults of
 * the server, and fields of others. Lists are compared as server-side apply merges them: those with keys by key, and others may add
 * to them; all else is ours as a whole.
 */
export function differences(desired: unknown, actual: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare(desired, actual, '', found);
  return found;
}

function compare(desired: unknown, actual: unknown, path: string, found: Difference[]): void {
  if (desired === actual) return;
  if (Array.isArray(desired)) {
    compareLists(desired, actual ?? [], path, found);
  } else if (isObject(desired)) {
    // `emptyDir: {}` says something; an empty map of a parent that is there says nothing.
    if (!isObject(actual)) {
      if (Object.keys(desired).length > 0 || actual !== undefined) found.push({ path, actual });
      return;
    }
    for (const [key, value] of Object.entries(desired)) {
      compare(value, actual[key], path === '' ? key : `${path}.${key}`, found);
    }
  } else if (!(isZero(desired) && actual === undefined)) {
    found.push({ path, actual });
  }
}

function compareLists(desired: readonly unknown[], actual: unknown, path: string, found: Difference[]): void {
  const key = MAP_LISTS.find(({ place }) => place.test(path))?.key;
  if (!Array.isArray(actual)) {
    found.push({ path, actual });
  } else if (key !== undefined) {
    const known = new Map(actual.map((item) => [key(item), item]));
    for (const item of desired) compare(item, known.get(key(item)), `${path}[${key(item)}]`, found);
  } else if (actual.length !== desired.length) {
    found.push({ path, actual });
  } else {
    for (const [i, item] of desired.entries()) compare(item, actual[i], `${path}[${i}]`, found);
  }
}

type Item = Readonly<Record<string, unknown>>;

const by =
  (...fields: readonly string[]) =>
  (item: unknown) =>
    fields.map((field) => `${field}=${(item as Item)[field] ?? ''}`).join(',');
const portKey = (field: string) => (item: unknown) =>
  `${field}=${(item as Item)[field] ?? ''},protocol=${(item as Item)['protocol'] ?? 'TCP'}`;

const CONTAINER = String.raw`\.(?:containers|initContainers)\[[^\]]*\]`;

/** Lists with keys, by their place. Source: `x-kubernetes-list-map-keys` in the OpenAPI document of Kubernetes 1.35. */
const MAP_LISTS: readonly { readonly place: RegExp; readonly key: (item: unknown) => string }[] = [
  { place: /\.(?:containers|initContainers|volumes|imagePullSecrets|resourceClaims)$/, key: by('name') },
  { place: new RegExp(`${CONTAINER}\\.env$`), key: by('name') },
  { place: new RegExp(`${CONTAINER}\\.volumeMounts$`), key: by('mountPath') },
  { place: new RegExp(`${CONTAINER}\\.volumeDevices$`), key: by('devicePath') },
  { place: new RegExp(`${CONTAINER}\\.ports$`), key: portKey('containerPort') },
  { place: /\.hostAliases$/, key: by('ip') },
  { place: /\.topologySpreadConstraints$/, key: by('topologyKey', 'whenUnsatisfiable') },
  { place: /^spec\.ports$/, key: portKey('port') },
  { place: /^(?:webhooks|secrets|imagePullSecrets)$/, key: by('name') },
  { place: /^metadata\.ownerReferences$/, key: by('uid') },
  { place: /^metadata\.finalizers$/, key: String },
];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What Go's types leave out when they write JSON. */
function isZero(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === 0 || value === '';
}
