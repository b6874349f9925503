import type { Issue } from '../../diagnostics/index.ts';
import type { PipelineGraph } from '../../pipeline/index.ts';
import { type Plan, type PlanOptions, planTopology } from '../../topology/index.ts';
import { byCreation, type Choice, type KnownResource } from './candidates.ts';
import type { EvaluatedPipeline } from './evaluate.ts';

/** A pipeline that could run, in the generation that was chosen. */
export interface Applicant {
  readonly resource: KnownResource;
  readonly choice: Choice<EvaluatedPipeline>;
  /** The generation that had its place before, if another one is chosen now and the old one can still run. */
  readonly before?: Choice<EvaluatedPipeline>;
}

export interface Placed {
  readonly plan: Plan;
  /** By identity: what has a place. */
  readonly running: ReadonlyMap<string, Choice<EvaluatedPipeline>>;
  /** By identity: why the generation that was chosen has none. */
  readonly refused: ReadonlyMap<string, Issue>;
}

/**
 * Gives every pipeline its place. Those that had one keep it: neither a new pipeline, nor an old one that becomes valid, nor an
 * edit that wants more room takes it from another. An edit for which there is no room leaves the generation before it running.
 */
export function placeAll(applicants: readonly Applicant[], options: PlanOptions): Placed {
  const sorted = [...applicants].sort((a, b) => byCreation(a.resource, b.resource));
  const residents = sorted.filter(({ resource }) => resource.kept?.valid !== undefined);
  const newcomers = sorted.filter(({ resource }) => resource.kept?.valid === undefined);
  const wanted = new Map(sorted.map(({ resource, choice }) => [resource.id, choice]));
  const order = [...residents, ...newcomers].map(({ resource }) => resource.id);
  const first = planChoices(order, wanted, options);
  if (residents.every(({ resource }) => first.running.has(resource.id))) return first;
  const { choices, refused } = admitEdits(residents, options);
  for (const { resource, choice } of newcomers) choices.set(resource.id, choice);
  const last = planChoices(order, choices, options);
  return { ...last, refused: new Map([...last.refused, ...refused]) };
}

interface AdmittedEdits {
  readonly choices: Map<string, Choice<EvaluatedPipeline>>;
  readonly refused: ReadonlyMap<string, Issue>;
}

/**
 * Tries the edits of residents one by one, in the order of creation: one that costs another its place is not taken. One that gives
 * room back may make room for an older one that found none, so those are tried again until nothing changes.
 */
function admitEdits(residents: readonly Applicant[], options: PlanOptions): AdmittedEdits {
  const choices = new Map(residents.map(({ resource, choice, before }) => [resource.id, before ?? choice]));
  const order = residents.map(({ resource }) => resource.id);
  const refused = new Map<string, Issue>();
  let waiting = residents.filter(({ before }) => before !== undefined);
  for (let tried = Number.POSITIVE_INFINITY; waiting.length < tried; ) {
    tried = waiting.length;
    refused.clear();
    waiting = waiting.filter(({ resource: { id }, choice }) => {
      const others = order.filter((other) => other !== id);
      // Last in the order, it can take nothing from the others.
      const reason = planChoices([...others, id], new Map([...choices, [id, choice]]), options).refused.get(id);
      if (reason === undefined) choices.set(id, choice);
      else refused.set(id, reason);
      return reason !== undefined;
    });
  }
  return { choices, refused };
}

function planChoices(
  order: readonly string[],
  choices: ReadonlyMap<string, Choice<EvaluatedPipeline>>,
  options: PlanOptions,
): Placed {
  const graphs = order.flatMap((id) => {
    const graph = choices.get(id)?.evaluated.graph;
    return graph === undefined ? [] : [[id, graph] as const];
  });
  const fluentBit = order.flatMap((id) => choices.get(id)?.evaluated.fluentBit ?? []);
  const plan = planTopology(
    graphs.map(([, graph]) => graph),
    {
      ...options,
      fluentBit: {
        parsers: options.fluentBit?.parsers ?? [],
        pipelines: fluentBit.sort((a, b) => (a.name < b.name ? -1 : 1)),
      },
    },
  );
  const refused = new Map<string, Issue>();
  for (const [id, graph] of graphs) {
    const reason = plan.leftOut.get(graph) ?? lacksPlace(graph, plan);
    if (reason !== undefined) refused.set(id, reason);
  }
  const running = new Map([...choices].filter(([id]) => order.includes(id) && !refused.has(id)));
  return { plan, running, refused };
}

/** The plan says why a pipeline is left out where it can blame a place of it; else anything that it found counts. */
function lacksPlace(graph: PipelineGraph, { topology, issues }: Plan): Issue | undefined {
  if (graph.receivers.length === 0) return undefined;
  const holds = (one: PipelineGraph) => one === graph;
  const placed =
    topology.agents.some(({ pipelines }) => pipelines.some(holds)) ||
    topology.workloads.some((workload) => workload.role !== 'router' && workload.pipelines.some(holds));
  return placed ? undefined : issues.find(({ severity }) => severity === 'error');
}
