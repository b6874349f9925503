import type { Workload } from '../../topology/index.ts';
import type { StateFolders } from './rendered-config.ts';

/** Folders below `folder` for workloads of one machine. A pipeline may have a queue in the entry and one in its dispatcher. */
export function machineState(folder: string, { role }: Pick<Workload, 'role'>): StateFolders {
  const queues = `${folder}/queues`;
  return { queues: role === 'entry' ? `${queues}/otlp-entry` : queues, deadLetters: `${folder}/dead-letters` };
}
