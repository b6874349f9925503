import type { ComponentConfig } from '../../../otelcol/index.ts';
import type { ContainerLogsReceiverNode } from '../../../pipeline/index.ts';

type Operator = ComponentConfig;

/** What does not parse goes on as it is; the agent's own log is no place for what containers wrote. */
const KEEP_QUIETLY = { on_error: 'send_quiet' } as const;

const DONE = 'done';

/**
 * What is made of a line: the container's own, put together where the runtime had split it; of one that is JSON, its fields
 * as attributes, its message as body, its level as severity, its trace. Upstream's steps, but a line that looks like JSON and
 * is none stays as it is, and an identifier that is none stays an attribute.
 */
export function logOperators({ keepOriginalBody }: ContainerLogsReceiverNode): readonly Operator[] {
  return [
    { id: 'container', type: 'container', format: 'containerd', add_metadata_from_file_path: true, ...KEEP_QUIETLY },
    remove('logtag'),
    route('json', [{ expr: "body matches '^{.*}$'", output: 'parse-json' }]),
    { id: 'parse-json', type: 'json_parser', parse_from: 'body', parse_to: PARSED, ...KEEP_QUIETLY },
    route('parsed', [{ expr: `${PARSED} != nil`, output: 'fields' }]),
    { id: 'fields', type: 'flatten', field: PARSED },
    keepOriginalBody
      ? { id: 'original', type: 'copy', from: 'body', to: attribute('log.original') }
      : { id: 'original', type: 'noop' },
    { id: 'no-body', type: 'remove', field: 'body' },
    move('message', 'body'),
    move('msg', 'body'),
    ...severity('level'),
    ...severity('log.level'),
    ...traceContext(),
    { id: DONE, type: 'noop' },
  ];
}

function attribute(name: string): string {
  return `attributes["${name}"]`;
}

/** Where the fields are until it is known that there are some. */
const PARSED = attribute('kyma.json');

function isThere(name: string): string {
  return `${attribute(name)} != nil`;
}

/** Goes on at the first route that is right; without one the line is done. */
function route(id: string, routes: readonly { readonly expr: string; readonly output: string }[]): Operator {
  return { id, type: 'router', routes, default: DONE };
}

function remove(name: string): Operator {
  return { id: `remove-${name}`, type: 'remove', field: attribute(name), if: isThere(name) };
}

function move(name: string, to: string): Operator {
  return { id: `move-${name}`, type: 'move', from: attribute(name), to, if: isThere(name) };
}

/** A word that names no severity becomes its text; what is neither word nor number stays an attribute. */
function severity(name: string): readonly Operator[] {
  const isLevel = `type(${attribute(name)}) in ["string", "float", "int"]`;
  return [
    { id: `severity-${name}`, type: 'severity_parser', parse_from: attribute(name), if: isLevel, ...KEEP_QUIETLY },
    { id: `remove-${name}`, type: 'remove', field: attribute(name), if: isLevel },
  ];
}

const TRACEPARENT = '^[0-9a-f]{2}-(?P<trace_id>[0-9a-f]{32})-(?P<span_id>[0-9a-f]{16})-(?P<trace_flags>[0-9a-f]{2})$';

/** From `trace_id`, `span_id` and `trace_flags`, or from `traceparent`. */
function traceContext(): readonly Operator[] {
  const parts = ['trace_id', 'span_id', 'trace_flags'];
  const fields = Object.fromEntries(parts.map((name) => [name, { parse_from: attribute(name) }]));
  const matches = (name: string, pattern: string) =>
    `type(${attribute(name)}) == "string" and ${attribute(name)} matches '${pattern}'`;
  return [
    route('trace', [
      { expr: matches('trace_id', '^[0-9a-fA-F]{32}$'), output: 'trace-ids' },
      { expr: matches('traceparent', TRACEPARENT), output: 'traceparent' },
    ]),
    {
      id: 'traceparent',
      type: 'regex_parser',
      parse_from: attribute('traceparent'),
      regex: TRACEPARENT,
      trace: fields,
      output: 'remove-traceparent',
      ...KEEP_QUIETLY,
    },
    { id: 'trace-ids', type: 'trace_parser', ...fields, output: 'remove-trace_id', ...KEEP_QUIETLY },
    remove('traceparent'),
    ...parts.map(remove),
  ];
}
