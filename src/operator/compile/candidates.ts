import type { ResourceKind } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import type { SecretView } from './cluster-snapshot.ts';
import { hasErrors, secretVersions } from './evaluate.ts';
import type { KeptGeneration, KeptResource, KeptResources } from './kept-resource.ts';
import { writtenManifest } from './written-manifest.ts';

/** A custom resource as it is now, and what is remembered of it. */
export interface KnownResource {
  readonly object: KubeObject;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly id: string;
  readonly present: KeptGeneration;
  readonly kept: KeptResource | undefined;
}

export function knownResource(object: KubeObject, kept: KeptResources): KnownResource {
  const manifest = writtenManifest(object);
  const { name, generation = 0, uid } = object.metadata;
  const id = identityOf({ kind: manifest.kind, name });
  const remembered = kept.get(id);
  return {
    object,
    kind: manifest.kind,
    name,
    id,
    present: { generation, manifest },
    kept: remembered?.uid === uid ? remembered : undefined,
  };
}

/** The order in which resources get their place: that of their creation, so that a new one displaces none. */
export function byCreation(a: KnownResource, b: KnownResource): number {
  const [one, other] = [a, b].map(({ object }) => object.metadata.creationTimestamp ?? '');
  if (one !== other) return one! < other! ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** A generation of a resource, and what it comes to. */
export interface Choice<E> {
  readonly generation: KeptGeneration;
  readonly evaluated: E;
}

export interface Chosen<E> {
  /** The newest generation that can run; absent: none can. */
  readonly choice?: Choice<E>;
  /** Of the present generation. */
  readonly present: E;
  /** The present generation made collectors crash, so it is not tried again. */
  readonly crashed: boolean;
}

/** The present generation if it can run, else the newest remembered one that can. */
export function choose<E extends { readonly issues: readonly Issue[] }>(
  { present, kept }: KnownResource,
  evaluate: (generation: KeptGeneration) => E,
  secrets: SecretView,
): Chosen<E> {
  const evaluated = evaluate(present);
  const { crashed } = kept ?? {};
  const mayRun = (candidate: KeptGeneration) =>
    crashed === undefined ||
    candidate.generation !== crashed.generation ||
    secretVersions(candidate.manifest, secrets) !== crashed.secrets;
  const result = { present: evaluated, crashed: !mayRun(present) };
  if (mayRun(present) && !hasErrors(evaluated.issues)) {
    return { ...result, choice: { generation: present, evaluated } };
  }
  for (const generation of earlier(present, kept)) {
    if (!mayRun(generation)) continue;
    const older = evaluate(generation);
    if (!hasErrors(older.issues)) return { ...result, choice: { generation, evaluated: older } };
  }
  return result;
}

/** What is remembered beside the present generation, newest first. */
function earlier(present: KeptGeneration, kept: KeptResource | undefined): readonly KeptGeneration[] {
  const remembered = [kept?.valid, kept?.proven].flatMap((one) => one ?? []);
  return remembered
    .filter(({ generation }) => generation < present.generation)
    .sort((a, b) => b.generation - a.generation);
}
