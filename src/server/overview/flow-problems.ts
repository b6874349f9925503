import { DROP_CAUSES, type FlowSource } from '../../flow/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { BackendStatus, Problem } from '../api.ts';
import { backendAdvice, backendCommands, DROP_CAUSE_WORDS } from './backend-advice.ts';
import { blamedFailure } from './backend-status.ts';
import type { RecentLoss } from './flow-history.ts';
import { type PipelineView, QUEUE_WARNING_FILL } from './pipeline-status.ts';
import type { ProblemContext } from './problem-context.ts';
import { count, pipelineName, roughDuration, sentence, thousands } from './words.ts';

/** Loss, a queue that fills, or a backend that fails: three stages of one story, told once. */
export function flowProblem(view: PipelineView, context: ProblemContext): readonly Problem[] {
  const { ref, status, loss } = view;
  if (ref.invalid !== undefined) return [];
  const { backend, queue } = status;
  const failing = backend.state === 'failing';
  const fill = queue.capacityBytes === 0 ? 0 : queue.sizeBytes / queue.capacityBytes;
  if (loss.lost === 0 && !failing && fill <= QUEUE_WARNING_FILL) return [];
  const losing = loss.lost > 0 && (failing || status.lostPerSecond > 0);
  const failure = blamedFailure(backend, loss);
  const endpoint = failure === undefined ? undefined : context.endpointSource(view);
  return [
    {
      severity: losing || fill > QUEUE_WARNING_FILL ? 'error' : 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      ...(failure === undefined ? {} : { code: failure.code }),
      title: `${pipelineName(ref)} ${whatHappens(view, losing, context)}`,
      detail: flowDetail(view, failure, endpoint),
      commands:
        failure === undefined
          ? [`${context.program} status`]
          : backendCommands(
              { kind: failure.kind, destination: backend.destination, signal: ref.signal },
              context.program,
            ),
      ...(endpoint === undefined ? {} : { source: endpoint }),
    },
  ];
}

function flowDetail(view: PipelineView, failure: BackendStatus['failure'], endpoint: FlowSource | undefined): string {
  const { destination } = view.status.backend;
  if (failure === undefined) return cost(view);
  const { phrase, help } = backendAdvice(failure.kind, destination);
  return [
    sentence(`the backend ${destination} ${phrase}`),
    sentence(failure.message),
    endpoint === undefined ? '' : `Endpoint set in ${endpoint.file}:${endpoint.line}, ${endpoint.field}.`,
    cost(view),
    help,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function whatHappens({ ref, status, loss }: PipelineView, losing: boolean, context: ProblemContext): string {
  const noun = ITEM_NOUN[ref.signal].people;
  const since = (ms: number) => `since ${context.timeOfDay(ms)} (${roughDuration(context.nowMs - ms)})`;
  const cannotDeliver = status.backend.state === 'failing';
  if (losing && cannotDeliver && status.lostPerSecond === 0) {
    const lost = count(loss.lost, noun);
    return `lost ${lost} in the last 5 minutes and cannot deliver ${since(Date.parse(status.backend.since))}`;
  }
  if (losing) return `loses ${noun} ${since(context.nowMs - (loss.startedMsAgo ?? 0))}`;
  if (loss.lost > 0) return `lost ${count(loss.lost, noun)} in the last 5 minutes and delivers again`;
  if (cannotDeliver) return `cannot deliver ${since(Date.parse(status.backend.since))}`;
  return 'delivers more slowly than data arrives';
}

/** `Meanwhile: 412 spans queued (1 % of the queue; it lasts about 40 s more), none lost.` */
function cost(view: PipelineView): string {
  const { ref, status, loss } = view;
  const noun = ITEM_NOUN[ref.signal].people;
  const { queued } = status.ledger;
  const parts = [
    loss.lost > 0 ? `${count(loss.lost, noun)} lost in the last 5 minutes${causes(loss)}` : '',
    queued > 0 ? `${loss.lost > 0 ? thousands(queued) : count(queued, noun)} queued${queueState(view)}` : '',
    loss.lost === 0 ? 'none lost' : '',
  ];
  return `Meanwhile: ${parts.filter((part) => part !== '').join(', ')}.`;
}

function queueState({ status: { queue }, loss, secondsToFull }: PipelineView): string {
  if (queue.capacityBytes === 0) return '';
  const percent = Math.round((queue.sizeBytes * 100) / queue.capacityBytes) || 'less than 1';
  const left =
    loss.lost === 0 && secondsToFull !== undefined
      ? `; it lasts about ${roughDuration(secondsToFull * 1000)} more`
      : '';
  return ` (${percent} % of the queue${left})`;
}

function causes(loss: RecentLoss): string {
  const known = DROP_CAUSES.filter((cause) => (loss.dropped[cause] ?? 0) > 0);
  if (known.length === 0) return '';
  if (known.length === 1) return ` (${DROP_CAUSE_WORDS[known[0]]})`;
  return ` (${known.map((cause) => `${DROP_CAUSE_WORDS[cause]} ${thousands(loss.dropped[cause] ?? 0)}`).join(', ')})`;
}

export function refusalProblem(
  { ref, refusedPerSecond, status: { queue } }: PipelineView,
  { program }: ProblemContext,
): readonly Problem[] {
  const failure = queue.disk?.failure;
  if (failure !== undefined) {
    return [
      {
        severity: 'error',
        pipeline: { kind: ref.kind, name: ref.name },
        title: `the disk of the queue of ${pipelineName(ref)} takes nothing`,
        detail: `${sentence(failure)} ${refusedPerSecond > 0 ? 'Senders are told to try again. ' : ''}What is on disk already is kept and sent. It goes on by itself when there is room.`,
        commands: [`${program} status`],
      },
    ];
  }
  if (refusedPerSecond === 0) return [];
  const isFull = queue.capacityBytes > 0 && queue.sizeBytes / queue.capacityBytes > QUEUE_WARNING_FILL;
  return [
    {
      severity: 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      title: `${pipelineName(ref)} refuses senders`,
      detail: `${isFull ? 'Its queue is full' : 'The memory limit is reached'}; senders are told to retry. Nothing that was acknowledged is lost.`,
      commands: [`${program} status`],
    },
  ];
}

export function ledgerProblem({ ref, status }: PipelineView, { program }: ProblemContext): readonly Problem[] {
  const { unaccounted } = status.ledger;
  if (unaccounted === 0) return [];
  return [
    {
      severity: 'error',
      pipeline: { kind: ref.kind, name: ref.name },
      code: 'SL0000',
      title: `the ledger of ${pipelineName(ref)} is out of balance by ${thousands(unaccounted)}`,
      detail: 'This is a bug in Sluice, not your fault. Nothing was stopped. Please report it.',
      commands: [`${program} status -o json`],
    },
  ];
}
