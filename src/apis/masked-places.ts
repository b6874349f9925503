import {
  type Issue,
  type SourceDocument,
  type SourceFile,
  type SourceSpan,
  sensitiveSpans,
  sensitiveSpansOfText,
} from '../diagnostics/index.ts';
import { KINDS, manifestSchema, PIPELINE_KINDS, telemetryManifestSchema } from './kinds.ts';
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
  const kind = (value as { readonly kind?: unknown } | null)?.kind;
  if (kind === 'Secret') return secretSchema;
  if (kind === 'Telemetry') return telemetryManifestSchema;
  const known = PIPELINE_KINDS.find((name) => name === kind);
  return known ? manifestSchema(known) : { type: 'object', properties: { spec: KINDS.LogPipeline.spec } };
}
