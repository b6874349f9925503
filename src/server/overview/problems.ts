import type { Problem } from '../api.ts';
import { clockProblems } from './clock.ts';
import { configurationProblems } from './configuration-problems.ts';
import { flowProblem, ledgerProblem, refusalProblem } from './flow-problems.ts';
import type { PipelineView } from './pipeline-status.ts';
import type { ProblemContext } from './problem-context.ts';
import { processProblems } from './process-problems.ts';
import { failingRuleProblem, filteredProblem } from './rule-problems.ts';
import { pipelineName, sentence } from './words.ts';

/** What is wrong, worst first; at most one problem a pipeline and cause. */
export function findProblems(views: readonly PipelineView[], context: ProblemContext): readonly Problem[] {
  const ofConfiguration = configurationProblems(context.configuration, context.program);
  const explained = new Set(ofConfiguration.flatMap(({ pipeline }) => (pipeline ? [pipelineName(pipeline)] : [])));
  const problems = [
    ...ofConfiguration,
    ...processProblems(context.processes, context),
    ...views.flatMap((view) => [
      ...(explained.has(pipelineName(view.ref)) ? [] : invalidProblem(view, context)),
      ...flowProblem(view, context),
      ...refusalProblem(view, context),
      ...filteredProblem(view, context),
      ...failingRuleProblem(view, context),
      ...ledgerProblem(view, context),
    ]),
    ...context.unclaimed,
    ...clockProblems(context.clockSkews, context.program),
  ];
  const named = new Set(problems.flatMap(({ pipeline }) => (pipeline ? [pipelineName(pipeline)] : [])));
  const reassurance = othersAreWell(named.size, views.length - named.size);
  const rank = { error: 0, warning: 1 } as const;
  return problems
    .map((problem) => (problem.pipeline ? { ...problem, detail: problem.detail + reassurance } : problem))
    .toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

function othersAreWell(affected: number, others: number): string {
  if (others <= 0) return '';
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
