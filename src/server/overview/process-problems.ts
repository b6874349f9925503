import type { Problem, ProcessDocument } from '../api.ts';
import { roughDuration, sentence } from './words.ts';

/** A restart is told for as long as a loss is: it may explain one. */
const RECENT_MS = 300_000;

interface Context {
  readonly nowMs: number;
  readonly program: string;
}

/** Processes that do not run, hang, or died a moment ago. One that is on its way up for the first time is no problem yet. */
export function processProblems(processes: readonly ProcessDocument[], context: Context): readonly Problem[] {
  return processes.flatMap((process) => {
    if (process.state === 'restarting' || process.state === 'stopped') return [downProblem(process, context)];
    if (process.state === 'running' && process.message !== undefined) return [hangProblem(process, context)];
    const isRecent = context.nowMs - Date.parse(process.since) < RECENT_MS;
    return process.restarts > 0 && isRecent ? [restartProblem(process, context)] : [];
  });
}

function downProblem(
  { workload, state, since, restarts, message }: ProcessDocument,
  { nowMs, program }: Context,
): Problem {
  const how = state === 'restarting' ? 'died and is being started again' : 'does not run';
  const times = restarts > 1 ? `It was started again ${restarts} times.` : '';
  return {
    severity: 'error',
    code: 'SL0622',
    title: `process ${workload} ${how} (since ${roughDuration(nowMs - Date.parse(since))})`,
    detail: [sentence(message ?? ''), times, 'Senders are asked to retry.'].filter((part) => part !== '').join(' '),
    commands: [`${program} explain SL0622`],
  };
}

function hangProblem({ workload, pid, message }: ProcessDocument, { program }: Context): Problem {
  const which = pid === undefined ? '' : `It has the pid ${pid}.`;
  return {
    severity: 'error',
    code: 'SL0622',
    title: `process ${workload} hangs`,
    detail:
      `${sentence(message ?? '')} What it holds waits, and what comes for it waits in front of it. ${which}`.trim(),
    commands: [`${program} explain SL0622`],
  };
}

function restartProblem({ workload, since, restarts }: ProcessDocument, { nowMs, program }: Context): Problem {
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  return {
    severity: 'warning',
    code: 'SL0622',
    title: `process ${workload} died and runs again (for ${roughDuration(nowMs - Date.parse(since))})`,
    detail: `It was started again ${times}. What it held in memory is gone; the ledger shows it as unknown.`,
    commands: [`${program} explain SL0622`],
  };
}
