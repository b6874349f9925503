import type { Issue, SourceSpan } from './issue.ts';
import { holdsSecret, type JsonSchema } from './json-schema.ts';
import { formatPath, type Path } from './path.ts';
import { holdsCredentials } from './sensitive.ts';
import type { SourceDocument } from './source-document.ts';
import { suggest } from './suggest.ts';

/** A list of allowed names or values is written out up to this length. */
const MAX_LISTED = 12;

/** Words what a schema check finds. Values of secret fields never enter a message. */
export class SchemaReporter {
  readonly issues: Issue[] = [];
  readonly #document: SourceDocument | undefined;
  readonly #noun: string;

  constructor(document: SourceDocument | undefined, noun: string) {
    this.#document = document;
    this.#noun = noun;
  }

  /** A reporter of the same document that collects apart. */
  fork(): SchemaReporter {
    return new SchemaReporter(this.#document, this.#noun);
  }

  /** `home` is the empty field beside it that this one belongs into. */
  unknownField(
    key: string,
    { allowed, home }: { readonly allowed: readonly string[]; readonly home: string | undefined },
    parent: Path,
  ): void {
    const path = [...parent, key];
    const guess = home === undefined ? suggest(key, allowed) : undefined;
    const help =
      home === undefined ? guess && `did you mean \`${guess}\`?` : `indent it: \`${key}\` belongs inside \`${home}\``;
    const span = this.#document?.spanOf(path, 'key');
    this.#add('SL0101', `unknown ${this.#noun} ${quotePath(path)}`, path, span, {
      label: `this ${this.#noun} does not exist`,
      ...(help === undefined ? {} : { help }),
      ...(allowed.length > 0 && allowed.length <= MAX_LISTED
        ? { notes: [`allowed here: ${[...allowed].sort().join(', ')}`] }
        : {}),
      ...(guess === undefined || !span ? {} : { fix: { applicability: 'MaybeIncorrect', span, newText: guess } }),
    });
  }

  /** The key may be the secret beside which it stands, so it is not named. */
  strayKey(key: string, parent: Path): void {
    const span = this.#document?.spanOf([...parent, key], 'key');
    this.#add('SL0101', `${quotePath(parent)} has an entry that is no ${this.#noun}`, parent, span, {
      label: 'a key without a value, or not a word',
      help: 'check for a missing `:`, quote or comma',
    });
  }

  missingField(key: string, schema: JsonSchema | undefined, parent: Path): void {
    const path = [...parent, key];
    const written = this.#document?.spanOf(path, 'key');
    this.#add('SL0102', `${quotePath(path)} is required`, path, written ?? this.#document?.nearestSpan(parent), {
      label: written ? 'has no value' : `\`${key}\` is missing here`,
      help: `add \`${example(key, schema)}\``,
    });
  }

  wrongType(value: unknown, schema: JsonSchema, path: Path): void {
    const help = typeHelp(value, schema, path);
    this.#add('SL0103', `${quotePath(path)} must be ${expected(schema)}`, path, this.#document?.spanOf(path), {
      label: value === null ? 'has no value' : `this is ${kindOf(value)}`,
      ...(help === undefined ? {} : { help }),
    });
  }

  notOneOf(value: unknown, schema: JsonSchema, path: Path): void {
    const allowed = (schema.enum ?? []).map(String);
    const guess = typeof value === 'string' ? suggest(value, allowed) : undefined;
    const span = this.#document?.spanOf(path);
    const listed =
      allowed.length <= MAX_LISTED ? `one of ${allowed.map((one) => `'${one}'`).join(', ')}` : 'an allowed value';
    const choice = allowed.length === 1 ? `'${allowed[0]}'` : listed;
    this.#add('SL0104', `${quotePath(path)} must be ${choice}`, path, span, {
      label: schema.format === 'password' ? 'not allowed here' : `got ${short(value)}`,
      ...(guess === undefined ? {} : { help: `did you mean '${guess}'?` }),
      ...(guess === undefined || !span ? {} : { fix: { applicability: 'MaybeIncorrect', span, newText: guess } }),
    });
  }

  patternMismatch(value: string, schema: JsonSchema, path: Path): void {
    const secret = schema.format === 'password';
    this.#add('SL0105', `${quotePath(path)} is not written as it must be`, path, this.#document?.spanOf(path), {
      label: secret ? 'does not match the pattern' : `${short(value)} does not match the pattern`,
      ...(schema.example === undefined ? {} : { help: `write it like \`${String(schema.example)}\`` }),
      notes: [`the pattern is ${schema.pattern}`],
    });
  }

  outOfBounds(path: Path, rule: string, label: string): void {
    this.#add('SL0105', `${quotePath(path)} ${rule}`, path, this.#document?.spanOf(path), { label });
  }

  #add(code: string, message: string, path: Path, span: SourceSpan | undefined, rest: Partial<Issue>): void {
    this.issues.push({ code, severity: 'error', message, path, ...(span ? { span } : {}), ...rest });
  }
}

