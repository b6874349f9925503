import { DROP_CAUSES } from '../../flow/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { Problem } from '../api.ts';
import { BACKEND_ADVICE, backendCommands, DROP_CAUSE_WORDS } from './backend-advice.ts';
import type { RecentLoss } from './flow-history.ts';
import { type PipelineView, QUEUE_WARNING_FILL } from './pipeline-status.ts';
import { count, pipelineName, roughDuration, sentence, thousands } from './words.ts';

export interface ProblemContext {
  readonly nowMs: number;
  /** Wall clock for people, `10:02`. */
  readonly timeOfDay: (ms: number) => string;
  /** How the command line is called where the reader stands. */
  readonly program: string;
}

/** What is wrong, worst first; at most one problem a pipeline and cause. */
export function findProblems(views: readonly PipelineView[], context: ProblemContext): readonly Problem[] {
  const problems = views.flatMap((view) => [
    ...invalidProblem(view, context),
    ...flowProblem(view, context),
    ...refusalProblem(view, context),
    ...ledgerProblem(view, context),
  ]);
  const named = new Set(problems.map((problem) => problem.pipeline && pipelineName(problem.pipeline)));
  const reassurance = othersAreWell(named.size, views.length - named.size);
  const rank = { error: 0, warning: 1 } as const;
  return problems
    .map((problem) => ({ ...problem, detail: problem.detail + reassurance }))
    .toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

function othersAreWell(affected: number, others: number): string {
  if (others === 0) return '';
  if (others === 1) return ' The other pipeline is not affected.';
  return affected === 1 ? ' Other pipelines are not affected.' : ` The other ${others} pipelines are not affected.`;
}

function invalidProblem({ ref }: PipelineView, { program }: ProblemContext): readonly Problem[] {
  if (ref.invalid === undefined) return [];
  const file = ref.source?.replace(/:\d+(:\d+)?$/, '');
  return [
    {
      severity: 'error',
      pipeline: { kind: ref.kind, name: ref.name },
      title: `${pipelineName(ref)} does not run because its configuration is invalid`,
      detail: `${sentence(ref.invalid)}${ref.source === undefined ? '' : ` See ${ref.source}.`}`,
      commands: [file === undefined ? `${program} validate` : `${program} validate -f ${file}`],
    },
  ];
}

/** Loss, a queue that fills, or a backend that fails: three stages of one story, told once. */
function flowProblem(view: PipelineView, context: ProblemContext): readonly Problem[] {
  const { ref, status, loss } = view;
  if (ref.invalid !== undefined) return [];
  const { backend, queue } = status;
  const failing = backend.state === 'failing';
  const fill = queue.capacityBytes === 0 ? 0 : queue.sizeBytes / queue.capacityBytes;
  if (loss.lost === 0 && !failing && fill <= QUEUE_WARNING_FILL) return [];
  const losing = loss.lost > 0 && (failing || status.lostPerSecond > 0);
  const failure = backend.failure;
  return [
    {
      severity: losing || fill > QUEUE_WARNING_FILL ? 'error' : 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      ...(failure === undefined ? {} : { code: failure.code }),
      title: `${pipelineName(ref)} ${whatHappens(view, losing, context)}`,
      detail: [
        failure === undefined
          ? ''
          : sentence(`the backend ${backend.destination} ${BACKEND_ADVICE[failure.kind].phrase}`),
        failure === undefined ? '' : sentence(failure.message),
        cost(view),
        failure === undefined ? '' : BACKEND_ADVICE[failure.kind].help,
      ]
        .filter((part) => part !== '')
        .join(' '),
      commands:
        failure === undefined
          ? [`${context.program} status`]
          : backendCommands(failure.kind, backend.destination, context.program),
    },
  ];
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

function cost({ ref, status, loss, secondsToFull }: PipelineView): string {
  const noun = ITEM_NOUN[ref.signal].people;
  const parts = [
    loss.lost > 0 ? `${count(loss.lost, noun)} lost in the last 5 minutes${causes(loss)}` : '',
    status.ledger.queued > 0 ? `${thousands(status.ledger.queued)} queued` : '',
    loss.lost === 0 ? 'none lost' : '',
    loss.lost === 0 && secondsToFull !== undefined
      ? `the queue lasts about ${roughDuration(secondsToFull * 1000)} more`
      : '',
  ];
  return sentence(parts.filter((part) => part !== '').join(', '));
}

function causes(loss: RecentLoss): string {
  const known = DROP_CAUSES.filter((cause) => (loss.dropped[cause] ?? 0) > 0);
  if (known.length === 0) return '';
  if (known.length === 1) return ` (${DROP_CAUSE_WORDS[known[0]]})`;
  return ` (${known.map((cause) => `${DROP_CAUSE_WORDS[cause]} ${thousands(loss.dropped[cause] ?? 0)}`).join(', ')})`;
}

function refusalProblem({ ref, refusedPerSecond }: PipelineView, { program }: ProblemContext): readonly Problem[] {
  if (refusedPerSecond === 0) return [];
  return [
    {
      severity: 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      title: `${pipelineName(ref)} refuses senders`,
      detail: `The memory limit is reached; senders are told to retry. Nothing that was acknowledged is lost.`,
      commands: [`${program} status`],
    },
  ];
}

function ledgerProblem({ ref, status }: PipelineView, { program }: ProblemContext): readonly Problem[] {
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
