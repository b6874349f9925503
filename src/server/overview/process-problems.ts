import type { Problem, ProcessDocument } from '../api.ts';
import { roughDuration, sentence } from './words.ts';

/** Processes that do not run, and why. One that is on its way up for the first time is no problem yet. */
export function processProblems(
  processes: readonly ProcessDocument[],
  { nowMs, program }: { readonly nowMs: number; readonly program: string },
): readonly Problem[] {
  return processes.flatMap(({ workload, state, since, restarts, message }): readonly Problem[] => {
    if (state === 'running' || state === 'starting') return [];
    const how = state === 'restarting' ? 'died and is being started again' : 'does not run';
    const times = restarts > 1 ? ` It was started again ${restarts} times.` : '';
    return [
      {
        severity: 'error',
        code: 'SL0622',
        title: `process ${workload} ${how} (since ${roughDuration(nowMs - Date.parse(since))})`,
        detail: `${sentence(message ?? '')}${times} Senders are asked to retry.`.trim(),
        commands: [`${program} explain SL0622`],
      },
    ];
  });
}
