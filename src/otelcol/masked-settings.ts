import {
  holdsCredentials,
  type SourceDocument,
  type SourceFile,
  type SourceNode,
  type SourceSpan,
  sensitiveComments,
  sensitiveSpansOfText,
} from '../diagnostics/index.ts';

/** Components and settings with secrets somewhere below them, misspelt ones included as far as a name tells. */
const TELLING =
  /pass|pasw|secret|token|auth(?!ority$)|credential|private|head[ea]?r|hedaer|bearer|cookie|api.?key|key_?pem|params|inline/i;

/** What names a component, and which kind of check: no secret. */
const NAMING = /^(authenticator|auth_type)$/;

/** Where secrets may stand in a Collector configuration. `document` is absent where the text is not YAML. */
export function maskedSettings({ file, text }: SourceFile, document: SourceDocument | undefined): SourceSpan[] {
  const spans = sensitiveComments(text, file);
  if (document === undefined) return [...spans, ...sensitiveSpansOfText(text, file)];
  visit(document.root, spans, false);
  return spans;
}

function visit(node: SourceNode, spans: SourceSpan[], isSecret: boolean): void {
  for (const [key, child] of node.children ?? []) {
    const name = String(key);
    visit(child, spans, !NAMING.test(name) && (isSecret || (typeof key === 'string' && TELLING.test(name))));
  }
  if (node.children === undefined && (isSecret || holdsCredentials(node.value))) {
    spans.push(node.span, ...(node.anchoredAt === undefined ? [] : [node.anchoredAt]));
  }
}
