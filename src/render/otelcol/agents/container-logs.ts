import { type ComponentConfig, componentId } from '../../../otelcol/index.ts';
import { type ContainerLogsReceiverNode, type PipelineGraph, qualifiedName } from '../../../pipeline/index.ts';
import type { ClusterSettings } from '../../../topology/index.ts';
import type { RenderedComponent } from '../config-parts.ts';
import { RETRY } from '../queue.ts';
import { logOperators } from './log-operators.ts';

/** Where the kubelet keeps what containers write: `<namespace>_<pod>_<uid>/<container>/<restart>.log`. */
const POD_LOGS = '/var/log/pods';

/** On the node, so that a new agent goes on where the one before it stopped. */
const OFFSETS = '/var/lib/telemetry-log-agent';

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
      storage: offsetsId(graph),
      // A full queue stops the reading: until then the files of the node are the buffer.
      retry_on_failure: RETRY,
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

export function offsetsId(graph: PipelineGraph): RenderedComponent['id'] {
  return componentId('file_storage', qualifiedName(graph));
}

/** What has been read, in a folder of the pipeline's own. It is written once in a while, so it can afford to be safe on disk. */
export function offsets(graph: PipelineGraph): RenderedComponent {
  const settings: ComponentConfig = {
    directory: `${OFFSETS}/${qualifiedName(graph)}`,
    create_directory: true,
    fsync: true,
  };
  return { id: offsetsId(graph), settings };
}
