import { availableParallelism, loadavg } from 'node:os';

/** How much longer everything may take here: 1 where there are processors for all that wants to run. */
export function waitingFactor(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}
