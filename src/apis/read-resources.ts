import {
  checkSchema,
  type Issue,
  type Path,
  parseYamlDocuments,
  SourceDocument,
  type SourceFile,
} from '../diagnostics/index.ts';
import { type Manifest, withDefaults } from './defaults.ts';
import { identify } from './identify.ts';
import { manifestSchema } from './kinds.ts';
import { laterIssues } from './later.ts';
import { maskedPlaces } from './masked-places.ts';
import type { PipelineKind, PipelineResource } from './resource.ts';
import { checkRules } from './rules.ts';

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

/** A valid resource with its defaults, and the document it was written in. */
export interface LoadedResource {
  readonly resource: PipelineResource;
  readonly document: SourceDocument;
}

export interface ReadResources {
  /** In the order of the files and of the documents in them. What has an error is left out; the rest stay. */
  readonly resources: readonly LoadedResource[];
  /** In the order of the files. */
  readonly issues: readonly Issue[];
  /** The files with the places that must not be printed: pass these to renderHuman. */
  readonly sources: readonly SourceFile[];
  /** Every pipeline resource found, the invalid ones included. */
  readonly resourceCount: number;
}

/** parse → validate → default, for all files at once: two resources of one kind must not share a name. */
export function readResources(files: readonly TextFile[]): ReadResources {
  const read: ReadResources = { resources: [], issues: [], sources: [], resourceCount: 0 };
  return files.reduce((before, file) => appendFile(before, file), read);
}

function appendFile(before: ReadResources, { file, text }: TextFile): ReadResources {
  const parsed = parseYamlDocuments(text, file);
  const documents = parsed.documents.flatMap(itemsOf);
  const resources: LoadedResource[] = [...before.resources];
  const issues: Issue[] = [...parsed.issues];
  let { resourceCount } = before;
  for (const document of documents) {
    const kind = identify(document);
    if (typeof kind !== 'string') {
      issues.push(kind);
      continue;
    }
    resourceCount++;
    const found = checkManifest(kind, document);
    issues.push(...found);
    if (found.some((issue) => issue.severity === 'error')) continue;
    const loaded = { resource: withDefaults(withoutNulls(document.value) as Manifest), document };
    const twin = resources.find((other) => isSame(other.resource, loaded.resource));
    if (twin) issues.push(duplicateIssue(loaded, twin));
    else resources.push(loaded);
  }
  const sensitive = maskedPlaces({ file, text }, documents, parsed.issues);
  return {
    resources,
    issues: [...before.issues, ...issues],
    sources: [...before.sources, { file, text, sensitive }],
    resourceCount,
  };
}

/** A list, as `kubectl get -o yaml` writes it, stands for its items; any other document for itself. */
function itemsOf(document: SourceDocument): readonly SourceDocument[] {
  const { kind, items } = (document.value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  const nodes = document.root.children?.get('items')?.children;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items) || !nodes) return [document];
  return [...nodes.values()].map((node) => new SourceDocument(document.file, node));
}

/** Everything wrong with one manifest. What is inside a field that is refused as a whole is not judged. */
function checkManifest(kind: PipelineKind, document: SourceDocument): readonly Issue[] {
  const later = laterIssues(kind, document);
  const bySchema = outside(checkSchema(document.value, manifestSchema(kind), { document }), later);
  return [...bySchema, ...later, ...outside(checkRules(kind, document), [...bySchema, ...later])];
}

/** The issues that are not about something which others already refuse. */
function outside(issues: readonly Issue[], others: readonly Issue[]): readonly Issue[] {
  return issues.filter(({ path = [] }) => !others.some((other) => isPrefix(other.path ?? [], path)));
}

function isPrefix(start: Path, path: Path): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}

function isSame(a: PipelineResource, b: PipelineResource): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name;
}

function duplicateIssue({ resource, document }: LoadedResource, first: LoadedResource): Issue {
  const path = ['metadata', 'name'];
  const firstSpan = first.document.spanOf(path);
  return {
    code: 'SL0403',
    severity: 'error',
    message: `${resource.kind} \`${resource.metadata.name}\` is defined twice`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'the second one is left out',
    ...(firstSpan ? { related: [{ span: firstSpan, label: 'first defined here' }] } : {}),
    help: 'rename or remove one of the two',
  };
}

/** Kubernetes drops fields without a value before it fills in defaults. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}
