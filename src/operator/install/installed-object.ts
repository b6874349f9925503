import type { KubeObject } from '../../kube/index.ts';
import { type Manifest, OWNER_LABELS } from '../../render/index.ts';

/** Who owns the fields of an installation. */
export const FIELD_MANAGER = 'sluice-install';

/** `app.kubernetes.io/part-of=telemetry,app.kubernetes.io/managed-by=sluice` */
export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** It carries the labels of what is Sluice's. */
export function isOurs({ metadata: { labels = {} } }: KubeObject): boolean {
  return Object.entries(OWNER_LABELS).every(([key, value]) => labels[key] === value);
}

/** Helm puts its own label in place of ours, and its release beside it; undefined where it is none of Helm's. */
export function helmRelease({ metadata: { annotations = {} } }: KubeObject): string | undefined {
  return annotations['meta.helm.sh/release-name'];
}

/** `Deployment kyma-system/telemetry-operator` */
export function describeObject({ kind, metadata }: Pick<KubeObject | Manifest, 'kind' | 'metadata'>): string {
  const { namespace, name } = metadata;
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** What became of one object. */
export interface ChangedObject {
  readonly action: 'created' | 'configured' | 'unchanged' | 'deleted' | 'kept';
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** Why, where that is not obvious. */
  readonly reason?: string;
}

export function changedObject(
  action: ChangedObject['action'],
  { kind, metadata: { name, namespace } }: Pick<KubeObject | Manifest, 'kind' | 'metadata'>,
  reason?: string,
): ChangedObject {
  return {
    action,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(reason === undefined ? {} : { reason }),
  };
}
