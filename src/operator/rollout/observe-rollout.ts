import type { KubeObject } from '../../kube/index.ts';
import { qualifiedName } from '../../pipeline/index.ts';
import type { WorkloadObjects } from '../../render/index.ts';
import type { CompiledCluster, CompiledPipeline } from '../compile/cluster-compiler.ts';
import type { KeptResource, KeptResources } from '../compile/kept-resource.ts';
import { isPodReady, type PodProblem, podProblem } from '../conditions/pod-problem.ts';
import { mountedNames, runsConfig, type WorkloadHealth } from '../conditions/workload-health.ts';
import { type Carrier, carriersOf } from './carriers.ts';
import type { RolloutRecord, RolloutRecords } from './rollout-record.ts';

/** A workload as it is wanted, and as it is. */
export interface ObservedWorkload {
  readonly wanted: WorkloadObjects;
  readonly health: WorkloadHealth;
  readonly controller: KubeObject | undefined;
  readonly pods: readonly KubeObject[];
}

/** Something was taken back. */
export interface Rollback {
  readonly workload: string;
  readonly problem: PodProblem;
  /** Identities of the pipelines that are to blame; empty: none had changed. */
  readonly blamed: readonly string[];
}

export interface Observation {
  readonly kept: KeptResources;
  readonly records: RolloutRecords;
  readonly rollbacks: readonly Rollback[];
}

/**
 * What the state of the Pods teaches: which configurations run well, and which make collectors crash. Pure.
 * A crash counts when it comes soon after the start, no Pod runs well with that configuration, and the Pods with another one
 * do not crash too: then it is the configuration, and not the world.
 */
export function observeRollout(
  compiled: CompiledCluster,
  workloads: readonly ObservedWorkload[],
  { kept, records }: Pick<Observation, 'kept' | 'records'>,
): Observation {
  const carriers = carriersOf(compiled.rendering.topology);
  const nextRecords = new Map<string, RolloutRecord>();
  const nextKept = new Map(kept);
  const rollbacks: Rollback[] = [];
  const well = new Set<string>();
  for (const observed of workloads) {
    const { workload, configHash } = observed.wanted;
    const before = records.get(workload) ?? {};
    const members = membersOf(workload, compiled, carriers);
    if (runsAsWanted(observed)) {
      // In place of one that crashed the one before it runs: what is wanted has not been seen to run.
      const isWanted = observed.wanted.config.hash === configHash;
      if (isWanted) well.add(workload);
      nextRecords.set(workload, isWanted ? provenRecord(observed, members) : before);
      continue;
    }
    nextRecords.set(workload, before);
    const problem = crashOf(observed);
    if (problem === undefined) continue;
    const blamed = blame(members, problem, before);
    const [canPin, changed] = [
      before.proven !== undefined && before.proven.config.hash !== configHash,
      blamed.length > 0,
    ];
    if (!changed && !canPin) continue;
    if (!changed) nextRecords.set(workload, { ...before, refused: configHash });
    for (const one of blamed) {
      const known = nextKept.get(one.id);
      if (known !== undefined) nextKept.set(one.id, { ...known, crashed: crashedGeneration(one, workload, problem) });
    }
    rollbacks.push({ workload, problem, blamed: blamed.map(({ id }) => id) });
  }
  for (const pipeline of compiled.pipelines.values()) {
    const known = nextKept.get(pipeline.id);
    const through = carriers.get(pipeline.id) ?? [];
    if (known === undefined || through.length === 0 || !through.every(({ workload }) => well.has(workload))) continue;
    nextKept.set(pipeline.id, provenResource(known, pipeline));
  }
  return { kept: nextKept, records: nextRecords, rollbacks };
}

function membersOf(
  workload: string,
  { pipelines }: CompiledCluster,
  carriers: ReadonlyMap<string, readonly Carrier[]>,
): readonly CompiledPipeline[] {
  return [...pipelines.values()].filter(({ id }) => carriers.get(id)?.some((one) => one.workload === workload));
}

/** All its Pods run the configuration that is wanted. */
export function runsAsWanted({ wanted, health, controller, pods }: ObservedWorkload): boolean {
  if (health.state !== 'ready' || controller === undefined) return false;
  const mounted = mountedNames(controller['spec']);
  const { files, environment } = wanted.config;
  if (![...files.map(({ name }) => name), ...environment].every((name) => mounted.has(name))) return false;
  return pods.filter(isPodReady).every((pod) => runsConfig(pod, wanted.config));
}

function crashOf({ wanted, pods }: ObservedWorkload): PodProblem | undefined {
  if (wanted.config.hash !== wanted.configHash) return undefined;
  const [present, others] = [
    pods.filter((pod) => runsConfig(pod, wanted.config)),
    pods.filter((pod) => !runsConfig(pod, wanted.config)),
  ];
  if (present.some(isPodReady)) return undefined;
  if (others.some((pod) => podProblem(pod)?.cause === 'Crash')) return undefined;
  return present
    .flatMap((pod) => podProblem(pod) ?? [])
    .find(({ cause, atStart, wasKilled }) => cause === 'Crash' && atStart === true && wasKilled !== true);
}

/** Those that the program named, of those that changed since it ran well; else all that changed. */
function blame(
  members: readonly CompiledPipeline[],
  { output = '' }: PodProblem,
  { proven, refused }: RolloutRecord,
): readonly CompiledPipeline[] {
  const suspects =
    proven === undefined ? members : members.filter((one) => proven.members[one.id] !== fingerprint(one));
  const named = suspects.filter((one) => names(output, one));
  if (named.length > 0) return named;
  // Nothing ever ran well, or it crashed before anything was edited, or one is named that was not: no edit is the cause.
  if (proven === undefined || refused !== undefined || members.some((one) => names(output, one))) return [];
  return suspects;
}

/** Ids in a configuration end with the qualified name of their pipeline. */
function names(output: string, pipeline: CompiledPipeline): boolean {
  const name = qualifiedName(pipeline).replaceAll('.', String.raw`\.`);
  return new RegExp(`(?<![a-z0-9.-])${name}(?![a-z0-9-]|\\.[a-z0-9])`).test(output);
}

function fingerprint({ runs, secrets }: CompiledPipeline): string {
  return `${runs} ${secrets}`;
}

function provenRecord({ wanted }: ObservedWorkload, members: readonly CompiledPipeline[]): RolloutRecord {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    proven: { config: wanted.config, members: Object.fromEntries(sorted.map((one) => [one.id, fingerprint(one)])) },
  };
}

function provenResource(known: KeptResource, { runs }: CompiledPipeline): KeptResource {
  return known.valid?.generation === runs && known.valid !== undefined ? { ...known, proven: known.valid } : known;
}

function crashedGeneration({ runs = 0, secrets }: CompiledPipeline, workload: string, { message }: PodProblem) {
  const code = /exit code (\w+)/.exec(message)?.[1] ?? 'unknown';
  return { generation: runs, secrets, workload, how: `ended at its start with exit code ${code}` };
}
