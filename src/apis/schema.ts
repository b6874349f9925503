import type { Static, TProperties, TSchema, TUnsafe } from 'typebox';
import type { JsonSchema } from '../diagnostics/index.ts';
import { Type } from '../lib/index.ts';

/** Builders that keep to what a structural CRD schema may hold. Every field has a description: it is what `kubectl explain` shows. */

/** A rule of the API server. An expression says more than the message, and begins with it. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression?: string;
  /** Below the place of the rule: `.input.otlp`. Absent: the place itself. */
  readonly fieldPath?: string;
  /** Default: FieldValueInvalid. */
  readonly reason?: 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueInvalid';
}

type Bounds = Pick<JsonSchema, 'pattern' | 'format' | 'example' | 'minLength' | 'maxLength'>;

const celRules = (rules: readonly CelRule[]) => (rules.length > 0 ? { 'x-kubernetes-validations': rules } : {});

export function object<Fields extends TProperties>(
  description: string,
  fields: Fields,
  rules: readonly CelRule[] = [],
) {
  return Type.Object(fields, { description, ...celRules(rules) });
}

export function text(description: string, bounds: Bounds = {}, rules: readonly CelRule[] = []) {
  return Type.String({ description, ...bounds, ...celRules(rules) });
}

export function wholeNumber(
  description: string,
  bounds: Pick<JsonSchema, 'minimum' | 'maximum'> & { readonly example?: number } = {},
) {
  return Type.Integer({ description, ...bounds });
}

/** Marks a field that Sluice adds to the API: upstream does not know it. */
export function extension<Schema extends TSchema>(schema: Schema): Schema {
  return { ...schema, [EXTENSION]: true };
}

/** Of the outputs of a pipeline: `present` is a list of which are there. */
export function oneOutput(present: string, names: string): CelRule {
  const message = `Exactly one output out of ${names} must be defined`;
  const count = `${present}.filter(x, x).size()`;
  return {
    rule: `${count} == 1`,
    message,
    messageExpression: `${count} == 0 ? "${message}; there is none" : "${message}; there are several"`,
  };
}

/** Says what holds while the field is absent. The field stays absent in the stored object. */
export function defaulted<Schema extends TSchema>(value: string | number | boolean, schema: Schema): Schema {
  return { ...schema, [DEFAULT]: value };
}

/** As `defaulted`, where it holds whatever else is written: the API server writes it into the object, so that people see it. */
export function storedDefault<Schema extends TSchema>(value: string | boolean, schema: Schema): Schema {
  return { ...defaulted(value, schema), default: value };
}

/** Marks words of a `oneOf` that Sluice adds to the API. */
export function extensionWords<Schema extends TSchema>(words: readonly string[], schema: Schema): Schema {
  return { ...schema, [EXTENSION_WORDS]: words };
}

/** The marks that the functions above leave in a schema. A CRD says it in its descriptions. */
export const EXTENSION = 'x-sluice-extension';
export const EXTENSION_WORDS = 'x-sluice-extension-words';
export const DEFAULT = 'x-sluice-default';

/** A schema with the marks. */
export interface MarkedSchema extends JsonSchema {
  readonly [EXTENSION]?: true;
  readonly [EXTENSION_WORDS]?: readonly string[];
  readonly [DEFAULT]?: string | number | boolean;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly default?: string | boolean;
}

export function flag(description: string) {
  return Type.Boolean({ description });
}

export function list<Item extends TSchema>(description: string, items: Item) {
  return Type.Array(items, { description });
}

export function oneOf<const Words extends readonly string[]>(
  description: string,
  words: Words,
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', description, enum: words });
}

/** A map of free keys; `Type.Record` would write patternProperties, which a CRD may not hold. */
export function textMap(description: string, values: JsonSchema = { type: 'string' }): TUnsafe<Record<string, string>> {
  return Type.Unsafe<Record<string, string>>({ type: 'object', description, additionalProperties: values });
}

/** A Kubernetes quantity of bytes: `16Mi`, `1G` or a plain number. */
export function byteQuantity(description: string, example = '16Mi'): TUnsafe<string | number> {
  return Type.Unsafe<string | number>({
    description,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    example,
    pattern: '^[0-9]+(\\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$',
    'x-kubernetes-int-or-string': true,
  });
}

export const optional = Type.Optional;

/** The TypeScript type of a schema, readonly throughout: resources are data. */
export type Data<Schema extends TSchema> = DeepReadonly<Static<Schema>>;

export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The same schema as the checker and the CRD generator read it. */
export function jsonSchema(schema: TSchema): JsonSchema {
  return schema as JsonSchema;
}
