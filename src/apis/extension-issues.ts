import { formatPath, type Issue, type Path, type SourceDocument } from '../diagnostics/index.ts';
import { RESOURCES } from './kinds.ts';
import type { ReadResources } from './read-resources.ts';
import { EXTENSION, EXTENSION_WORDS, type MarkedSchema } from './schema.ts';

/** Every use of what Sluice adds to the API, for manifests that upstream must accept as well. In the order of the resources. */
export function extensionIssues({ resources, telemetry }: ReadResources): readonly Issue[] {
  return [...resources, ...(telemetry ? [telemetry] : [])].flatMap(({ resource, document }) =>
    below(RESOURCES[resource.kind].versions['v1beta1']!, ['spec'], document),
  );
}

function below(schema: MarkedSchema, path: Path, document: SourceDocument): readonly Issue[] {
  if (document.spanOf(path) === undefined) return [];
  const value = valueAt(document.value, path);
  if (value === null) return [];
  if (schema[EXTENSION]) return [issue(document, path, 'key', '')];
  if (schema[EXTENSION_WORDS]?.some((word) => word === value)) return [issue(document, path, 'value', `: ${value}`)];
  const { items } = schema;
  if (items && Array.isArray(value)) return value.flatMap((_, index) => below(items, [...path, index], document));
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => below(child, [...path, name], document));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null)?.[step], value);
}

function issue(document: SourceDocument, place: Path, part: 'key' | 'value', word: string): Issue {
  const path = document.written(place);
  return {
    code: 'SL0120',
    severity: 'error',
    message: `\`${formatPath(path)}${word}\` is an extension of Sluice`,
    path,
    span: document.spanOf(place, part) ?? document.nearestSpan(place),
    label: 'upstream does not know this',
    help: 'remove it, or leave out `--upstream`',
  };
}
