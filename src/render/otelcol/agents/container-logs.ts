import { componentId } from '../../../otelcol/index.ts';
import { type ContainerLogsReceiverNode, type PipelineGraph, qualifiedName } from '../../../pipeline/index.ts';
import { AGENT_DIRECTORY, type ClusterSettings } from '../../../topology/index.ts';
import type { RenderedComponent } from '../config-parts.ts';
import { retrySettings } from '../queue.ts';
import { queueStorage, storageId } from '../queue-storage.ts';
import { logOperators } from './log-operators.ts';

/** Where the kubelet keeps what containers write: `<namespace>_<pod>_<uid>/<container>/<restart>.log`. */
const POD_LOGS = '/var/log/pods';

/** Reads the files of the containers that one pipeline takes; the others are never opened. */
export function containerLogs(
  graph: PipelineGraph,
  node: ContainerLogsReceiverNode,
  cluster: ClusterSettings,
): RenderedComponent {
  return {
    id: componentId('file_log', qualifiedName(graph)),
    settings: {
      include: includedFiles(node),
      exclude: excludedFiles(node, cluster),
      include_file_name: false,
      include_file_path: true,
      start_at: 'beginning',
      // The runtime splits long lines anywhere, also behind a space.
      preserve_trailing_whitespaces: true,
      storage: storageId(graph),
      // A full queue stops the reading: until then the files of the node are the buffer.
      retry_on_failure: retrySettings(graph.queue),
      operators: logOperators(node),
    },
    source: node.source,
  };
}

function includedFiles({ namespaces, containers }: ContainerLogsReceiverNode): readonly string[] {
  const { include: ofNamespaces = ['*'] } = namespaces;
  const { include: ofContainers = ['*'] } = containers;
  return ofNamespaces.flatMap((namespace) => ofContainers.map((container) => files({ namespace, container })));
}

/** The agent's own logs would be about themselves, without end; those of Fluent Bit, which may do the same, likewise. */
function excludedFiles(
  { namespaces, containers }: ContainerLogsReceiverNode,
  { namespace }: ClusterSettings,
): readonly string[] {
  return [
    files({ namespace, pod: 'telemetry-log-agent-*' }),
    files({ namespace, pod: 'telemetry-fluent-bit-*' }),
    ...(namespaces.exclude ?? []).map((name) => files({ namespace: name })),
    ...(containers.exclude ?? []).map((container) => files({ container })),
  ];
}

/** No part of the name of a folder holds an underscore, so each part is found exactly. */
function files({ namespace = '*', pod = '*', container = '*' }): string {
  return `${POD_LOGS}/${namespace}_${pod}_*/${container}/*.log`;
}

/**
 * What has been read, in a folder of the pipeline's own on the node, so that a new agent goes on where the one before it
 * stopped; a queue on disk is beside it. It is written once in a while, so it can afford to be safe on disk.
 */
export function offsets(graph: PipelineGraph): RenderedComponent {
  return queueStorage(graph, AGENT_DIRECTORY);
}
