import type { SourceSpan } from './issue.ts';
import { holdsSecret, type JsonSchema } from './json-schema.ts';
import type { SourceDocument, SourceNode } from './source-document.ts';
import { suggest } from './suggest.ts';

/** A text the user wrote, with the places that must not be printed when its lines are shown. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
  readonly sensitive?: readonly SourceSpan[];
}

const TELLING_NAME = /pass|secret|token|auth|credential|private|header|^key$|api.?key|bearer|cookie/i;

/**
 * The places of a document that hold secrets by its schema: values marked `format: password`, whatever else was written
 * where such a value belongs, and the values of unknown fields that are probably one of them, misspelt.
 */
export function sensitiveSpans(document: SourceDocument, schema: JsonSchema): SourceSpan[] {
  const spans: SourceSpan[] = [];
  // What is no mapping at all is no resource: the schema says nothing about it.
  if (fits(document.value, { type: 'object' })) collect(document.root, schema, spans);
  else collectByName(document.root, spans);
  return spans;
}

function collect(node: SourceNode, schema: JsonSchema, spans: SourceSpan[]): void {
  if (schema.format === 'password' || (holdsSecret(schema) && !fits(node.value, schema))) {
    collectAll(node, spans);
    return;
  }
  if (holdsCredentials(node.value)) spans.push(node.span);
  for (const [key, child] of node.children ?? []) {
    const known = typeof key === 'number' ? schema.items : schemaOf(key, schema);
    if (known) collect(child, known, spans);
    else if (looksSecret(String(key), schema)) collectAll(child, spans);
    else collectByName(child, spans);
  }
}

/** A URL with a user name or password in it. */
function holdsCredentials(value: unknown): boolean {
  return typeof value === 'string' && /\/\/[^/?#\s]*@/.test(value);
}

function schemaOf(key: string, schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function fits(value: unknown, schema: JsonSchema): boolean {
  if (value === null) return true;
  if (schema.type === 'array') return Array.isArray(value);
  return schema.type !== 'object' || (typeof value === 'object' && !Array.isArray(value));
}

function looksSecret(key: string, schema: JsonSchema): boolean {
  if (tells(key)) return true;
  const guess = suggest(key, Object.keys(schema.properties ?? {}));
  return guess !== undefined && holdsSecret(schema.properties![guess]!);
}

// A reference names a secret and is none.
function tells(key: string): boolean {
  return TELLING_NAME.test(key) && !/^(secretKeyRef|secretName|secretRef)$/.test(key);
}

/** Below a place the schema knows nothing about, the names of the keys decide. */
function collectByName(node: SourceNode, spans: SourceSpan[]): void {
  if (holdsCredentials(node.value)) spans.push(node.span);
  for (const [key, child] of node.children ?? []) {
    if (typeof key === 'string' && tells(key)) collectAll(child, spans);
    else collectByName(child, spans);
  }
}

function collectAll(node: SourceNode, spans: SourceSpan[]): void {
  if (node.children === undefined) {
    if (node.value !== null && typeof node.value !== 'boolean') spans.push(node.span);
    return;
  }
  for (const child of node.children.values()) collectAll(child, spans);
}

/**
 * The places of a text that cannot be parsed which may hold secrets: what follows a telling key on its line, and every
 * value under such a key.
 */
export function sensitiveSpansOfText(text: string, file: string): SourceSpan[] {
  const spans: SourceSpan[] = [];
  let secretIndent: number | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const match = /^([\s-]*)("?[\w.$/-]+"?\s*:)?(.*)$/.exec(line.replace(/\r$/, ''));
    const [, lead = '', key = '', rest = ''] = match ?? [];
    if (line.trim() === '') continue;
    const indent = lead.replace(/\s*-\s*$/, '').length;
    if (secretIndent !== undefined && indent <= secretIndent && !/^\s*-/.test(line)) secretIndent = undefined;
    const telling = tells(key.replace(/["\s:]/g, ''));
    if (telling && secretIndent === undefined) secretIndent = indent;
    const start = lead.length + key.length + (rest.length - rest.trimStart().length);
    const hidden = secretIndent !== undefined && rest.trim() !== '' && !/^\s*"?name"?\s*:/.test(key);
    const inline = hidden
      ? -1
      : rest.search(
          /\/\/[^/?#\s]*@|\b(?!secretKeyRef|secretName)[\w.-]*(pass|secret|token|auth|credential|private|header|api.?key|bearer|cookie)/i,
        );
    const from = hidden ? start : inline < 0 ? -1 : lead.length + key.length + inline;
    if (from >= 0)
      spans.push({
        file,
        line: index + 1,
        column: from + 1,
        endLine: index + 1,
        endColumn: line.replace(/\r$/, '').length + 1,
      });
  }
  return spans;
}
