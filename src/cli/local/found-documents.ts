import { PIPELINE_KINDS, type PipelineKind } from '../../apis/index.ts';
import { type Issue, parseYamlDocuments, SourceDocument } from '../../diagnostics/index.ts';
import type { InputFile } from '../input-files.ts';

/** A document that says which pipeline it is, valid or not. */
export interface FoundDocument {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly file: string;
  readonly document: SourceDocument;
}

export interface FoundDocuments {
  /** In the order of the files. */
  readonly documents: readonly FoundDocument[];
  /** Files that hold something nobody can tell the name of. */
  readonly unreadable: ReadonlySet<string>;
}

/** Which pipelines the files are about, whatever else is wrong with them. */
export function findDocuments(files: readonly InputFile[]): FoundDocuments {
  const documents: FoundDocument[] = [];
  const unreadable = new Set<string>();
  for (const { file, text } of files) {
    const parsed = parseYamlDocuments(text, file);
    if (parsed.issues.length > 0) unreadable.add(file);
    for (const document of parsed.documents.flatMap(itemsOf)) {
      const identity = identityIn(document.value);
      if (identity === 'unknown') unreadable.add(file);
      else if (identity !== 'other') documents.push({ ...identity, file, document });
    }
  }
  return { documents, unreadable };
}

/** The document an issue is in. */
export function documentOf({ span }: Issue, documents: readonly FoundDocument[]): FoundDocument | undefined {
  if (span === undefined) return undefined;
  return documents.find(({ file, document: { root } }) => {
    return file === span.file && root.span.line <= span.line && span.line <= root.span.endLine;
  });
}

/** A list, as `kubectl get -o yaml` writes it, stands for its items. */
function itemsOf(document: SourceDocument): readonly SourceDocument[] {
  const { kind } = (document.value ?? {}) as { readonly kind?: unknown };
  const items = document.root.children?.get('items')?.children;
  if (typeof kind !== 'string' || !kind.endsWith('List') || items === undefined) return [document];
  return [...items.values()].map((node) => new SourceDocument(document.file, node));
}

function identityIn(value: unknown): { readonly kind: PipelineKind; readonly name: string } | 'other' | 'unknown' {
  const { apiVersion, kind, metadata } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const known = PIPELINE_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) return isOfOthers(apiVersion, kind) ? 'other' : 'unknown';
  const { name } = (metadata ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' && name !== '' ? { kind: known, name } : 'unknown';
}

const PIPELINE_GROUP = 'telemetry.kyma-project.io';

/** Resources that are no pipeline, such as a Deployment; not a pipeline whose kind has a typing error. */
function isOfOthers(apiVersion: unknown, kind: unknown): boolean {
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return false;
  return kind === 'LogParser' || (!apiVersion.startsWith(`${PIPELINE_GROUP}/`) && !/pipeline/i.test(kind));
}
