import type { WritableSection } from '../../fluentbit/index.ts';
import type { FluentBitGraph, HttpOutputNode } from '../../pipeline/index.ts';
import { type Environment, entry, onOff } from './environment.ts';
import { tlsPath } from './names.ts';

/** The settings of the user's own; what all outputs have is added by the caller. */
export function httpOutput(
  graph: FluentBitGraph,
  node: HttpOutputNode,
  environment: Environment,
): WritableSection['entries'] {
  const { tls } = node;
  return [
    entry('host', environment.text({ field: 'http_host' }, node.host)),
    entry('port', String(node.port)),
    entry('uri', environment.text({ field: 'http_uri' }, { text: node.uri, from: [] })),
    entry('format', node.format),
    ...(node.compress === 'none' ? [] : [entry('compress', node.compress)]),
    ...(node.user === undefined ? [] : [entry('http_user', environment.ref({ field: 'http_user' }, node.user))]),
    ...(node.password === undefined
      ? []
      : [entry('http_passwd', environment.ref({ field: 'http_password' }, node.password))]),
    entry('allow_duplicated_headers', 'true'),
    entry('json_date_format', 'iso8601'),
    entry('tls', onOff(!tls.insecure)),
    ...(tls.insecure ? [] : [entry('tls.verify', onOff(!tls.insecureSkipVerify))]),
    ...(tls.ca === undefined ? [] : [entry('tls.ca_file', tlsPath(graph, 'ca.crt'))]),
    ...(tls.cert === undefined ? [] : [entry('tls.crt_file', tlsPath(graph, 'tls.crt'))]),
    ...(tls.key === undefined ? [] : [entry('tls.key_file', tlsPath(graph, 'tls.key'))]),
  ];
}
