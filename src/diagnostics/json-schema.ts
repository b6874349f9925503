/**
 * The part of JSON Schema that structural CRD schemas and typebox objects use. An object with `properties` is closed: other
 * fields are unknown unless `additionalProperties` or `x-kubernetes-preserve-unknown-fields` allows them.
 * `format: 'password'` marks a value that must never be printed.
 */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  /** A value that would do; shown when what was written does not. */
  readonly example?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number | boolean;
  readonly exclusiveMaximum?: number | boolean;
  readonly nullable?: boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** True when the schema or anything inside it holds a value that must never be printed. */
export function holdsSecret(schema: JsonSchema): boolean {
  if (schema.format === 'password') return true;
  const parts = [...Object.values(schema.properties ?? {}), ...(schema.anyOf ?? [])];
  if (schema.items) parts.push(schema.items);
  if (typeof schema.additionalProperties === 'object') parts.push(schema.additionalProperties);
  return parts.some(holdsSecret);
}
