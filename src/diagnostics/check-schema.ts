import type { Issue } from './issue.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Path } from './path.ts';
import { SchemaReporter } from './schema-reporter.ts';
import { isStray } from './sensitive.ts';
import type { SourceDocument } from './source-document.ts';

export interface CheckSchemaOptions {
  /** Gives the issues their places. */
  readonly document?: SourceDocument;
  /** Where the value stands in the document, and the start of every path in the issues. */
  readonly path?: Path;
  /** What a key is called in messages: `field` (default) or `setting`. */
  readonly noun?: string;
}

/** Checks a value against a schema and reports everything that is wrong, in the order it was written. A null field counts as absent, as Kubernetes has it. */
export function checkSchema(value: unknown, schema: JsonSchema, options: CheckSchemaOptions = {}): Issue[] {
  const report = new SchemaReporter(options.document, options.noun ?? 'field');
  check(value, schema, options.path ?? [], report);
  return report.issues;
}

function check(value: unknown, schema: JsonSchema, path: Path, report: SchemaReporter): void {
  if (value === null && schema.nullable) return;
  if (schema['x-kubernetes-int-or-string'] || schema.anyOf) {
    checkAlternatives(value, schema, path, report);
    return;
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    report.wrongType(value, schema, path);
    return;
  }
  if (schema.enum && !schema.enum.includes(value)) report.notOneOf(value, schema, path);
  else if (Array.isArray(value)) checkList(value, schema, path, report);
  else if (isObject(value)) checkObject(value, schema, path, report);
  else if (typeof value === 'string') checkText(value, schema, path, report);
  else if (typeof value === 'number') checkNumber(value, schema, path, report);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type && !Number.isNaN(value);
  }
}

/** The value must fit one alternative; if its type fits just one, that one's own complaints are the useful ones. */
function checkAlternatives(value: unknown, schema: JsonSchema, path: Path, report: SchemaReporter): void {
  const alternatives = schema.anyOf ?? [{ type: 'integer' }, { type: 'string' }];
  const { anyOf: _, 'x-kubernetes-int-or-string': __, type: ___, ...common } = schema;
  const fitting = alternatives.filter((one) => one.type === undefined || hasType(value, one.type));
  if (fitting.length === 0) {
    report.wrongType(value, { ...schema, anyOf: alternatives }, path);
    return;
  }
  const attempts = fitting.map((one) => {
    const attempt = report.fork();
    check(value, { ...common, ...one }, path, attempt);
    return attempt;
  });
  if (!attempts.some((attempt) => attempt.issues.length === 0)) report.issues.push(...attempts[0]!.issues);
}

function checkObject(value: Record<string, unknown>, schema: JsonSchema, path: Path, report: SchemaReporter): void {
  const properties = schema.properties ?? {};
  for (const [key, child] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) {
      if (child !== null) check(child, known, [...path, key], report);
    } else if (
      isStray(key, child, schema) &&
      (isClosed(schema) || (isObject(schema.additionalProperties) && child === null))
    )
      report.strayKey(key, path);
    else if (isObject(schema.additionalProperties)) check(child, schema.additionalProperties, [...path, key], report);
    else if (isClosed(schema))
      report.unknownField(key, { allowed: Object.keys(properties), home: homeOf(key, value, properties) }, path);
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) || value[key] === null) report.missingField(key, properties[key], path);
  }
  checkCount(Object.keys(value).length, schema.minProperties, schema.maxProperties, 'entry', path, report);
}

/** The field left empty beside `key` that has one of this name: `key` was meant inside it and stands too far left. */
function homeOf(
  key: string,
  value: Record<string, unknown>,
  properties: Readonly<Record<string, JsonSchema>>,
): string | undefined {
  return Object.keys(properties).find(
    (sibling) => value[sibling] === null && Object.hasOwn(properties[sibling]?.properties ?? {}, key),
  );
}

function isClosed(schema: JsonSchema): boolean {
  if (schema.additionalProperties !== undefined) return schema.additionalProperties === false;
  return schema.properties !== undefined && !schema['x-kubernetes-preserve-unknown-fields'];
}

function checkList(value: readonly unknown[], schema: JsonSchema, path: Path, report: SchemaReporter): void {
  const { items } = schema;
  if (items) for (const [index, item] of value.entries()) check(item, items, [...path, index], report);
  checkCount(value.length, schema.minItems, schema.maxItems, 'item', path, report);
}

function checkCount(
  count: number,
  min: number | undefined,
  max: number | undefined,
  noun: string,
  path: Path,
  report: SchemaReporter,
): void {
  if (min !== undefined && count < min)
    report.outOfBounds(path, `must have at least ${counted(min, noun)}`, `has ${count}`);
  if (max !== undefined && count > max)
    report.outOfBounds(path, `must have at most ${counted(max, noun)}`, `has ${count}`);
}

function counted(count: number, noun: string): string {
  const plural = noun === 'entry' ? 'entries' : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}

function checkText(value: string, schema: JsonSchema, path: Path, report: SchemaReporter): void {
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  if (minLength !== undefined && length < minLength) {
    report.outOfBounds(path, atLeast(minLength), length === 0 ? 'is empty' : `has ${length}`);
  } else if (maxLength !== undefined && length > maxLength) {
    report.outOfBounds(path, `must have at most ${maxLength} characters`, `has ${length}`);
  } else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    report.patternMismatch(value, schema, path);
}

function atLeast(minLength: number): string {
  return minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`;
}

function checkNumber(value: number, schema: JsonSchema, path: Path, report: SchemaReporter): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : exclusiveMinimum ? minimum : undefined;
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : exclusiveMaximum ? maximum : undefined;
  if (above !== undefined && value <= above) report.outOfBounds(path, `must be greater than ${above}`, `is ${value}`);
  else if (minimum !== undefined && value < minimum)
    report.outOfBounds(path, `must be at least ${minimum}`, `is ${value}`);
  if (below !== undefined && value >= below) report.outOfBounds(path, `must be less than ${below}`, `is ${value}`);
  else if (maximum !== undefined && value > maximum)
    report.outOfBounds(path, `must be at most ${maximum}`, `is ${value}`);
}
