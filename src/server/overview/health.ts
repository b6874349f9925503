import type { OverviewDocument, Problem } from '../api.ts';
import type { PipelineView } from './pipeline-status.ts';
import { pipelineName, sentence, shortNumber } from './words.ts';

/** The state of the whole in one sentence. */
export function judgeHealth(
  views: readonly PipelineView[],
  problems: readonly Problem[],
  received: boolean,
): OverviewDocument['health'] {
  const failing = problems.some((problem) => problem.severity === 'error');
  if (problems.length > 0) {
    return { state: failing ? 'failing' : 'warning', sentence: problemSentence(views, problems, failing) };
  }
  if (!received) return { state: 'waiting', sentence: 'Waiting for the first data.' };
  const inPerSecond = views.reduce((total, view) => total + view.status.inPerSecond, 0);
  const flow = inPerSecond === 0 ? 'nothing arrives right now' : `${shortNumber(inPerSecond)} items/s in`;
  return { state: 'ok', sentence: `All well. ${whoDelivers(views)}; ${flow}, nothing lost.` };
}

/** A pipeline that has seen nothing cannot be said to deliver. */
function whoDelivers(views: readonly PipelineView[]): string {
  const silent = views.filter(({ status }) => status.reason === 'NoDataYet');
  const delivering = views.length - silent.length;
  if (silent.length === 0)
    return views.length === 1 ? 'The pipeline delivers' : `All ${views.length} pipelines deliver`;
  const [first] = silent;
  const rest = silent.length === 1 ? `${pipelineName(first.ref)} has` : `${silent.length} have`;
  if (delivering === 0) return `${views.length === 1 ? 'The pipeline has' : 'The pipelines have'} no data yet`;
  return `${delivering} of ${views.length} pipelines ${delivering === 1 ? 'delivers' : 'deliver'}, ${rest} no data yet`;
}

function problemSentence(views: readonly PipelineView[], problems: readonly Problem[], failing: boolean): string {
  const severity = failing ? 'error' : 'warning';
  const worst = problems.filter((problem) => problem.severity === severity);
  const names = new Set(worst.flatMap(({ pipeline }) => (pipeline === undefined ? [] : [pipelineName(pipeline)])));
  const more = worst.length === 1 ? '' : ` And ${worst.length - 1} more.`;
  if (names.size === 0) return `${sentence(worst[0].title)}${more}`;
  const verb = failing ? (names.size === 1 ? 'is failing' : 'are failing') : names.size === 1 ? 'needs' : 'need';
  const subject = `${names.size} of ${views.length} pipeline${views.length === 1 ? '' : 's'}`;
  const start = `${subject} ${verb}${failing ? '' : ' attention'}`;
  const first = worst.find(({ pipeline }) => pipeline !== undefined);
  return names.size === 1 ? `${start}: ${first?.title}.` : `${start}.`;
}
