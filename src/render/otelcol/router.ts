import { type ComponentConfig, componentId, pipelineId } from '../../otelcol/index.ts';
import { type Router, routerQueueBytes } from '../../topology/index.ts';
import { ConfigParts, type RenderedComponent } from './config-parts.ts';
import { hopConnection } from './hop.ts';
import { addHead } from './input.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';

/**
 * Passes requests on as they came and waits for the gateway's answer, which becomes the sender's. No batch, and a queue that
 * waits: nothing is acknowledged here, the queue only bounds in bytes how much waits.
 */
export function renderRouter(workload: Router, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts();
  const queueBytes = routerQueueBytes(workload.memory);
  for (const { signal, to } of workload.routes) {
    const id = componentId('otlp_grpc', signal);
    const exporter = parts.add('exporters', { id, settings: waitingHop(to, queueBytes, options) });
    const { receivers, processors } = addHead(parts, workload, options);
    const address = workload.cluster === undefined ? [] : [parts.add('processors', SENDER_ADDRESS)];
    parts.addPipeline(pipelineId(signal, 'router'), {
      receivers,
      processors: [...processors, ...address],
      exporters: [exporter],
    });
  }
  return parts.build(workload, options);
}

/** Writes down whose address a request came from: the gateway finds the Pod by it, and would see only the router's. */
const SENDER_ADDRESS: RenderedComponent = { id: componentId('k8s_attributes'), settings: { passthrough: true } };

/** Within 10 s, after which SDKs give up and would send again what is still on its way: tries of 3 s, for 6 s. */
function waitingHop(to: string, queueBytes: number, options: RenderOptions): ComponentConfig {
  return {
    ...hopConnection(to, options),
    timeout: '3s',
    retry_on_failure: { enabled: true, initial_interval: '100ms', max_interval: '1s', max_elapsed_time: '6s' },
    sending_queue: {
      enabled: true,
      wait_for_result: true,
      sizer: 'bytes',
      queue_size: queueBytes,
      num_consumers: 100,
    },
  };
}
