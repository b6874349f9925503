import { formatDuration } from '../../lib/index.ts';
import type { Results } from '../results/results.ts';

/** How runs were made: `profile full: 8s after 2s of warm-up, 3 runs a cell, seed 1`. */
export function methodText({ conditions }: Results): string {
  const { profile, warmUpMs, durationMs, repetitions, seed } = conditions;
  const runs = `${repetitions} ${repetitions === 1 ? 'run' : 'runs'} a cell`;
  return `profile ${profile}: ${formatDuration(durationMs)} after ${formatDuration(warmUpMs)} of warm-up, ${runs}, seed ${seed}`;
}

/** Where they were made, and how many are part of the figures. */
export function placeText({ machine, cells }: Results): string {
  const counted = cells.reduce((sum, cell) => sum + cell.counted, 0);
  const planned = cells.reduce((sum, cell) => sum + cell.planned, 0);
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GiB`;
  return `${machine.cpu}, ${machine.cores} cores, ${memory}; ${counted} of ${planned} runs count`;
}
