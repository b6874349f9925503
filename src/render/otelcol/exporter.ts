import { type ComponentConfig, type ComponentId, componentId, envRef } from '../../otelcol/index.ts';
import {
  type OtlpExporterNode,
  type PipelineGraph,
  qualifiedName,
  type SecretText,
  type TlsSetting,
} from '../../pipeline/index.ts';
import { RETRY, sendingQueue } from './queue.ts';
import { headerVariable } from './secret-names.ts';

export interface RenderedExporter {
  readonly id: ComponentId;
  readonly settings: ComponentConfig;
  readonly secrets: Readonly<Record<string, SecretText>>;
}

/** One try must end before the senders of a hop in front give up, which they do after 10 s. */
const TIMEOUT = '8s';

export function renderExporter(graph: PipelineGraph): RenderedExporter {
  const { exporter } = graph;
  const name = qualifiedName(graph);
  switch (exporter.type) {
    case 'otlp':
      return otlpExporter(graph, exporter);
    case 'stdout':
      return plain('debug', name, { verbosity: exporter.verbosity, use_internal_logger: false });
    case 'file':
      return plain('file', name, {
        path: exporter.path,
        format: exporter.format,
        create_directory: true,
        ...fileMode(exporter.rotation),
      });
    case 'viewer':
      return plain('sluice_viewer', name, {});
  }
}

function plain(type: string, name: string, settings: ComponentConfig): RenderedExporter {
  return { id: componentId(type, name), settings, secrets: {} };
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

function otlpExporter(graph: PipelineGraph, node: OtlpExporterNode): RenderedExporter {
  const secrets: Record<string, SecretText> = {};
  const settings = {
    [node.exactUrl ? `${graph.signal}_endpoint` : 'endpoint']: node.endpoint,
    ...headers(graph, node, secrets),
    tls: tlsSettings(node.tls),
    compression: node.compression,
    timeout: TIMEOUT,
    retry_on_failure: RETRY,
    ...(graph.queue === undefined ? {} : { sending_queue: sendingQueue(graph.queue) }),
  };
  return { id: componentId(`otlp_${node.protocol}`, qualifiedName(graph)), settings, secrets };
}

function headers(graph: PipelineGraph, node: OtlpExporterNode, secrets: Record<string, SecretText>): ComponentConfig {
  if (node.headers.length === 0) return {};
  const entries = node.headers.map((header) => {
    const variable = headerVariable(graph.kind, graph.name, header.name);
    secrets[variable] = header.value;
    return [header.name, envRef(variable)] as const;
  });
  return { headers: Object.fromEntries(entries) };
}

function tlsSettings({ insecure, insecureSkipVerify }: TlsSetting): ComponentConfig {
  return { insecure, ...(insecureSkipVerify ? { insecure_skip_verify: true } : {}) };
}
