import { componentId } from '../../otelcol/index.ts';
import { type PipelineGraph, qualifiedName, type RemoteWriteExporterNode } from '../../pipeline/index.ts';
import { authSettings, headerSettings, tlsSettings } from './client-settings.ts';
import type { RenderedComponent } from './config-parts.ts';
import { remoteWriteQueue, retrySettings } from './queue.ts';
import { type ExporterPlace, queueStorageId } from './queue-storage.ts';
import { SecretRefs } from './secret-refs.ts';

/**
 * The Collector lets this bound all tries of a request together, and hardly waits between them: long enough for a restart,
 * short enough for the log.
 */
const TIMEOUT = '60s';

/** One request at a time, as receivers refuse what is older than what they have. */
export function remoteWriteExporter(
  graph: PipelineGraph,
  node: RemoteWriteExporterNode,
  { owner, home }: ExporterPlace,
): RenderedComponent {
  const { queue } = graph;
  const refs = new SecretRefs(owner);
  const settings = {
    endpoint: refs.text({ field: 'endpoint' }, node.endpoint),
    ...(node.version === '2.0' ? { protobuf_message: 'io.prometheus.write.v2.Request' } : { send_metadata: true }),
    ...authSettings(owner, node),
    ...headerSettings(node, refs),
    tls: tlsSettings(node, refs),
    timeout: TIMEOUT,
    max_batch_request_parallelism: 1,
    retry_on_failure: retrySettings(queue),
    ...(queue === undefined
      ? {}
      : { remote_write_queue: remoteWriteQueue(queue, queueStorageId(graph, queue, { home, owner })) }),
  };
  const id = componentId('prometheusremotewrite', qualifiedName(graph));
  return { id, settings, secrets: refs.secrets, source: node.source };
}
