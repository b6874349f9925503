import { identityOf, type PipelineGraph } from '../../pipeline/index.ts';
import type { WorkloadRole } from '../../render/index.ts';
import type { Topology, Workload } from '../../topology/index.ts';

/** A workload that runs a pipeline, or a part of it. */
export interface Carrier {
  readonly workload: string;
  readonly role: WorkloadRole;
}

/** By identity of the pipeline: the workloads that its data goes through, in no matter which order. */
export function carriersOf(topology: Topology): ReadonlyMap<string, readonly Carrier[]> {
  let known = KNOWN.get(topology);
  if (known === undefined) {
    known = findCarriers(topology);
    KNOWN.set(topology, known);
  }
  return known;
}

/** Every status is made from it, those of all pipelines after each pass. */
const KNOWN = new WeakMap<Topology, ReadonlyMap<string, readonly Carrier[]>>();

function findCarriers({ workloads, agents, fluentBit }: Topology): ReadonlyMap<string, readonly Carrier[]> {
  const carriers = new Map<string, Carrier[]>();
  const add = (resource: { readonly kind: string; readonly name: string }, carrier: Carrier) => {
    const id = identityOf(resource);
    carriers.set(id, [...(carriers.get(id) ?? []), carrier]);
  };
  for (const workload of workloads) {
    for (const graph of carriedBy(workload, workloads)) add(graph, { workload: workload.name, role: workload.role });
  }
  for (const { name, role, pipelines } of agents) {
    for (const graph of pipelines) add(graph, { workload: name, role });
  }
  for (const { name } of fluentBit?.pipelines ?? []) {
    add({ kind: 'LogPipeline', name }, { workload: fluentBit!.name, role: fluentBit!.role });
  }
  return carriers;
}

function carriedBy(workload: Workload, all: readonly Workload[]): readonly PipelineGraph[] {
  switch (workload.role) {
    case 'router': {
      const behind = workload.routes.map(({ to }) => to);
      return all.filter(({ name }) => behind.includes(name)).flatMap((one) => carriedBy(one, all));
    }
    case 'entry':
      return [...workload.pipelines, ...workload.hops.map(({ pipeline }) => pipeline)];
    default:
      return workload.pipelines;
  }
}
