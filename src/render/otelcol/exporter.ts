import { type ComponentConfig, componentId } from '../../otelcol/index.ts';
import { type OtlpExporterNode, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import type { RenderedComponent } from './config-parts.ts';
import { oauth2Id } from './oauth2.ts';
import { RETRY, sendingQueue } from './queue.ts';
import { SecretRefs } from './secret-refs.ts';

/** One try must end before the senders of a hop in front give up, which they do after 10 s. */
export const TIMEOUT = '8s';

export function renderExporter(graph: PipelineGraph): RenderedComponent {
  const { exporter } = graph;
  switch (exporter.type) {
    case 'otlp':
      return otlpExporter(graph, exporter);
    case 'prometheusRemoteWrite':
      throw new Error('no resource leads here yet');
    case 'stdout':
      return plain(graph, 'debug', { verbosity: exporter.verbosity, use_internal_logger: false });
    case 'file':
      return plain(graph, 'file', {
        path: exporter.path,
        format: exporter.format,
        create_directory: true,
        ...fileMode(exporter.rotation),
      });
    case 'viewer':
      return plain(graph, 'sluice_viewer', {});
  }
}

function plain(graph: PipelineGraph, type: string, settings: ComponentConfig): RenderedComponent {
  return { id: componentId(type, qualifiedName(graph)), settings, source: graph.exporter.source };
}

/** The Collector's exporter either rotates or appends; without a word it empties the file at every start. */
function fileMode(
  rotation: { readonly maxSizeBytes: number; readonly maxBackups: number } | undefined,
): ComponentConfig {
  if (rotation === undefined) return { append: true };
  return {
    rotation: { max_megabytes: Math.ceil(rotation.maxSizeBytes / 2 ** 20), max_backups: rotation.maxBackups },
  };
}

function otlpExporter(graph: PipelineGraph, node: OtlpExporterNode): RenderedComponent {
  const refs = new SecretRefs(graph);
  const settings = {
    [node.exactUrl ? `${graph.signal}_endpoint` : 'endpoint']: refs.text({ field: 'endpoint' }, node.endpoint),
    ...(node.oauth2 === undefined ? {} : { auth: { authenticator: oauth2Id(graph) } }),
    ...headers(node, refs),
    tls: tlsSettings(node, refs),
    compression: node.compression,
    timeout: TIMEOUT,
    retry_on_failure: RETRY,
    ...(graph.queue === undefined ? {} : { sending_queue: sendingQueue(graph.queue) }),
  };
  const id = componentId(`otlp_${node.protocol}`, qualifiedName(graph));
  return { id, settings, secrets: refs.secrets, source: node.source };
}

function headers(node: OtlpExporterNode, refs: SecretRefs): ComponentConfig {
  if (node.headers.length === 0) return {};
  const entries = node.headers.map(({ name, value }) => [name, refs.ref({ field: 'header', name }, value)] as const);
  return { headers: Object.fromEntries(entries) };
}

function tlsSettings({ tls }: OtlpExporterNode, refs: SecretRefs): ComponentConfig {
  return {
    insecure: tls.insecure,
    ...(tls.insecureSkipVerify ? { insecure_skip_verify: true } : {}),
    ...(tls.ca === undefined ? {} : { ca_pem: refs.ref({ field: 'ca' }, tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert_pem: refs.ref({ field: 'cert' }, tls.cert) }),
    ...(tls.key === undefined ? {} : { key_pem: refs.ref({ field: 'key' }, tls.key) }),
  };
}
