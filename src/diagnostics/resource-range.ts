import type { Issue, SourceSpan } from './issue.ts';
import type { SourceNode } from './source-document.ts';
import { parseYamlDocuments } from './yaml.ts';

/** Where one resource stands in a file, so that findings can be told by resource. */
export interface ResourceRange {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly span: SourceSpan;
}

/** The resources of a text that say what they are, in its order, valid or not; a list stands for its items. */
export function resourceRanges({ file, text }: { readonly file: string; readonly text: string }): ResourceRange[] {
  return parseYamlDocuments(text, file)
    .documents.flatMap(({ root }) => itemsOf(root))
    .flatMap(({ value, span }) => {
      const { kind, metadata } = (value ?? {}) as { readonly kind?: unknown; readonly metadata?: unknown };
      const { name } = (metadata ?? {}) as { readonly name?: unknown };
      return typeof kind === 'string' ? [{ file, kind, name: typeof name === 'string' ? name : '', span }] : [];
    });
}

function itemsOf(root: SourceNode): readonly SourceNode[] {
  const { kind } = (root.value ?? {}) as { readonly kind?: unknown };
  const items = root.children?.get('items')?.children;
  return typeof kind === 'string' && kind.endsWith('List') && items !== undefined ? [...items.values()] : [root];
}

/** The resource that an issue is in. */
export function resourceAt(issue: Issue, ranges: readonly ResourceRange[]): ResourceRange | undefined {
  const { span } = issue;
  if (span === undefined) return undefined;
  return ranges.find(
    (range) => range.file === span.file && span.line >= range.span.line && span.line <= range.span.endLine,
  );
}
