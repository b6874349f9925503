import { parseByteSize } from '../../lib/index.ts';
import type { RunPlan } from '../run.ts';
import type { Cell, Experiment, Profile } from './experiment.ts';

/** The plan of one run of a cell. */
export function runPlan(experiment: Experiment, cell: Cell, profile: Profile, seed: number): RunPlan {
  const { runner, topology, settings, scenario, load, replicas, memory, queue, place } = cell.coordinates;
  const { backends, faults, backlogBytes, coresEach } = experiment.scenarios[scenario]!;
  return {
    runner,
    ...(place === 'cluster' ? { place } : {}),
    topology,
    settings,
    replicas,
    memoryBytes: parseByteSize(memory)!,
    ...(queue === 'default' ? {} : { queueBytes: parseByteSize(queue)! }),
    ...(backlogBytes === undefined ? {} : { backlogBytes }),
    ...(coresEach === undefined ? {} : { coresEach }),
    backends,
    load: experiment.loads[load]!,
    faults: faults
      .map(({ after, ...fault }) => ({
        ...fault,
        afterMs: 'ms' in after ? after.ms : Math.round(after.share * profile.durationMs),
      }))
      .sort((a, b) => a.afterMs - b.afterMs),
    warmUpMs: profile.warmUpMs,
    durationMs: profile.durationMs,
    seed,
  };
}
