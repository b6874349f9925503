import type { LoadedTelemetry, LogParser, PipelineKind } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import {
  type CertificateFacts,
  type Condition,
  type FluentBitGraph,
  type PipelineGraph,
  pipelineStatus,
} from '../../pipeline/index.ts';
import {
  type ClusterRendering,
  POD_ADDRESSES,
  podAddresses,
  renderFluentBit,
  renderOtelcol,
} from '../../render/index.ts';
import type { DrainingQueue, PlanOptions, Topology } from '../../topology/index.ts';
import type { RememberedQueue } from '../backlog/remembered-queue.ts';
import { type Choice, type Chosen, choose, type KnownResource, knownResource } from './candidates.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import { compilerFault, type EvaluatedPipeline, Evaluator, hasErrors } from './evaluate.ts';
import type { KeptResource, KeptResources } from './kept-resource.ts';
import { type Applicant, type Placed, placeAll } from './place.ts';
import { planOptionsOf } from './plan-options.ts';
import { crashedCondition, keptCondition } from './told-condition.ts';
import type { WrittenManifest } from './written-manifest.ts';

/** What became of one pipeline. */
export interface CompiledPipeline {
  readonly kind: PipelineKind;
  readonly name: string;
  /** `TracePipeline/demo` */
  readonly id: string;
  readonly uid: string;
  /** The present one. */
  readonly generation: number;
  /** The one that runs; absent: none does. */
  readonly runs?: number;
  /** What it was compiled from. */
  readonly manifest?: WrittenManifest;
  /** Versions of the Secrets that the generation which runs names. */
  readonly secrets: string;
  readonly graph?: PipelineGraph;
  readonly fluentBit?: FluentBitGraph;
  /** Of the present generation. */
  readonly issues: readonly Issue[];
  /** ConfigurationGenerated. */
  readonly condition: Condition;
  readonly unsupportedMode?: boolean;
}

export interface CompiledParser {
  readonly uid: string;
  readonly name: string;
  readonly id: string;
  readonly generation: number;
  readonly runs?: number;
  readonly issues: readonly Issue[];
}

/** What a cluster's custom resources come to. */
export interface CompiledCluster {
  readonly rendering: ClusterRendering;
  /** By identity. */
  readonly pipelines: ReadonlyMap<string, CompiledPipeline>;
  readonly parsers: ReadonlyMap<string, CompiledParser>;
  /** What the Telemetry resource says; an earlier generation of it, if the present one has an error. */
  readonly telemetry?: LoadedTelemetry;
  readonly telemetryIssues: readonly Issue[];
  /** What to remember from now on. */
  readonly kept: KeptResources;
}

export interface ClusterCompiler {
  /** Total and pure: whatever came before, the same snapshot gives the same result. */
  compile(snapshot: ClusterSnapshot): CompiledCluster;
  /** Pipelines that had to be compiled since the start; those that did not change are remembered. */
  readonly compilations: number;
}

export function createClusterCompiler(certificates: CertificateFacts): ClusterCompiler {
  const evaluator = new Evaluator(certificates);
  return {
    compile(snapshot) {
      const compiled = new Compilation(snapshot, evaluator).result();
      evaluator.sweep();
      return compiled;
    },
    get compilations() {
      return evaluator.compilations;
    },
  };
}

type ChosenPipeline = KnownResource & { readonly chosen: Chosen<EvaluatedPipeline> };

interface Rendered extends Placed {
  readonly rendering: ClusterRendering;
}

class Compilation {
  readonly #snapshot: ClusterSnapshot;
  readonly #evaluator: Evaluator;

  constructor(snapshot: ClusterSnapshot, evaluator: Evaluator) {
    this.#snapshot = snapshot;
    this.#evaluator = evaluator;
  }

  result(): CompiledCluster {
    const { kept, secrets, facts } = this.#snapshot;
    const telemetry = this.#telemetry();
    const parsers = this.#snapshot.parsers.map((object) => {
      const known = knownResource(object, kept);
      return { ...known, chosen: choose(known, ({ manifest }) => this.#evaluator.parser(manifest), secrets) };
    });
    const usable = parsers
      .flatMap(({ chosen }) => chosen.choice?.evaluated.parser ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const pipelines = this.#snapshot.pipelines.map((object): ChosenPipeline => {
      const known = knownResource(object, kept);
      const evaluate = ({ manifest }: KnownResource['present']) =>
        this.#evaluator.pipeline(manifest, usable, this.#snapshot);
      return { ...known, chosen: choose(known, evaluate, secrets) };
    });
    const base = planOptionsOf(telemetry.chosen?.choice?.evaluated.telemetry, facts);
    const draining = (this.#snapshot.draining ?? []).flatMap((queue) => this.#draining(queue, usable));
    const options = { ...base, draining, fluentBit: { pipelines: [], parsers: usable } };
    const faults = new Map<string, Issue>();
    const rendered = this.#render(pipelines, { options, parsers: usable, faults });
    const loaded = telemetry.chosen?.choice?.evaluated.telemetry;
    const remembered = [
      ...pipelines.map((one) => [one.id, remember(one, rendered.running.get(one.id))] as const),
      ...[...parsers, ...telemetry.known].map((one) => [one.id, remember(one, one.chosen.choice)] as const),
    ];
    return {
      rendering: rendered.rendering,
      pipelines: new Map(pipelines.map((one) => [one.id, compiledPipeline(one, rendered, faults)])),
      parsers: new Map(
        parsers.map(({ id, name, object, present, chosen }) => {
          const uid = object.metadata.uid ?? '';
          const runs = chosen.choice?.generation.generation;
          const { generation } = present;
          const issues = chosen.present.issues;
          return [id, { id, uid, name, generation, ...(runs === undefined ? {} : { runs }), issues }];
        }),
      ),
      ...(loaded === undefined ? {} : { telemetry: loaded }),
      telemetryIssues: telemetry.chosen?.present.issues ?? [],
      kept: new Map(remembered.filter(([, one]) => one.valid !== undefined || one.crashed !== undefined)),
    };
  }

