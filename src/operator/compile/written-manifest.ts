import { RESOURCES, type ResourceKind } from '../../apis/index.ts';
import type { KubeObject } from '../../kube/index.ts';

/** What of a custom resource decides what runs: the rest is the API server's, or the operator's own. */
export interface WrittenManifest {
  readonly apiVersion: string;
  readonly kind: ResourceKind;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

/** Annotations that decide something, by kind. */
const MEANINGFUL_ANNOTATIONS: Partial<Record<ResourceKind, readonly string[]>> = {
  Telemetry: ['telemetry.kyma-project.io/service-enrichment'],
};

export function writtenManifest(object: KubeObject): WrittenManifest {
  const kind = object.kind as ResourceKind;
  const { name, annotations = {} } = object.metadata;
  const meaningful = (MEANINGFUL_ANNOTATIONS[kind] ?? []).filter((key) => annotations[key] !== undefined);
  const kept = Object.fromEntries(meaningful.map((key) => [key, annotations[key]!]));
  return {
    apiVersion: object.apiVersion,
    kind,
    metadata: { name, ...(meaningful.length === 0 ? {} : { annotations: kept }) },
    ...(object['spec'] === undefined ? {} : { spec: object['spec'] }),
  };
}

/** The custom resource as the readers of files take it. */
export function manifestFile(manifest: WrittenManifest): { readonly file: string; readonly text: string } {
  return { file: `${manifest.kind}/${manifest.metadata.name}`, text: JSON.stringify(manifest) };
}

export function isResourceKind(kind: string): kind is ResourceKind {
  return Object.hasOwn(RESOURCES, kind);
}
