import {
  type Issue,
  type JsonSchema,
  type SourceDocument,
  type SourceFile,
  type SourceSpan,
  sensitiveComments,
  sensitiveSpans,
  sensitiveSpansOfText,
  suggest,
} from '../diagnostics/index.ts';
import { apiVersionsOf, manifestSchema, RESOURCE_KINDS } from './kinds.ts';
import { secretSchema } from './secret.ts';

/** Where secrets may stand in a file. A text that could not be parsed as a whole is judged by the words on its lines. */
export function maskedPlaces(
  { file, text }: SourceFile,
  documents: readonly SourceDocument[],
  yamlIssues: readonly Issue[],
): SourceSpan[] {
  const byText = yamlIssues.length > 0 ? sensitiveSpansOfText(text, file) : [];
  const byDocument = documents.flatMap((document) => sensitiveSpans(document, schemaOf(document)));
  return [...byDocument, ...sensitiveComments(text, file), ...byText];
}

function schemaOf({ value }: SourceDocument): JsonSchema {
  const { kind, apiVersion } = (value ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown };
  if (isSecretKind(kind)) return SECRET;
  const known = RESOURCE_KINDS.find((name) => name === kind);
  if (!known) return ANYTHING;
  const schema = manifestSchema(
    known,
    apiVersionsOf(known).find((version) => version === apiVersion),
  );
  return { ...schema, properties: { ...SECRET_PARTS, ...schema.properties } };
}

/** Misspelt it is no Secret, and as secret. */
function isSecretKind(kind: unknown): boolean {
  return typeof kind === 'string' && suggest(kind, ['Secret']) !== undefined;
}

const HIDDEN: JsonSchema = { type: 'string', format: 'password' };
const SHOWN: JsonSchema = { type: 'string' };

/** In a Secret whatever it does not know is probably a value in the wrong place. */
const SECRET: JsonSchema = {
  ...secretSchema,
  properties: {
    ...secretSchema.properties,
    metadata: {
      type: 'object',
      properties: { name: SHOWN, namespace: SHOWN, labels: { type: 'object', additionalProperties: SHOWN } },
      additionalProperties: HIDDEN,
    },
  },
  additionalProperties: HIDDEN,
};

/** What makes a Secret, should its kind be misspelt or missing. */
const SECRET_PARTS = { data: secretSchema.properties!['data']!, stringData: secretSchema.properties!['stringData']! };

/** A manifest whose kind says nothing may be any, or a list of them. */
const MANIFEST = manifestSchema('LogPipeline');
const EITHER = { ...MANIFEST, properties: { ...SECRET_PARTS, ...MANIFEST.properties } };
const ANYTHING = { ...EITHER, properties: { ...EITHER.properties, items: { type: 'array', items: EITHER } } };
