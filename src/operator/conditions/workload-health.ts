import type { KubeObject } from '../../kube/index.ts';
import type { MountedConfig, WorkloadRole } from '../../render/index.ts';
import { isPodReady, type PodProblem, podProblem } from './pod-problem.ts';

/** How the Pods of one workload are. */
export interface WorkloadHealth {
  readonly workload: string;
  readonly role: WorkloadRole;
  /** `ready`: as many as wanted run the present configuration. `rolling`: on the way, and nothing is wrong. */
  readonly state: 'ready' | 'rolling' | 'failing';
  /** Some Pod can take data, with whatever configuration. */
  readonly serving: boolean;
  /** For people. */
  readonly message: string;
  /** The worst one of any Pod. */
  readonly problem?: PodProblem;
}

export interface WorkloadFacts {
  readonly workload: string;
  readonly role: WorkloadRole;
  /** The Deployment, StatefulSet or DaemonSet; absent: not created yet. */
  readonly controller: KubeObject | undefined;
  readonly pods: readonly KubeObject[];
}

export function workloadHealth({ workload, role, controller, pods }: WorkloadFacts): WorkloadHealth {
  const serving = pods.some(isPodReady);
  const problems = pods.flatMap((pod) => podProblem(pod) ?? []);
  const problem = problems.sort((a, b) => SEVERITY.indexOf(a.cause) - SEVERITY.indexOf(b.cause))[0];
  const base = { workload, role, ...(problem === undefined ? {} : { problem }) };
  if (controller === undefined) {
    return { ...base, state: 'rolling', serving, message: `\`${workload}\` is being created` };
  }
  const { wanted, updated, available, observed } = countsOf(controller);
  const serves = serving || available > 0;
  if (observed && updated >= wanted && available >= wanted) {
    const message = wanted === 0 ? `\`${workload}\` has no node to run on` : servingMessage(workload);
    return { workload, role, state: 'ready', serving: serves, message };
  }
  if (problem !== undefined) return { ...base, state: 'failing', serving: serves, message: problem.message };
  return { ...base, state: 'rolling', serving: serves, message: `Pods of \`${workload}\` are being updated` };
}

/** The same while Pods come and go, so that no status is written for that. */
export function servingMessage(workload: string): string {
  return `\`${workload}\` runs and serves`;
}

const SEVERITY: readonly PodProblem['cause'][] = [
  'Crash',
  'OutOfMemory',
  'Configuration',
  'Image',
  'NotScheduled',
  'Evicted',
  'NotReady',
];

interface Counts {
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
  /** The counts are about the present template. */
  readonly observed: boolean;
}

function countsOf({ kind, metadata, ...rest }: KubeObject): Counts {
  const status = (rest['status'] ?? {}) as Readonly<Record<string, number | undefined>>;
  const spec = (rest['spec'] ?? {}) as { readonly replicas?: number };
  const observed = (status['observedGeneration'] ?? 0) >= (metadata.generation ?? 1);
  if (kind === 'DaemonSet') {
    const {
      desiredNumberScheduled: wanted = 0,
      updatedNumberScheduled: updated = 0,
      numberAvailable: available = 0,
    } = status;
    return { wanted, updated, available, observed };
  }
  const { updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
  return { wanted: spec.replicas ?? 1, updated, available, observed };
}

/** Of a workload that goes on with the configuration before, since the one that is wanted made it end. */
export function pinnedHealth(health: WorkloadHealth): WorkloadHealth {
  const { state, workload } = health;
  if (state !== 'ready') return health;
  const message = `${servingMessage(workload)} with the configuration before: the present one made it end`;
  return { ...health, message };
}

/** Names of the ConfigMaps and Secrets that a Pod, or the template of one, takes something from. */
export function mountedNames(podSpec: unknown): ReadonlySet<string> {
  const key = typeof podSpec === 'object' && podSpec !== null ? podSpec : NOTHING;
  let names = MOUNTED.get(key);
  if (names === undefined) {
    const found = new Set<string>();
    collectNames(podSpec, found);
    names = found;
    MOUNTED.set(key, names);
  }
  return names;
}

const NOTHING = {};

/** Nobody changes what a watch told of, and there are as many Pods as nodes, looked at several times in each pass. */
const MOUNTED = new WeakMap<object, ReadonlySet<string>>();

/** Whether a Pod runs this configuration: its objects are named by their content. */
export function runsConfig(pod: KubeObject, { files, environment }: MountedConfig): boolean {
  const mounted = mountedNames(pod['spec']);
  return [...files.map(({ name }) => name), ...environment].every((name) => mounted.has(name));
}

function collectNames(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (MOUNTS.has(key)) {
      const { name, secretName } = (child ?? {}) as { readonly name?: string; readonly secretName?: string };
      const mounted = name ?? secretName;
      if (mounted !== undefined) names.add(mounted);
    }
    collectNames(child, names);
  }
}

const MOUNTS = new Set(['configMap', 'secret', 'configMapRef', 'secretRef', 'configMapKeyRef', 'secretKeyRef']);