  #telemetry() {
    const { telemetry, kept, secrets } = this.#snapshot;
    if (telemetry === undefined) return { known: [], chosen: undefined };
    const known = knownResource(telemetry, kept);
    const chosen = choose(known, ({ manifest }) => this.#evaluator.telemetry(manifest), secrets);
    return { known: [{ ...known, chosen }], chosen };
  }

  /** Plans and renders; a pipeline that makes one of the two throw is left out, and only that one. */
  #render(pipelines: readonly ChosenPipeline[], { options, parsers, faults }: RenderContext): Rendered {
    const applicants = () => pipelines.flatMap((one) => (faults.has(one.id) ? [] : this.#applicant(one, parsers)));
    try {
      return renderAll(applicants(), options);
    } catch (error) {
      const before = faults.size;
      for (const one of pipelines) {
        if (faults.has(one.id)) continue;
        const fault = faultOf(this.#applicant(one, parsers), options);
        if (fault !== undefined) faults.set(one.id, compilerFault(one.present.manifest, fault.error));
      }
      if (faults.size > before) return renderAll(applicants(), options);
      // What is left of pipelines that are gone must not stop those that run.
      if (options.draining?.length)
        return this.#render(pipelines, { options: { ...options, draining: [] }, parsers, faults });
      throw error;
    }
  }

  /** What cannot be compiled any more, because its Secret is gone say, waits on its volume. */
  #draining({ workload, manifest }: RememberedQueue, parsers: readonly LogParser[]): readonly DrainingQueue[] {
    const { graph } = this.#evaluator.pipeline(manifest, parsers, this.#snapshot);
    return graph === undefined ? [] : [{ workload, graph }];
  }

  #applicant({ chosen, ...resource }: ChosenPipeline, parsers: readonly LogParser[]): readonly Applicant[] {
    const { choice } = chosen;
    if (choice === undefined) return [];
    const valid = resource.kept?.valid;
    if (valid === undefined || valid.generation === choice.generation.generation) return [{ resource, choice }];
    const evaluated = this.#evaluator.pipeline(valid.manifest, parsers, this.#snapshot);
    if (hasErrors(evaluated.issues)) return [{ resource, choice }];
    return [{ resource, choice, before: { generation: valid, evaluated } }];
  }
}

interface RenderContext {
  readonly options: PlanOptions;
  readonly parsers: readonly LogParser[];
  /** By identity; what is found is added. */
  readonly faults: Map<string, Issue>;
}

function renderAll(applicants: readonly Applicant[], options: PlanOptions): Rendered {
  const placed = placeAll(applicants, options);
  return { ...placed, rendering: renderTopology(placed.plan.topology) };
}

function renderTopology(topology: Topology): ClusterRendering {
  return {
    topology,
    rendered: topology.workloads.map((workload) => renderOtelcol(workload, podAddresses(workload, topology))),
    agents: topology.agents.map((agent) => renderOtelcol(agent, POD_ADDRESSES)),
    ...(topology.fluentBit === undefined ? {} : { fluentBit: renderFluentBit(topology.fluentBit) }),
  };
}

function faultOf(applicants: readonly Applicant[], options: PlanOptions): { readonly error: unknown } | undefined {
  try {
    renderAll(applicants, options);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function compiledPipeline(
  one: ChosenPipeline,
  { running, refused }: Placed,
  faults: ReadonlyMap<string, Issue>,
): CompiledPipeline {
  const { id, name, present, chosen, kept } = one;
  const kind = one.kind as PipelineKind;
  const runs = running.get(id);
  const why = faults.get(id) ?? (runs?.generation === present ? undefined : refused.get(id));
  const issues = why === undefined ? chosen.present.issues : [...chosen.present.issues, why];
  const { loaded } = chosen.present;
  const status = pipelineStatus({ kind, name }, { ...(loaded && { resource: loaded.resource }), issues });
  const crash = chosen.crashed ? kept?.crashed : undefined;
  const told = crash === undefined ? status.conditions[0]! : crashedCondition(crash);
  const generations = { present: present.generation, ...(runs && { runs: runs.generation.generation }) };
  const { graph, fluentBit } = runs?.evaluated ?? {};
  return {
    kind,
    name,
    id,
    uid: one.object.metadata.uid ?? '',
    generation: present.generation,
    ...(runs === undefined ? {} : { runs: runs.generation.generation, manifest: runs.generation.manifest }),
    secrets: (runs?.evaluated ?? chosen.present).secrets,
    ...(graph === undefined ? {} : { graph }),
    ...(fluentBit === undefined ? {} : { fluentBit }),
    issues,
    condition: keptCondition(told, generations),
    ...(status.unsupportedMode === undefined ? {} : { unsupportedMode: status.unsupportedMode }),
  };
}

/** `running`: the generation that has its place now; without one, what was remembered stays. */
function remember({ object, present, kept }: KnownResource, running: Choice<unknown> | undefined): KeptResource {
  const valid = running?.generation ?? kept?.valid;
  const candidates = [present, valid, kept?.proven].map((one) => one?.generation);
  const crashed = candidates.includes(kept?.crashed?.generation ?? Number.NaN) ? kept?.crashed : undefined;
  return {
    uid: object.metadata.uid ?? '',
    ...(valid === undefined ? {} : { valid }),
    ...(kept?.proven === undefined ? {} : { proven: kept.proven }),
    ...(crashed === undefined ? {} : { crashed }),
  };
}
