import { type ComponentConfig, componentId } from '../../otelcol/index.ts';
import { type OtlpExporterNode, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import { authSettings, headerSettings, tlsSettings } from './client-settings.ts';
import type { RenderedComponent } from './config-parts.ts';
import { queueSettings, retrySettings } from './queue.ts';
import { type ExporterPlace, type QueueHome, queueStorageId } from './queue-storage.ts';
import { remoteWriteExporter } from './remote-write.ts';
import { SecretRefs } from './secret-refs.ts';

/** One try must end before the senders of a hop in front give up, which they do after 10 s. */
export const TIMEOUT = '8s';

/** `owner`: after whom secrets are called, where it is not the pipeline itself. */
export function renderExporter(graph: PipelineGraph, home: QueueHome, owner: PipelineGraph = graph): RenderedComponent {
  const { exporter } = graph;
  switch (exporter.type) {
    case 'otlp':
      return otlpExporter(graph, exporter, { owner, home });
    case 'prometheusRemoteWrite':
      return remoteWriteExporter(graph, exporter, { owner, home });
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

function otlpExporter(graph: PipelineGraph, node: OtlpExporterNode, { owner, home }: ExporterPlace): RenderedComponent {
  const refs = new SecretRefs(owner);
  const settings = {
    [node.exactUrl ? `${graph.signal}_endpoint` : 'endpoint']: refs.text({ field: 'endpoint' }, node.endpoint),
    ...authSettings(owner, node),
    ...headerSettings(node, refs),
    tls: tlsSettings(node, refs),
    compression: node.compression,
    timeout: TIMEOUT,
    retry_on_failure: retrySettings(graph.queue),
    ...(graph.queue === undefined
      ? {}
      : { sending_queue: queueSettings(graph.queue, queueStorageId(graph, graph.queue, { home, owner }), home) }),
  };
  const id = componentId(`otlp_${node.protocol}`, qualifiedName(graph));
  return { id, settings, secrets: refs.secrets, source: node.source };
}
