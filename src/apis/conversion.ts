import type { SourceNode } from '../diagnostics/index.ts';
import { editAt, isMapping, type NodeEdit, nodeOf, removeKey, renameKey, withChild, withValue } from './node-edit.ts';
import { API_VERSION, OLD_API_VERSION, type PipelineKind } from './resource.ts';
import { OLD_HTTP_TLS } from './v1alpha1.ts';

type ApiVersion = typeof API_VERSION | typeof OLD_API_VERSION;

const OTLP_INPUT = ['spec', 'input', 'otlp'] as const;
const HTTP_TLS = ['spec', 'output', 'http', 'tls'] as const;
const KINDS: readonly string[] = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] satisfies PipelineKind[];

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | null } | null;
  readonly spec?: unknown;
}

/** What the other version cannot say is kept here, as upstream keeps it. */
export const CONVERSION_DATA = 'telemetry.kyma-project.io/conversion-data';

/**
 * Converts a pipeline between v1alpha1 and v1beta1. Nothing is lost: where the other version has no words for something, the
 * whole spec stays in an annotation, and counts again on the way back unless the object was changed in between.
 * Anything but a pipeline gets the version and stays as it is.
 */
export function convertManifest(manifest: object, apiVersion: string): object {
  const from = manifest as Manifest;
  if (from.apiVersion === apiVersion) return manifest;
  if (!isApiVersion(apiVersion) || !isApiVersion(from.apiVersion) || !KINDS.includes(from.kind))
    return { ...manifest, apiVersion };
  const kept = keptSpec(from, apiVersion);
  const plain = renamed(kept === undefined ? from : withoutData(from), apiVersion);
  if (kept !== undefined && isSame(renamed({ ...from, apiVersion, spec: kept }, from.apiVersion).spec, from.spec))
    return { ...plain, spec: kept };
  const result = kept === undefined ? plain : withCompressionOf(kept, plain);
  return isSame(renamed(result, from.apiVersion).spec, from.spec) ? result : withData(result, from);
}

/** A document of v1alpha1 as v1beta1 has it; every part keeps the place and the key that were written. */
export function newerDocument(kind: PipelineKind, root: SourceNode): SourceNode {
  const steps: NodeEdit[] = [(node) => setVersion(node, API_VERSION)];
  if (kind !== 'TracePipeline') steps.push(at(OTLP_INPUT, renameKey('disabled', 'enabled', not)));
  if (kind === 'LogPipeline') {
    steps.push(
      at(['spec', 'input'], renameKey('application', 'runtime')),
      at(['spec', 'input', 'runtime'], newerNamespaces),
      ...Object.entries(OLD_HTTP_TLS).map(([newer, older]) => at(HTTP_TLS, renameKey(older, newer))),
    );
  }
  return steps.reduce((node, step) => step(node), root);
}

/** The way back; `output.otlp.compression` has no place there. */
function olderDocument(kind: PipelineKind, root: SourceNode): SourceNode {
  const steps: NodeEdit[] = [
    (node) => setVersion(node, OLD_API_VERSION),
    at(['spec', 'output', 'otlp'], removeKey('compression')),
  ];
  if (kind !== 'TracePipeline') steps.push(at(OTLP_INPUT, renameKey('enabled', 'disabled', not)));
  if (kind === 'LogPipeline') {
    steps.push(
      at(['spec', 'input', 'runtime', 'namespaces'], olderNamespaces),
      at(['spec', 'input'], renameKey('runtime', 'application')),
      ...Object.entries(OLD_HTTP_TLS).map(([newer, older]) => at(HTTP_TLS, renameKey(newer, older))),
    );
  }
  return steps.reduce((node, step) => step(node), root);
}

const at =
  (path: readonly string[], edit: NodeEdit): NodeEdit =>
  (root) =>
    editAt(root, path, edit);

function setVersion(node: SourceNode, apiVersion: ApiVersion): SourceNode {
  return editAt(node, ['apiVersion'], (version) => withValue(version, apiVersion));
}

function not(node: SourceNode): SourceNode {
  return typeof node.value === 'boolean' ? withValue(node, !node.value) : node;
}

/** v1alpha1 leaves the system namespaces out unless `system` is true; v1beta1 when there is no selector. */
function newerNamespaces(runtime: SourceNode): SourceNode {
  const namespaces = runtime.children?.get('namespaces');
  if (!namespaces || !isMapping(namespaces)) return runtime;
  const { system } = namespaces.value as { readonly system?: unknown };
  if (selectsNothing(namespaces.value) && system !== true) return removeKey('namespaces')(runtime);
  return withChild(runtime, 'namespaces', removeKey('system')(namespaces));
}

function olderNamespaces(namespaces: SourceNode): SourceNode {
  return selectsNothing(namespaces.value) && isMapping(namespaces)
    ? withValue(namespaces, { system: true })
    : namespaces;
}

function selectsNothing(selector: unknown): boolean {
  const { include, exclude } = selector as { readonly include?: unknown; readonly exclude?: unknown };
  return [include, exclude].every((names) => !Array.isArray(names) || names.length === 0);
}

function isApiVersion(text: string): text is ApiVersion {
  return text === API_VERSION || text === OLD_API_VERSION;
}

function renamed(manifest: Manifest, apiVersion: ApiVersion): Manifest {
  const convert = apiVersion === API_VERSION ? newerDocument : olderDocument;
  return convert(manifest.kind as PipelineKind, nodeOf(manifest)).value as Manifest;
}

/** The spec that an earlier conversion from `apiVersion` has left behind. */
function keptSpec({ metadata }: Manifest, apiVersion: ApiVersion): unknown {
  const text = metadata?.annotations?.[CONVERSION_DATA];
  if (typeof text !== 'string') return undefined;
  try {
    const kept = JSON.parse(text) as { readonly apiVersion?: unknown; readonly spec?: unknown } | null;
    // Upstream converts to v1beta1 only, and leaves the version out.
    return (kept?.apiVersion ?? OLD_API_VERSION) === apiVersion ? kept?.spec : undefined;
  } catch {
    return undefined;
  }
}

function withoutData(manifest: Manifest): Manifest {
  const { [CONVERSION_DATA]: _, ...annotations } = manifest.metadata?.annotations ?? {};
  const { annotations: __, ...metadata } = manifest.metadata ?? {};
  return {
    ...manifest,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
  };
}

function withData(manifest: Manifest, { apiVersion, kind, spec }: Manifest): Manifest {
  const annotations = {
    ...manifest.metadata?.annotations,
    [CONVERSION_DATA]: JSON.stringify({ apiVersion, kind, spec }),
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** The object was changed under its older version; what that version cannot say has not been. */
function withCompressionOf(kept: unknown, manifest: Manifest): Manifest {
  const compression = nodeOf({ spec: kept })
    .children?.get('spec')
    ?.children?.get('output')
    ?.children?.get('otlp')
    ?.children?.get('compression');
  if (manifest.apiVersion !== API_VERSION || compression === undefined) return manifest;
  const set: NodeEdit = (otlp) => (isMapping(otlp) ? withChild(otlp, 'compression', compression) : otlp);
  return editAt(nodeOf(manifest), ['spec', 'output', 'otlp'], set).value as Manifest;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === others.length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