function quotePath(path: Path): string {
  return path.length === 0 ? 'this document' : `\`${formatPath(path)}\``;
}

function expected(schema: JsonSchema): string {
  const types = schema.anyOf?.map((one) => one.type ?? 'value') ?? [schema.type ?? 'value'];
  return types.map((type) => TYPE_PHRASE[type] ?? `a ${type}`).join(' or ');
}

const TYPE_PHRASE: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  integer: 'an integer',
  number: 'a number',
  string: 'a string',
  boolean: 'a boolean',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a number with a fraction';
  return TYPE_PHRASE[typeof value] ?? typeof value;
}

function typeHelp(value: unknown, schema: JsonSchema, path: Path): string | undefined {
  const types = schema.anyOf?.map((one) => one.type) ?? [schema.type];
  if (typeof value === 'string') return helpForText(value, schema, types, path);
  if (types.length === 1 && types[0] === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return typeof value === 'boolean'
      ? 'put the word in quotes: YAML reads it as a boolean'
      : `put quotes around it${holdsSecret(schema) ? '' : `: "${value}"`}`;
  }
  return types.includes('array') ? listHelp(schema) : undefined;
}

function helpForText(
  value: string,
  schema: JsonSchema,
  types: readonly (string | undefined)[],
  path: Path,
): string | undefined {
  if (types.includes('boolean'))
    return /^(true|false)$/.test(value) ? 'remove the quotes' : "write 'true' or 'false' without quotes";
  if (types.includes('integer') || types.includes('number')) {
    return value.trim() !== '' && Number.isFinite(Number(value)) ? 'remove the quotes' : undefined;
  }
  if (isValueHolder(schema)) {
    const shown = holdsSecret(schema) || holdsCredentials(value) ? '…' : inFlow(value);
    return `write \`${path.at(-1)}: { value: ${shown} }\`, or use \`valueFrom.secretKeyRef\``;
  }
  const only = onlyText(schema);
  if (only !== undefined) {
    const shown = holdsSecret(schema) || holdsCredentials(value) ? '…' : inFlow(value);
    return `write \`${path.at(-1)}: { ${only}: ${shown} }\``;
  }
  return types.includes('array') ? listHelp(schema) : undefined;
}

function listHelp({ items }: JsonSchema): string {
  const names = [...new Set([...(items?.required ?? []), ...(items?.properties?.['value'] ? ['value'] : [])])];
  if (names.length === 0) return 'start each item of the list with `- `';
  return `write each item of the list as \`- { ${names.map((name) => `${name}: …`).join(', ')} }\``;
}

/** The field of an object that needs one field only, when that is a text. */
function onlyText({ required = [], properties }: JsonSchema): string | undefined {
  return required.length === 1 && properties?.[required[0]!]?.type === 'string' ? required[0] : undefined;
}

/** An object that takes a text either literally (`value`) or from elsewhere (`valueFrom`). */
function isValueHolder(schema: JsonSchema): boolean {
  const names = Object.keys(schema.properties ?? {});
  return names.length === 2 && names.includes('value') && names.includes('valueFrom');
}

/** A text as it can stand inside `{ … }`. */
function inFlow(value: string): string {
  return /^[\w./:-]+$/.test(value) && !/:$/.test(value) && !/^[-:]/.test(value) ? value : JSON.stringify(value);
}

function short(value: unknown): string {
  if (holdsCredentials(value)) return 'a text with credentials';
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function example(key: string, schema: JsonSchema | undefined): string {
  if (schema && isValueHolder(schema)) return `${key}: { value: … }`;
  if (schema?.enum) return `${key}: ${schema.enum[0]}`;
  if (schema?.type === 'object') return `${key}: { … }`;
  return schema?.type === 'array' ? `${key}: [ … ]` : `${key}: …`;
}
