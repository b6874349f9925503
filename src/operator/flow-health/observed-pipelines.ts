import type { ComponentId } from '../../otelcol/index.ts';
import { type PipelineKind, SIGNAL_OF_KIND } from '../../pipeline/index.ts';
import { type ClusterRendering, fluentBitKey, type RenderedConfig } from '../../render/index.ts';
import { type Agent, refusesWhenFull, type Topology, type Workload } from '../../topology/index.ts';
import type { FlowPart, ObservedBackend, ObservedPipeline } from './observed-pipeline.ts';

interface Place extends FlowPart {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly backend?: ObservedBackend;
}

interface Named {
  readonly kind: PipelineKind;
  readonly name: string;
}

/** Where the figures of each pipeline are found in what was rendered; a resource that is not part of it has no parts. */
export function observedPipelines(
  rendering: ClusterRendering,
  resources: readonly Named[],
): readonly ObservedPipeline[] {
  const { topology, rendered, agents, fluentBit } = rendering;
  const workloads = new Map([...topology.workloads, ...topology.agents].map((one) => [one.name, one]));
  const places = [
    ...[...rendered, ...agents].flatMap((config) => placesIn(config, workloads.get(config.workload)!)),
    ...(fluentBit === undefined ? [] : fluentBitPlaces(topology)),
  ];
  return resources.map(({ kind, name }) => {
    const signal = SIGNAL_OF_KIND[kind];
    const own = places.filter((place) => place.kind === kind && place.name === name);
    const backend = own.find((place) => place.backend !== undefined)?.backend;
    const parts = own.map(({ kind: _kind, name: _name, backend: _backend, ...part }): FlowPart => part);
    const isPushed = parts.some(({ role }) => role === 'gateway' || role === 'entry');
    return {
      kind,
      name,
      signal,
      parts: isPushed ? [...routersOf(topology, signal), ...parts] : parts,
      ...(backend === undefined ? {} : { backend }),
    };
  });
}

/** A pipeline at an entry ends in the dispatcher that is its backend there; nobody asks that one. */
function placesIn(rendered: RenderedConfig, workload: Workload | Agent): readonly Place[] {
  const { role } = workload;
  return rendered.pipelines.map(({ kind, name, signal, pipelineId }) => {
    const { exporters } = rendered.config.service.pipelines[pipelineId]!;
    const [exporter] = exporters as readonly ComponentId[];
    const refuses = refusesWhenFull(workload, { kind, name });
    const place = { kind, name, workload: rendered.workload, role, exporters, refusesWhenFull: refuses };
    const isAskable = role !== 'entry' && exporter !== undefined && /^(otlp_|prometheusremotewrite)/.test(exporter);
    return isAskable ? { ...place, backend: { rendered, exporter, signal } } : place;
  });
}

function fluentBitPlaces({ fluentBit }: Topology): readonly Place[] {
  if (fluentBit === undefined) return [];
  return fluentBit.pipelines.map((graph) => ({
    kind: 'LogPipeline',
    name: graph.name,
    workload: fluentBit.name,
    role: 'fluent-bit',
    exporters: [fluentBitKey(graph)],
  }));
}

function routersOf({ workloads }: Topology, signal: ObservedPipeline['signal']): readonly FlowPart[] {
  return workloads
    .filter((workload) => workload.role === 'router' && workload.routes.some((route) => route.signal === signal))
    .map(({ name }) => ({ workload: name, role: 'router', exporters: [] }));
}
