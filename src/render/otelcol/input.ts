import { type ComponentConfig, type ComponentId, componentId, pipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Agent, Workload } from '../../topology/index.ts';
import type { ConfigParts } from './config-parts.ts';
import { addEnrichment } from './enrichment.ts';
import { DIRECT, ROUTED } from './pod-attributes.ts';
import type { RenderOptions } from './rendered-config.ts';

const MIB = 1024 * 1024;

/** Largest request taken from a sender, for both protocols: the Collector's own limits differ between them. */
const EDGE_LIMIT_MIB = 16;

/** Largest request taken from a hop in front: more than the edge lets in, as it may arrive larger than it was sent. */
const INNER_LIMIT_MIB = 64;

/** Connections of hops end at times, so that clients look up who else is there and spread over new replicas. */
const INNER_KEEPALIVE = { server_parameters: { max_connection_age: '60s', max_connection_age_grace: '15s' } } as const;

/** The receiver and, behind it, what protects the process's memory: at the head of every pipeline that takes data from outside. */
export function addHead(
  parts: ConfigParts,
  workload: Workload,
  options: RenderOptions,
): { readonly receivers: readonly ComponentId[]; readonly processors: readonly ComponentId[] } {
  addAdmission(parts, workload);
  const receiver = parts.add('receivers', { id: componentId('otlp'), settings: otlpReceiver(workload, options) });
  const limiter = parts.add('processors', { id: componentId('memory_limiter'), settings: memoryLimiter(workload) });
  return { receivers: [receiver], processors: [limiter] };
}

/**
 * How senders and signals share the memory of the engine; without a word every address gets the same, and every signal. Behind
 * another hop all data comes from a few addresses, so that the services in it stand for their senders.
 */
function addAdmission(parts: ConfigParts, workload: Workload): void {
  const { distribution, priority, role } = workload;
  const sharesAddresses = role === 'dispatcher' || isBehindAnother(workload);
  const settings = {
    ...(distribution === 'sluice' && sharesAddresses && { senders: { by: 'service' } }),
    ...(priority !== undefined && { priority }),
  };
  if (Object.keys(settings).length > 0) parts.add('extensions', { id: componentId('sluice_admission'), settings });
}

/** Per signal one pipeline that receives, limits memory before anything fans out, and forwards. */
export function addInputs(
  parts: ConfigParts,
  workload: Workload,
  { signals, options }: { readonly signals: readonly Signal[]; readonly options: RenderOptions },
): void {
  for (const signal of signals) {
    const forward = parts.add('connectors', { id: forwardOf(signal), settings: {} });
    const { receivers, processors } = addHead(parts, workload, options);
    const enrichment = enrichmentOf(parts, workload, { signal, signals });
    parts.addPipeline(pipelineId(signal, 'input'), {
      receivers,
      processors: [...processors, ...enrichment],
      exporters: [forward],
    });
  }
}

/** In a cluster, where data comes from senders or through a router; behind an entry it has what it needs. */
function enrichmentOf(
  parts: ConfigParts,
  workload: Workload,
  { signal, signals }: { readonly signal: Signal; readonly signals: readonly Signal[] },
): readonly ComponentId[] {
  const { cluster, role } = workload;
  if (cluster === undefined || role === 'dispatcher') return [];
  const associations = isBehindAnother(workload) ? ROUTED : DIRECT;
  return addEnrichment(parts, signal, { cluster, signals, associations });
}

/** The address that data comes from is not its sender's. A proxy of the cluster's writes none down: data must name its Pod. */
function isBehindAnother(workload: Workload): boolean {
  return workload.role === 'gateway' && (workload.behind !== undefined || workload.proxied === true);
}

/** What the pipelines of a signal receive from. */
export function forwardOf(signal: Signal): ComponentId {
  return componentId('forward', signal);
}

function otlpReceiver(workload: Workload, { otlpGrpc, otlpHttp, corsOrigins = [] }: RenderOptions): ComponentConfig {
  const isInner = workload.role === 'dispatcher' || (workload.role === 'gateway' && workload.behind !== undefined);
  const grpc = isInner
    ? { endpoint: otlpGrpc, max_recv_msg_size_mib: INNER_LIMIT_MIB, keepalive: INNER_KEEPALIVE }
    : { endpoint: otlpGrpc, max_recv_msg_size_mib: EDGE_LIMIT_MIB };
  if (workload.role === 'dispatcher') return { protocols: { grpc } };
  const cors = corsOrigins.length === 0 ? {} : { cors: corsPolicy(corsOrigins) };
  return { protocols: { grpc, http: { endpoint: otlpHttp, max_request_body_size: EDGE_LIMIT_MIB * MIB, ...cors } } };
}

/** Whose pages are let in is decided by the origin; what headers they send then matters to nobody. */
function corsPolicy(origins: readonly string[]): ComponentConfig {
  return { allowed_origins: origins, allowed_headers: ['*'], max_age: 7200 };
}

/** Refuses from the soft limit on, which is the limit without the spike; the budget of the queues ends there too. */
export function memoryLimiter({ memory }: Workload | Agent): ComponentConfig {
  const limit = Math.floor((memory.capBytes * 0.8) / MIB);
  return { check_interval: '1s', limit_mib: limit, spike_limit_mib: limit - Math.floor(memory.softLimitBytes / MIB) };
}
