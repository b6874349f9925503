import type { SourceSpan } from './issue.ts';
import { holdsSecret, type JsonSchema } from './json-schema.ts';
import { holdsSecretSetting } from './secret-setting.ts';
import type { SourceDocument, SourceNode } from './source-document.ts';
import { editDistance, suggest } from './suggest.ts';

/** A text the user wrote, with the places that must not be printed when its lines are shown. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
  readonly sensitive?: readonly SourceSpan[];
}

const TELLING_NAME = /pass|secret|token|auth|credential|private|header|^key$|api.?key|bearer|cookie/i;

/**
 * The places of a document that hold secrets by its schema: values marked `format: password`, whatever else was written
 * where such a value belongs, and the values of unknown fields that are probably one of them, misspelt or misplaced.
 */
export function sensitiveSpans(document: SourceDocument, schema: JsonSchema): SourceSpan[] {
  const collector = new Collector(schema);
  // What is no mapping at all is no resource: the schema says nothing about it.
  if (fits(document.value, { type: 'object' })) collector.bySchema(document.root, schema);
  else collector.bare(document.root);
  return collector.spans;
}

class Collector {
  readonly spans: SourceSpan[] = [];
  readonly #secretNames: ReadonlySet<string>;

  constructor(schema: JsonSchema) {
    this.#secretNames = new Set(secretNames(schema));
  }

  /** `isBeside`: the field stands beside one that holds a secret, which may be written in its place. */
  bySchema(node: SourceNode, schema: JsonSchema, isBeside = false): void {
    if (schema.format === 'password' || ((isBeside || holdsSecret(schema)) && !fits(node.value, schema))) {
      this.#all(node);
      return;
    }
    if (holdsCredentials(node.value) || holdsSetting(node.value)) this.#text(node);
    const besideSecret = isBeside || holdsSecretDirectly(schema);
    for (const [key, child] of node.children ?? []) {
      const known = typeof key === 'number' ? schema.items : ownProperty(key, schema);
      const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      if (known && besideSecret && key === 'name' && isWholeHeader(child.value)) this.#all(child);
      else if (known) this.bySchema(child, known, besideSecret);
      else if (isStray(String(key), child.value, schema)) this.#stray(child);
      else if (rest) this.#ofMap(String(key), child, rest);
      else if (this.#tells(String(key)) || resemblesSecret(String(key), schema)) this.#all(child);
      else this.byName(child);
    }
  }

  #ofMap(key: string, child: SourceNode, schema: JsonSchema): void {
    if (this.#tells(key) || isJson(child.value)) this.#all(child);
    else this.bySchema(child, schema);
  }

  /** A text that stands alone is what a stray `---` cut off from the document before it; a list of them is no resource either. */
  bare(node: SourceNode): void {
    if (node.children === undefined) this.#text(node);
    for (const child of node.children?.values() ?? []) {
      if (child.children === undefined) this.#text(child);
      else this.byName(child);
    }
  }

  /** Below a place the schema knows nothing about, the names of the keys decide. */
  byName(node: SourceNode): void {
    if (holdsCredentials(node.value) || holdsSetting(node.value) || isJson(node.value)) this.#text(node);
    for (const [key, child] of node.children ?? []) {
      if (typeof key === 'string' && this.#tells(key)) this.#all(child);
      else this.byName(child);
    }
  }

  #tells(key: string): boolean {
    if (REFERENCE.test(key)) return false;
    const names = [...this.#secretNames];
    return (
      tells(key) || [key, ...key.split(/\W+/)].some((word) => names.some((name) => editDistance(word, name, 2) < 2))
    );
  }

  #stray(node: SourceNode): void {
    if (node.keySpan) this.spans.push(node.keySpan);
    this.#all(node);
  }

  #all(node: SourceNode): void {
    if (node.children !== undefined) for (const child of node.children.values()) this.#all(child);
    // A text that begins with `#` is a comment to YAML, and the value is missing.
    else if (node.value === null && node.keySpan) this.spans.push(restOfLine(node.keySpan));
    else if (typeof node.value !== 'boolean') this.#text(node);
  }

  #text({ span, anchoredAt }: SourceNode): void {
    this.spans.push(span, ...(anchoredAt === undefined ? [] : [anchoredAt]));
  }
}

const END_OF_LINE = Number.MAX_SAFE_INTEGER;

function restOfLine(key: SourceSpan): SourceSpan {
  return { ...key, line: key.endLine, column: key.endColumn + 1, endColumn: END_OF_LINE };
}

/** The names under which a schema holds secrets directly. */
function* secretNames(schema: JsonSchema): Generator<string> {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (child.format === 'password') yield name;
    else yield* secretNames(child);
  }
  if (schema.items) yield* secretNames(schema.items);
}

function holdsSecretDirectly(schema: JsonSchema): boolean {
  const { properties = {}, additionalProperties: rest } = schema;
  return [...Object.values(properties), ...(typeof rest === 'object' ? [rest] : [])].some(
    (child) => child.format === 'password',
  );
}

/**
 * A key without a value, or one that is no word, beside a secret: `{ name: a, value CANARY }` and `{ value, CANARY }` make
 * the secret itself a key.
 */
export function isStray(key: string, value: unknown, schema: JsonSchema): boolean {
  return holdsSecretDirectly(schema) && (value === null || !/^[\w./-]+$/.test(key));
}

/** A URL or address that may have a user name or password in it, also when it is broken. */
export function holdsCredentials(value: unknown): boolean {
  return typeof value === 'string' && (/[:/].*@/s.test(value) || /^[^\s@]+@[^\s@]+:\d+/.test(value));
}

function holdsSetting(value: unknown): boolean {
  return typeof value === 'string' && holdsSecretSetting(value);
}

/** A whole header where its name belongs, or the value there: `Authorization: Basic …`, `Bearer …`. */
function isWholeHeader(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return /[:=]/.test(value) || (/\s/.test(value) && (TELLING_NAME.test(value) || /^basic\s/i.test(value)));
}

/** A text that is a document of its own, as annotations hold it: what is in there is not looked at. */
function isJson(value: unknown): boolean {
  return typeof value === 'string' && /^\s*[{[]/.test(value);
}

function ownProperty(key: string, { properties }: JsonSchema): JsonSchema | undefined {
  return properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function fits(value: unknown, schema: JsonSchema): boolean {
  if (value === null) return true;
  if (schema.type === 'array') return Array.isArray(value);
  return schema.type !== 'object' || (typeof value === 'object' && !Array.isArray(value));
}

function resemblesSecret(key: string, schema: JsonSchema): boolean {
  if (holdsSecretDirectly(schema)) return true;
  const guess = suggest(key, Object.keys(schema.properties ?? {}));
  return guess !== undefined && holdsSecret(schema.properties![guess]!);
}

// A reference names a secret and is none.
const REFERENCE = /^(secretKeyRef|secretName|secretRef)$/;

export function tells(key: string): boolean {
  return TELLING_NAME.test(key) && !REFERENCE.test(key);
}
