import type { ComponentConfig } from '../../otelcol/index.ts';
import type { OtlpExporterNode, PipelineGraph, RemoteWriteExporterNode } from '../../pipeline/index.ts';
import { oauth2Id } from './oauth2.ts';
import type { SecretRefs } from './secret-refs.ts';

/** A backend on the network. */
type Client = OtlpExporterNode | RemoteWriteExporterNode;

/** The extension that signs the requests, where there is one. */
export function authSettings(graph: PipelineGraph, { oauth2 }: Client): ComponentConfig {
  return oauth2 === undefined ? {} : { auth: { authenticator: oauth2Id(graph) } };
}

export function headerSettings(node: Client, refs: SecretRefs): ComponentConfig {
  if (node.headers.length === 0) return {};
  const entries = node.headers.map(({ name, value }) => [name, refs.ref({ field: 'header', name }, value)] as const);
  return { headers: Object.fromEntries(entries) };
}

export function tlsSettings({ tls }: Client, refs: SecretRefs): ComponentConfig {
  return {
    insecure: tls.insecure,
    ...(tls.insecureSkipVerify ? { insecure_skip_verify: true } : {}),
    ...(tls.ca === undefined ? {} : { ca_pem: refs.ref({ field: 'ca' }, tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert_pem: refs.ref({ field: 'cert' }, tls.cert) }),
    ...(tls.key === undefined ? {} : { key_pem: refs.ref({ field: 'key' }, tls.key) }),
  };
}
