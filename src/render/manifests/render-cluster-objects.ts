import type { Agent, Workload } from '../../topology/index.ts';
import type { RenderedConfig } from '../otelcol/rendered-config.ts';
import { agentObjects } from './agent-objects.ts';
import type { ClusterObjects, ClusterRendering, ManifestOptions } from './cluster-objects.ts';
import { endpointObjects } from './endpoint-objects.ts';
import { fluentBitObjects } from './fluent-bit-objects.ts';
import { gatewayObjects } from './gateway-objects.ts';

/** Every object that runs the pipelines of a topology, for server-side apply. Pure: same rendering, same objects. */
export function renderClusterObjects(
  { topology, rendered, agents, fluentBit }: ClusterRendering,
  options: ManifestOptions,
): ClusterObjects {
  return {
    workloads: [
      ...topology.workloads.map((workload) =>
        gatewayObjects(workload, { topology, rendered: configOf(workload, rendered), manifest: options }),
      ),
      ...topology.agents.map((agent) => agentObjects(agent, { rendered: configOf(agent, agents), manifest: options })),
      ...(fluentBit === undefined ? [] : [fluentBitObjects(fluentBit, { topology, manifest: options })]),
    ],
    shared: endpointObjects(topology, options),
  };
}

function configOf({ name }: Workload | Agent, rendered: readonly RenderedConfig[]): RenderedConfig {
  const found = rendered.find(({ workload }) => workload === name);
  if (found === undefined) throw new Error(`no configuration was rendered for ${name}`);
  return found;
}
