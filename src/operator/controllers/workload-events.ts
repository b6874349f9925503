import type { EventFacts } from '../../kube/index.ts';
import type { WorkloadHealth } from '../conditions/workload-health.ts';

type Told = Pick<EventFacts, 'type' | 'reason' | 'action' | 'note' | 'related'>;

type Healths = ReadonlyMap<string, WorkloadHealth>;

const REASONS = { OutOfMemory: 'CollectorOOMKilled', Crash: 'CollectorCrashLoop' } as const;

/** What to tell, at the Telemetry resource, of the change from one pass to the next. Nothing is told of the first: it may be old. */
export function workloadEvents(before: Healths | undefined, after: Healths): readonly Told[] {
  if (before === undefined) return [];
  const names = (from: Healths, without: Healths) => [...from.keys()].filter((name) => !without.has(name)).sort();
  const [added, removed] = [names(after, before), names(before, after)];
  const list = (workloads: readonly string[]) => workloads.map((name) => `\`${name}\``).join(', ');
  return [
    ...(added.length === 0 ? [] : [component('ComponentsDeployed', 'Apply', `${list(added)} of what pipelines need`)]),
    ...(removed.length === 0
      ? []
      : [component('ComponentsRemoved', 'Prune', `${list(removed)}: no pipeline needs it`)]),
    ...[...after.values()].flatMap((health) => problemEvent(before.get(health.workload), health)),
  ];
}

function component(reason: string, action: string, note: string): Told {
  return { type: 'Normal', reason, action, note };
}

function problemEvent(before: WorkloadHealth | undefined, { problem }: WorkloadHealth): readonly Told[] {
  if (problem === undefined || before?.problem?.cause === problem.cause) return [];
  if (problem.cause !== 'OutOfMemory' && problem.cause !== 'Crash') return [];
  return [
    { type: 'Warning', reason: REASONS[problem.cause], action: 'Run', note: problem.message, related: problem.pod },
  ];
}
