import type { KubeObject } from '../../kube/index.ts';
import { formatByteSize } from '../../lib/index.ts';
import { diskQueues, type Topology } from '../../topology/index.ts';
import { cut } from '../compile/told-condition.ts';
import { queueKey, type RememberedQueues } from './remembered-queue.ts';

/** What is left on the disks of one workload, of pipelines that fill no queue there any more. */
export interface Backlog {
  readonly workload: string;
  /** Identities, sorted. */
  readonly pipelines: readonly string[];
  /** Nothing empties it now: its place is not taken yet, or its pipeline cannot be compiled any more. */
  readonly waits: boolean;
}

/** On the Telemetry resource: names of workloads whose backlogs are not to be delivered any more, with commas between them. */
export const GIVE_UP_ANNOTATION = 'telemetry.kyma-project.io/give-up-backlogs';

export function givenUpWorkloads(telemetry: Pick<KubeObject, 'metadata'> | undefined): ReadonlySet<string> {
  const names = (telemetry?.metadata.annotations?.[GIVE_UP_ANNOTATION] ?? '').split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== ''));
}

/** What is left, by workload, sorted. `topology`: what runs. */
export function backlogsOf(remembered: RememberedQueues, topology: Topology): readonly Backlog[] {
  const running = new Map(diskQueues(topology).map((queue) => [queueKey(queue), queue]));
  const left = [...remembered].filter(([key, { emptied }]) => emptied !== true && running.get(key)?.draining !== false);
  return [...Map.groupBy(left, ([, { workload }]) => workload)]
    .map(([workload, queues]) => ({
      workload,
      pipelines: [...new Set(queues.map(([, { manifest }]) => `${manifest.kind}/${manifest.metadata.name}`))].sort(),
      waits: queues.some(([key]) => !running.has(key)),
    }))
    .sort((a, b) => (a.workload < b.workload ? -1 : 1));
}

/** One clause for each workload. */
export function backlogText(backlogs: readonly Backlog[]): string {
  return backlogs
    .map(({ workload, pipelines, waits }) => {
      const rest = pipelines.length > 3 ? ` and ${pipelines.length - 3} more` : '';
      return `\`${workload}\` ${waits ? 'keeps' : 'delivers'} what ${pipelines.slice(0, 3).join(', ')}${rest} left on disk`;
    })
    .join('; ');
}

interface ToldBacklog {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** What ended in this pass, and how. */
interface EndedBacklogs {
  /** Workloads. */
  readonly givenUp: ReadonlySet<string>;
  /** By workload: what is removed with its volumes. */
  readonly deadLetterBytes: ReadonlyMap<string, number>;
}

/** What to tell, at the Telemetry resource, of the change from one pass to the next; of the first nothing that is not new. */
export function backlogEvents(
  before: readonly Backlog[] | undefined,
  after: readonly Backlog[],
  { givenUp, deadLetterBytes }: EndedBacklogs,
): readonly ToldBacklog[] {
  if (before === undefined) return [];
  const has = (all: readonly Backlog[], { workload }: Backlog) => all.some((one) => one.workload === workload);
  const ended = before.filter((one) => !has(after, one));
  const told = (
    backlogs: readonly Backlog[],
    type: 'Normal' | 'Warning',
    reason: string,
    text: (of: string, workload: string) => string,
  ) =>
    backlogs.map((one) => {
      const of = `${one.pipelines.join(', ')} in \`${one.workload}\``;
      return { type, reason, action: 'Drain', note: text(of, one.workload) } as const;
    });
  return [
    ...told(
      after.filter((one) => !has(before, one)),
      'Normal',
      'BacklogDraining',
      (of) => `what is left on disk of ${of} is still delivered`,
    ),
    ...told(
      ended.filter(({ workload }) => givenUp.has(workload)),
      'Warning',
      'BacklogGivenUp',
      (of) => `what is left on disk of ${of} is not delivered, as the annotation ${GIVE_UP_ANNOTATION} says`,
    ),
    ...told(
      ended.filter(({ workload }) => !givenUp.has(workload)),
      'Normal',
      'BacklogDelivered',
      (of) => `nothing is left on disk of ${of}`,
    ),
    ...told(
      ended.filter(({ workload }) => deadLetterBytes.has(workload)),
      'Warning',
      'DeadLettersRemoved',
      (of, workload) =>
        `${formatByteSize(deadLetterBytes.get(workload)!)} of dead letters of ${of} go with its volumes`,
    ),
  ];
}

/** The condition of the Telemetry resource while something is left. */
export function backlogConditions(backlogs: readonly Backlog[]) {
  if (backlogs.length === 0) return [];
  const message = cut(`${backlogText(backlogs)}; to give one up, name its workload in ${GIVE_UP_ANNOTATION}`);
  return [{ type: 'Draining', status: 'True', reason: 'BacklogsDraining', message }] as const;
}
