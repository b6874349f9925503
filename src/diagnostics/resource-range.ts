import type { Issue, SourceSpan } from './issue.ts';
import { parseYamlDocuments } from './yaml.ts';

/** Where one resource stands in a file, so that findings can be told by resource. */
export interface ResourceRange {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly span: SourceSpan;
}

/** The documents of a text that say what they are, in its order; valid or not. */
export function resourceRanges({ file, text }: { readonly file: string; readonly text: string }): ResourceRange[] {
  return parseYamlDocuments(text, file).documents.flatMap(({ value, root }) => {
    const { kind, metadata } = (value ?? {}) as { readonly kind?: unknown; readonly metadata?: unknown };
    const { name } = (metadata ?? {}) as { readonly name?: unknown };
    if (typeof kind !== 'string') return [];
    return [{ file, kind, name: typeof name === 'string' ? name : '', span: root.span }];
  });
}

/** The resource that an issue is in. */
export function resourceAt(issue: Issue, ranges: readonly ResourceRange[]): ResourceRange | undefined {
  const { span } = issue;
  if (span === undefined) return undefined;
  return ranges.find(
    (range) => range.file === span.file && span.line >= range.span.line && span.line <= range.span.endLine,
  );
}
