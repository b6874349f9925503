import {
  type Issue,
  type SourceDocument,
  type SourceFile,
  type SourceSpan,
  sensitiveSpans,
  sensitiveSpansOfText,
} from '../diagnostics/index.ts';
import { apiVersionsOf, KINDS, manifestSchema, RESOURCE_KINDS } from './kinds.ts';
import { secretSchema } from './secret.ts';

/** Where secrets may stand in a file. A text that could not be parsed as a whole is judged by the words on its lines. */
export function maskedPlaces(
  { file, text }: SourceFile,
  documents: readonly SourceDocument[],
  yamlIssues: readonly Issue[],
): SourceSpan[] {
  const byText = yamlIssues.length > 0 ? sensitiveSpansOfText(text, file) : [];
  return [...documents.flatMap((document) => sensitiveSpans(document, schemaOf(document))), ...byText];
}

function schemaOf({ value }: SourceDocument) {
  const { kind, apiVersion } = (value ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown };
  if (kind === 'Secret') return secretSchema;
  const known = RESOURCE_KINDS.find((name) => name === kind);
  if (!known) return { type: 'object', properties: { spec: KINDS.LogPipeline.spec } };
  return manifestSchema(
    known,
    apiVersionsOf(known).find((version) => version === apiVersion),
  );
}
