import { RESOURCE_KINDS, RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import { type CelRule, DEFAULT, EXTENSION, EXTENSION_WORDS, type MarkedSchema } from './schema.ts';

/** One field as documentation shows it. */
export interface FieldSummary {
  readonly name: string;
  /** `string`, `integer or string`, `list of objects`. */
  readonly type: string;
  readonly description: string;
  /** What holds while the field is absent; a few words where that depends. */
  readonly default?: string;
  readonly allowed?: readonly string[];
  readonly example?: string;
  readonly isRequired: boolean;
  /** Sluice adds the field to the API: upstream does not know it. */
  readonly isExtension: boolean;
  /** Those of the allowed words that Sluice adds. */
  readonly extensionWords?: readonly string[];
  /** What must hold for what is below the field, or for its number. */
  readonly conditions?: readonly string[];
}

export interface FieldDescription extends FieldSummary {
  readonly kind: ResourceKind;
  /** As a user writes it, `spec.output.otlp`; empty for the resource itself. */
  readonly path: string;
  readonly children: readonly FieldSummary[];
}

/** The kind that a user means by `tracepipeline`, `TracePipeline` or `tracepipelines`. */
export function resourceKindOf(name: string): ResourceKind | undefined {
  const lower = name.toLowerCase();
  return RESOURCE_KINDS.find((kind) => [RESOURCES[kind].singular, RESOURCES[kind].plural].includes(lower as never));
}

/** What a field is, by the path that `kubectl explain` would take: lists have no index. Undefined when there is none. */
export function describeField(
  kind: ResourceKind,
  path: readonly string[],
  version: string = Object.keys(RESOURCES[kind].versions)[0]!,
): FieldDescription | undefined {
  const { versions, description, needsSpec }: ResourceInfo = RESOURCES[kind];
  const spec = versions[version];
  if (spec === undefined) return undefined;
  const root = { type: 'object', description, properties: { spec }, required: needsSpec ? ['spec'] : [] };
  let place: Place = { name: kind, schema: root, isRequired: true, isExtension: false };
  for (const name of path) {
    const child = childrenOf(place).find((one) => one.name === name);
    if (!child) return undefined;
    place = child;
  }
  return { ...summaryOf(place), kind, path: path.join('.'), children: childrenOf(place).map(summaryOf) };
}

interface Place {
  readonly name: string;
  readonly schema: MarkedSchema;
  readonly isRequired: boolean;
  readonly isExtension: boolean;
}

function childrenOf({ schema, isExtension }: Place): readonly Place[] {
  const { properties = {}, required = [] } = schema.items ?? schema;
  return Object.entries(properties).map(([name, child]: [string, MarkedSchema]) => ({
    name,
    schema: child,
    isRequired: required.includes(name),
    isExtension: isExtension || child[EXTENSION] === true,
  }));
}

function summaryOf({ name, schema, isRequired, isExtension }: Place): FieldSummary {
  const { [DEFAULT]: standard, [EXTENSION_WORDS]: extensionWords } = schema;
  const example = schema.example ?? (schema.items ?? valuesOf(schema))?.example;
  const conditions = conditionsOf(schema);
  const allowed = schema.enum ?? schema.items?.enum;
  return {
    name,
    type: typeOf(schema),
    description: schema.description ?? '',
    isRequired,
    isExtension,
    ...(standard === undefined ? {} : { default: String(standard) }),
    ...(allowed === undefined ? {} : { allowed: allowed.map(String) }),
    ...(example === undefined ? {} : { example: String(example) }),
    ...(extensionWords === undefined ? {} : { extensionWords }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Sentences: the messages of the rules, as the API server says them, and the bounds of a number. */
function conditionsOf({ items, minimum, maximum, ...schema }: MarkedSchema): readonly string[] {
  const rules: readonly CelRule[] = [schema, items ?? {}].flatMap(
    (part: MarkedSchema) => part['x-kubernetes-validations'] ?? [],
  );
  const bounds = minimum === undefined || maximum === undefined ? [] : [`From ${minimum} to ${maximum}.`];
  return [...rules.map(({ message }) => `${message[0]!.toUpperCase()}${message.slice(1)}.`), ...bounds];
}

function valuesOf({ additionalProperties: values }: MarkedSchema): MarkedSchema | undefined {
  return typeof values === 'object' ? values : undefined;
}

function typeOf(schema: MarkedSchema): string {
  if (schema.anyOf) return schema.anyOf.map(({ type }) => type).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}s`;
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}s`;
  return schema.type ?? 'value';
}
