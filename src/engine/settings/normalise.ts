import type { TSchema } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { parseDuration } from '../../lib/index.ts';
import type { ComponentConfig } from '../../otelcol/index.ts';

/** The parts of a JSON schema that the walks below look at. */
interface Node {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Node>>;
}

/**
 * Settings without nulls, as YAML's empty values mean them: an empty section (`grpc:`) is a section with defaults, an empty
 * value is an absent one.
 */
export function settingsOf(config: ComponentConfig | null | undefined, schema: TSchema): ComponentConfig {
  return withoutNulls(config ?? {}, schema as Node) as ComponentConfig;
}

function withoutNulls(value: unknown, schema: Node | undefined): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const known = schema?.properties?.[key];
    if (child !== null) result[key] = withoutNulls(child, known);
    else if (known?.type === 'object') result[key] = {};
  }
  return result;
}

/** Durations that are not written as Go has them, or are negative. */
export function checkDurations(value: unknown, schema: TSchema, path: readonly (string | number)[] = []): Issue[] {
  const { format, properties = {} } = schema as Node;
  if (format === 'duration') {
    const good =
      typeof value === 'number' ? value >= 0 : typeof value !== 'string' || parseDuration(value) !== undefined;
    if (good) return [];
    const message = `\`${path.join('.')}\` must be a duration, such as 200ms, 5s or 1m30s`;
    return [{ code: 'SL0113', severity: 'error', message, path, label: `got ${JSON.stringify(value)}` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const known = properties[key];
    return known === undefined ? [] : checkDurations(child, known as TSchema, [...path, key]);
  });
}
