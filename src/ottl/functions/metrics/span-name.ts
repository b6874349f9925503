/** The names that the semantic conventions give spans. Source: opentelemetry.io/docs/specs/semconv for http, rpc, db, messaging. */
import { EvaluationError, type FunctionSpec, InvalidArgument } from '../../function.ts';
import type { Place } from '../../paths.ts';
import { resolvePath } from '../../rows/index.ts';
import type { MapValue } from '../../value.ts';
import { parameters } from '../argument.ts';
import { textOf } from '../value-text.ts';

const VERSION = '1.37.0';

export const SET_SEMCONV_SPAN_NAME: FunctionSpec = {
  name: 'set_semconv_span_name',
  parameters: parameters(['semconv_version', 'string'], ['original_span_name_attribute?', 'string']),
  contexts: ['span'],
  doc: 'Names the span as the semantic conventions have it for HTTP, RPC, databases and messaging; others keep their name.',
  example: `set_semconv_span_name("${VERSION}", "original_span_name")`,
  create([version, original]) {
    if (version !== VERSION)
      throw new InvalidArgument(0, `unsupported version ${JSON.stringify(version)}; use "${VERSION}"`);
    if (original === '') throw new InvalidArgument(1, 'the name of the attribute must not be empty');
    const [name, kind, attributes] = ['name', 'kind', 'attributes'].map(placeOf);
    return (row) => {
      const before = name!.get(row) as string;
      const map = attributes!.get(row) as MapValue;
      const after = derivedName(kind!.get(row) as bigint, map) ?? before;
      name!.set!(row, after);
      if (before !== after && original !== undefined) map.set(original as string, before);
      return undefined;
    };
  },
};

function placeOf(name: string): Place {
  const place = resolvePath('span', { of: 'span', steps: [{ name, keys: [] }] });
  if ('message' in place) throw new EvaluationError(`spans have no ${name}`);
  return place;
}

type Namer = (attributes: MapValue) => string | undefined;

/** What is asked in turn for spans of a kind: server, client, producer, consumer. */
const NAMERS: Readonly<Record<string, readonly Namer[]>> = {
  2: [httpName('http.route'), rpcName, messagingName],
  3: [httpName('url.template'), rpcName, databaseName, messagingName],
  4: [messagingName],
  5: [messagingName],
};

function derivedName(kind: bigint, attributes: MapValue): string | undefined {
  for (const namer of NAMERS[String(kind)] ?? []) {
    const name = namer(attributes);
    if (name !== undefined && name !== '') return name;
  }
  return undefined;
}

/** The text of the first of these attributes that there is. */
function read(attributes: MapValue, ...keys: readonly string[]): string | undefined {
  const key = keys.find((one) => attributes.has(one));
  return key === undefined ? undefined : textOf(attributes.get(key));
}

function httpName(subjectKey: string): Namer {
  return (attributes) => {
    const method = read(attributes, 'http.request.method', 'http.method');
    const subject = read(attributes, subjectKey);
    return method === undefined || subject === undefined ? method : `${method} ${subject}`;
  };
}

function rpcName(attributes: MapValue): string | undefined {
  const system = read(attributes, 'rpc.system');
  if (system === undefined) return undefined;
  const method = read(attributes, 'rpc.method', 'rpc.grpc.method');
  const service = read(attributes, 'rpc.service', 'rpc.grpc.service');
  if (service === undefined) return method ?? system;
  return `${service}/${method ?? '*'}`;
}

function databaseName(attributes: MapValue): string | undefined {
  const system = read(attributes, 'db.system.name', 'db.system');
  if (system === undefined) return undefined;
  const summary = read(attributes, 'db.query.summary');
  if (summary !== undefined) return summary;
  const operation = read(attributes, 'db.operation.name', 'db.operation') ?? '';
  const target = databaseTarget(attributes) ?? '';
  return [operation, target].filter((part) => part !== '').join(' ') || system;
}

function databaseTarget(attributes: MapValue): string | undefined {
  const namespace = read(attributes, 'db.namespace', 'db.name') ?? '';
  const within = read(attributes, 'db.collection.name', 'db.stored_procedure.name');
  if (within !== undefined) return namespace === '' ? within : `${namespace}.${within}`;
  return namespace === '' ? serverAddress(attributes) : namespace;
}

function messagingName(attributes: MapValue): string | undefined {
  const system = read(attributes, 'messaging.system');
  if (system === undefined) return undefined;
  const operation = read(attributes, 'messaging.operation.name', 'messaging.operation');
  const destination = messagingDestination(attributes) ?? '';
  if (destination === '') return operation ?? system;
  return operation === undefined ? destination : `${operation} ${destination}`;
}

function messagingDestination(attributes: MapValue): string | undefined {
  if (attributes.get('messaging.destination.temporary') === true) return '(temporary)';
  if (attributes.get('messaging.destination.anonymous') === true) return '(anonymous)';
  const keys = ['messaging.destination.template', 'messaging.destination.name', 'messaging.destination'];
  return read(attributes, ...keys) ?? serverAddress(attributes);
}

function serverAddress(attributes: MapValue): string | undefined {
  const address = read(attributes, 'server.address');
  const port = read(attributes, 'server.port');
  return address === undefined || port === undefined ? address : `${address}:${port}`;
}
