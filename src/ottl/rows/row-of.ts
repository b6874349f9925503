import type { ContextName, Row } from '../row.ts';

/**
 * A message by the names that OTLP/JSON gives its fields; attributes and values as Values, maps also as plain objects. What
 * stands around it: `resource`, `scope`, for a span event `span`, for a data point `metric` (whose `gauge`, `sum` … says what
 * the point is). `resourceSchemaUrl` and `scopeSchemaUrl` are the URLs beside resource and scope.
 */
export type MessageFields = { readonly [name: string]: unknown };

/** A row to try statements on, made of wire data as an SDK sends it. */
export function rowOf(_context: ContextName, _fields: MessageFields): Row {
  throw new Error('being written');
}
