import {
  type ComponentConfig,
  type ComponentId,
  componentId,
  type OtelcolConfig,
  type PipelineConfig,
  type PipelineId,
  pipelineId,
} from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { type PipelineGraph, qualifiedName, type SecretText } from '../../pipeline/index.ts';
import type { Workload } from '../../topology/index.ts';
import { renderExporter } from './exporter.ts';
import { batchProcessor } from './queue.ts';
import type { BlockSource, RenderedConfig, RenderedPipeline, RenderOptions } from './rendered-config.ts';

const OTLP = componentId('otlp');
const MEMORY_LIMITER = componentId('memory_limiter');
const HEALTH_CHECK = componentId('health_check');
const MIB = 1024 * 1024;

/** Largest request taken from a sender, for both protocols: the Collector's own limits differ between them. */
const EDGE_LIMIT_MIB = 16;

/**
 * A workload as a Collector configuration. Per signal one input pipeline receives, limits memory before anything fans out,
 * and forwards; behind it every pipeline has a batch, a queue in bytes and an exporter of its own.
 */
export function renderOtelcol(workload: Workload, options: RenderOptions): RenderedConfig {
  const parts = newParts();
  addInputs(parts, workload, options);
  for (const graph of pipelinesOf(workload)) addPipeline(parts, graph);
  const extensions: Record<ComponentId, ComponentConfig> =
    options.health === undefined ? {} : { [HEALTH_CHECK]: { endpoint: options.health } };
  const config: OtelcolConfig = {
    receivers: parts.receivers,
    processors: parts.processors,
    connectors: parts.connectors,
    exporters: parts.exporters,
    extensions,
    service: {
      extensions: Object.keys(extensions) as ComponentId[],
      pipelines: parts.pipelines,
      ...(options.metrics === undefined ? {} : { telemetry: selfMetrics(options.metrics) }),
    },
  };
  const { distribution, name } = workload;
  return { workload: name, distribution, config, ...pick(parts) };
}

function pipelinesOf(workload: Workload): readonly PipelineGraph[] {
  return workload.role === 'router' ? [] : workload.pipelines;
}

interface Parts {
  readonly receivers: Record<ComponentId, ComponentConfig>;
  readonly processors: Record<ComponentId, ComponentConfig>;
  readonly connectors: Record<ComponentId, ComponentConfig>;
  readonly exporters: Record<ComponentId, ComponentConfig>;
  readonly pipelines: Record<PipelineId, PipelineConfig>;
  readonly rendered: RenderedPipeline[];
  readonly sourceMap: Record<string, BlockSource>;
  readonly secrets: Record<string, string>;
  readonly missingSecrets: Record<string, SecretText>;
}

function newParts(): Parts {
  return {
    receivers: {},
    processors: {},
    connectors: {},
    exporters: {},
    pipelines: {},
    rendered: [],
    sourceMap: {},
    secrets: {},
    missingSecrets: {},
  };
}

function pick({ rendered, sourceMap, secrets, missingSecrets }: Parts) {
  return { pipelines: rendered, sourceMap, secrets, missingSecrets };
}

function addInputs(parts: Parts, workload: Workload, options: RenderOptions): void {
  for (const signal of SIGNALS) {
    if (!pipelinesOf(workload).some((graph) => graph.signal === signal)) continue;
    const forward = componentId('forward', signal);
    parts.receivers[OTLP] = otlpReceiver(options);
    parts.processors[MEMORY_LIMITER] = memoryLimiter(workload);
    parts.connectors[forward] = {};
    parts.pipelines[pipelineId(signal, 'input')] = {
      receivers: [OTLP],
      processors: [MEMORY_LIMITER],
      exporters: [forward],
    };
  }
}

function otlpReceiver({ otlpGrpc, otlpHttp }: RenderOptions): ComponentConfig {
  return {
    protocols: {
      grpc: { endpoint: otlpGrpc, max_recv_msg_size_mib: EDGE_LIMIT_MIB },
      http: { endpoint: otlpHttp, max_request_body_size: EDGE_LIMIT_MIB * MIB },
    },
  };
}

/** Refuses from the soft limit on, which is the limit without the spike; the budget of the queues ends there too. */
function memoryLimiter({ memory }: Workload): ComponentConfig {
  const limit = Math.floor((memory.capBytes * 0.8) / MIB);
  return { check_interval: '1s', limit_mib: limit, spike_limit_mib: limit - Math.floor(memory.softLimitBytes / MIB) };
}

function addPipeline(parts: Parts, graph: PipelineGraph): void {
  const name = qualifiedName(graph);
  const id = pipelineId(graph.signal, name);
  const batch = componentId('batch', name);
  const exporter = renderExporter(graph);
  // The viewer takes everything at once and never refuses: people see what they sent as soon as the sender has its answer.
  const batched = graph.exporter.type !== 'viewer';
  if (batched) parts.processors[batch] = batchProcessor(graph.queue);
  parts.exporters[exporter.id] = exporter.settings;
  for (const [variable, secret] of Object.entries(exporter.secrets)) {
    if (secret.text === undefined) parts.missingSecrets[variable] = secret;
    else parts.secrets[variable] = secret.text;
  }
  parts.pipelines[id] = {
    receivers: [componentId('forward', graph.signal)],
    processors: batched ? [batch] : [],
    exporters: [exporter.id],
  };
  parts.rendered.push({ kind: graph.kind, name: graph.name, signal: graph.signal, pipelineId: id });
  if (graph.exporter.source !== undefined) parts.sourceMap[`exporters/${exporter.id}`] = graph.exporter.source;
  if (graph.queue?.source !== undefined) parts.sourceMap[`processors/${batch}`] = graph.queue.source;
}

/** The names of the Collector's default reader; one that is configured adds units, types and scopes unless told not to. */
const PLAIN_NAMES = { without_scope_info: true, without_units: true, without_type_suffix: true } as const;

function selfMetrics(address: { readonly host: string; readonly port: number }): ComponentConfig {
  const prometheus = { ...address, ...PLAIN_NAMES };
  return { metrics: { level: 'normal', readers: [{ pull: { exporter: { prometheus } } }] } };
}
