import type { ComponentConfig } from '../../../otelcol/index.ts';
import type { ContainerLogsReceiverNode } from '../../../pipeline/index.ts';

type Operator = ComponentConfig;

/** What does not parse goes on as it is; the agent's own log is no place for what containers wrote. */
const KEEP_QUIETLY = { on_error: 'send_quiet' } as const;

/**
 * What is made of a line: the container's own, put together where the runtime had split it; of one that is JSON, its fields
 * as attributes, its message as body, its level as severity, its trace. Upstream's steps, with two differences. What looks
 * like JSON or an identifier and is none stays as it is. And each step decides for itself whether it has something to do:
 * behind an operator of type `router` lines have lost their order.
 */
export function logOperators({ keepOriginalBody }: ContainerLogsReceiverNode): readonly Operator[] {
  return [
    { id: 'container', type: 'container', format: 'containerd', ...KEEP_QUIETLY },
    remove('logtag'),
    {
      id: 'json',
      type: 'json_parser',
      parse_from: 'body',
      parse_to: FIELDS,
      if: "body matches '^{.*}[[:space:]]*$'",
      ...KEEP_QUIETLY,
    },
    ...(keepOriginalBody
      ? [{ id: 'original', type: 'copy', from: 'body', to: `${FIELDS}["log.original"]`, if: IS_JSON }]
      : []),
    { id: 'no-body', type: 'remove', field: 'body', if: IS_JSON },
    { id: 'fields', type: 'flatten', field: FIELDS, if: IS_JSON },
    move('message', 'body'),
    move('msg', 'body'),
    ...severity('level'),
    ...severity('log.level'),
    ...traceContext(),
  ];
}

function attribute(name: string): string {
  return `attributes["${name}"]`;
}

/** The fields of JSON, until it is known that there are some. */
const FIELDS = attribute('kyma.json');
const IS_JSON = `${FIELDS} != nil`;

function isThere(name: string): string {
  return `${attribute(name)} != nil`;
}

function remove(name: string, condition = isThere(name)): Operator {
  return { id: `remove-${name}`, type: 'remove', field: attribute(name), if: condition };
}

function move(name: string, to: string): Operator {
  return { id: `move-${name}`, type: 'move', from: attribute(name), to, if: isThere(name) };
}

/** A word that names no severity becomes its text; what is neither word nor number stays an attribute. */
function severity(name: string): readonly Operator[] {
  const isLevel = `type(${attribute(name)}) in ["string", "float", "int"]`;
  return [
    { id: `severity-${name}`, type: 'severity_parser', parse_from: attribute(name), if: isLevel, ...KEEP_QUIETLY },
    remove(name, isLevel),
  ];
}

function matches(name: string, pattern: string): string {
  return `type(${attribute(name)}) == "string" and ${attribute(name)} matches '${pattern}'`;
}

const HAS_TRACE = matches('trace_id', '^[0-9a-fA-F]{32}$');
const TRACEPARENT = '^[0-9a-f]{2}-(?P<trace_id>[0-9a-f]{32})-(?P<span_id>[0-9a-f]{16})-(?P<trace_flags>[0-9a-f]{2})$';

/** From `trace_id`, `span_id` and `trace_flags`; without a trace_id from `traceparent`, which is taken apart into the three. */
function traceContext(): readonly Operator[] {
  const parts = ['trace_id', 'span_id', 'trace_flags'];
  const isConsumed = ['trace_id', 'span_id'].map((name) => `${attribute('traceparent')} contains ${attribute(name)}`);
  return [
    {
      id: 'traceparent',
      type: 'regex_parser',
      parse_from: attribute('traceparent'),
      regex: TRACEPARENT,
      if: `not (${HAS_TRACE}) and ${matches('traceparent', TRACEPARENT)}`,
      ...KEEP_QUIETLY,
    },
    {
      id: 'trace',
      type: 'trace_parser',
      ...Object.fromEntries(parts.map((name) => [name, { parse_from: attribute(name) }])),
      if: HAS_TRACE,
      ...KEEP_QUIETLY,
    },
    remove(
      'traceparent',
      [HAS_TRACE, matches('traceparent', TRACEPARENT), `type(${attribute('span_id')}) == "string"`, ...isConsumed].join(
        ' and ',
      ),
    ),
    remove('trace_flags', `${HAS_TRACE} and ${matches('trace_flags', '^[0-9a-fA-F]{2}$')}`),
    remove('span_id', `${HAS_TRACE} and ${matches('span_id', '^[0-9a-fA-F]{16}$')}`),
    remove('trace_id', HAS_TRACE),
  ];
}
